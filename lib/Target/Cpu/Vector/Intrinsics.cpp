//===- Intrinsics.cpp - instructions that only some CPUs have --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Intrinsics.h. A table of what LLVM calls them; an empty name is an op of the LLVM dialect
// that is one instruction there.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Vector/Intrinsics.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

namespace {
enum class Form {
  PairProducts,
  ByteProducts,
  BytePairs,
  ShortPairs,
  LookUp,
  Permute,
  Round,
  Inverse,
  Scale
};

struct Intrinsic {
  Form form;
  CpuArchitecture architecture;
  CpuCapability capability;
  int64_t lanes;
  StringLiteral name;
};
} // namespace

static constexpr CpuArchitecture x86 = CpuArchitecture::x86_64, arm = CpuArchitecture::aarch64;

/// Of a form, the widest first.
static constexpr Intrinsic intrinsics[] = {
    {Form::PairProducts, x86, MultipliesBf16Pairs, 16, "llvm.x86.avx512bf16.dpbf16ps.512"},
    {Form::PairProducts, x86, MultipliesBf16Pairs, 8, "llvm.x86.avx512bf16.dpbf16ps.256"},
    {Form::PairProducts, arm, MultipliesBf16Pairs, 4, "llvm.aarch64.neon.bfdot.v4f32.v8bf16"},
    {Form::ByteProducts, x86, MultipliesBytes, 16, "llvm.x86.avx512.vpdpbusd.512"},
    {Form::ByteProducts, x86, MultipliesBytes, 8, "llvm.x86.avx512.vpdpbusd.256"},
    {Form::ByteProducts, arm, MultipliesBytes, 4, "llvm.aarch64.neon.sdot.v4i32.v16i8"},
    {Form::BytePairs, x86, MultipliesShortPairs, 16, "llvm.x86.avx512.pmaddubs.w.512"},
    {Form::BytePairs, x86, MultipliesShortPairs, 8, "llvm.x86.avx2.pmadd.ub.sw"},
    {Form::ShortPairs, x86, MultipliesShortPairs, 16, "llvm.x86.avx512.pmaddw.d.512"},
    {Form::ShortPairs, x86, MultipliesShortPairs, 8, "llvm.x86.avx2.pmadd.wd"},
    {Form::LookUp, x86, LooksUpBytes, 16, "llvm.x86.avx512.pshuf.b.512"},
    {Form::LookUp, x86, LooksUpBytes, 8, "llvm.x86.avx2.pshuf.b"},
    {Form::LookUp, arm, LooksUpBytes, 4, "llvm.aarch64.neon.tbl1.v16i8"},
    {Form::Permute, x86, LooksUpBytes, 16, "llvm.x86.avx512.vpermi2var.d.512"},
    {Form::Permute, x86, LooksUpBytes, 8, "llvm.x86.avx2.permd"},
    {Form::Permute, arm, LooksUpBytes, 4, "llvm.aarch64.neon.tbl4.v16i8"},
    {Form::Round, x86, MultipliesBf16Pairs, 16, "llvm.x86.avx512bf16.cvtneps2bf16.512"},
    {Form::Round, x86, MultipliesBf16Pairs, 8, "llvm.x86.avx512bf16.cvtneps2bf16.256"},
    {Form::Round, arm, MultipliesBf16Pairs, 4, ""}, // bfcvtn
    {Form::Inverse, x86, EstimatesInverses, 16, "llvm.x86.avx512.rcp14.ps.512"},
    {Form::Inverse, x86, EstimatesInverses, 8, "llvm.x86.avx512.rcp14.ps.256"},
    {Form::Scale, x86, ScalesByPowers, 16, "llvm.x86.avx512.mask.scalef.ps.512"},
};

/// The one for so many lanes; null if there is none.
static const Intrinsic *find(const CpuLevel &level, Form form, int64_t lanes) {
  for (const Intrinsic &each : intrinsics)
    if (each.form == form && each.architecture == level.architecture && each.lanes == lanes &&
        level.can(each.capability))
      return &each;
  return nullptr;
}

static int64_t lanesOf(Value value) { return cast<VectorType>(value.getType()).getNumElements(); }

static Value call(OpBuilder &builder, Location loc, const Intrinsic &intrinsic, Type type,
                  ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(builder, loc, type, builder.getStringAttr(intrinsic.name),
                                       operands)
      .getResult(0);
}

bool cpu::hasIntrinsic(const CpuLevel &level, CpuCapability capability, int64_t lanes) {
  return llvm::any_of(intrinsics, [&](const Intrinsic &each) {
    return each.capability == capability && find(level, each.form, lanes);
  });
}

Value cpu::addPairProducts(OpBuilder &builder, Location loc, const CpuLevel &level, Value sum,
                           Value left, Value right) {
  const Intrinsic *product = find(level, Form::PairProducts, lanesOf(sum));
  assert(product && "no instruction for so many lanes");
  return call(builder, loc, *product, sum.getType(), {sum, left, right});
}

std::optional<ByteSigns> cpu::getByteSigns(const CpuLevel &level, int64_t lanes) {
  if (!find(level, Form::ByteProducts, lanes))
    return std::nullopt;
  return ByteSigns{/*isLeftUnsigned=*/level.architecture == x86, /*isRightUnsigned=*/false};
}

Value cpu::addByteProducts(OpBuilder &builder, Location loc, const CpuLevel &level, Value sum,
                           Value left, Value right) {
  int64_t lanes = lanesOf(sum);
  const Intrinsic *product = find(level, Form::ByteProducts, lanes);
  assert(product && "no instruction for so many lanes");
  auto bytes = VectorType::get({4 * lanes}, builder.getI8Type());
  return call(builder, loc, *product, sum.getType(),
              {sum, vector::BitCastOp::create(builder, loc, bytes, left),
               vector::BitCastOp::create(builder, loc, bytes, right)});
}

Value cpu::multiplyShortPairs(OpBuilder &builder, Location loc, const CpuLevel &level, Value left,
                              Value right) {
  int64_t lanes = lanesOf(left) / 2;
  const Intrinsic *product = find(level, Form::ShortPairs, lanes);
  assert(product && "no instruction for so many lanes");
  return call(builder, loc, *product, VectorType::get({lanes}, builder.getI32Type()),
              {left, right});
}

Value cpu::multiplyBytePairs(OpBuilder &builder, Location loc, const CpuLevel &level, Value left,
                             Value right) {
  int64_t lanes = lanesOf(left);
  const Intrinsic *product = find(level, Form::BytePairs, lanes);
  assert(product && "no instruction for so many lanes");
  auto bytes = VectorType::get({4 * lanes}, builder.getI8Type());
  return call(builder, loc, *product, VectorType::get({2 * lanes}, builder.getI16Type()),
              {vector::BitCastOp::create(builder, loc, bytes, left),
               vector::BitCastOp::create(builder, loc, bytes, right)});
}

Value cpu::lookUpBytes(OpBuilder &builder, Location loc, const CpuLevel &level,
                       ArrayRef<int8_t> table, Value places) {
  // Each part of 16 bytes has the table to itself.
  constexpr size_t part = 16;
  const Intrinsic *lookUp = find(level, Form::LookUp, lanesOf(places));
  assert(lookUp && "no instruction for so many lanes");
  auto bytes = VectorType::get({4 * lanesOf(places)}, builder.getI8Type());
  SmallVector<int8_t> repeated(bytes.getNumElements(), 0);
  for (size_t i = 0; i < repeated.size(); ++i)
    if (i % part < table.size())
      repeated[i] = table[i % part];
  Value tables = arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get(bytes, ArrayRef<int8_t>(repeated)));
  Value found = call(builder, loc, *lookUp, bytes,
                     {tables, vector::BitCastOp::create(builder, loc, bytes, places)});
  return vector::BitCastOp::create(builder, loc, places.getType(), found);
}

Value cpu::permuteWords(OpBuilder &builder, Location loc, const CpuLevel &level,
                        ValueRange operands) {
  Type type = operands.front().getType();
  int64_t lanes = lanesOf(operands.front()) * cast<VectorType>(type).getElementTypeBitWidth() / 32;
  const Intrinsic *permute = find(level, Form::Permute, lanes);
  assert(permute && "no instruction for so many lanes");
  return call(builder, loc, *permute, type, operands);
}

Value cpu::roundToI32(OpBuilder &builder, Location loc, Value x) {
  auto type = cast<VectorType>(x.getType());
  std::string lanes = std::to_string(type.getNumElements());
  std::string name = "llvm.lrint.v" + lanes + "i32.v" + lanes + "f" +
                     std::to_string(type.getElementTypeBitWidth());
  return LLVM::CallIntrinsicOp::create(builder, loc, type.clone(builder.getI32Type()),
                                       builder.getStringAttr(name), x)
      .getResult(0);
}

Value cpu::roundToBf16(OpBuilder &builder, Location loc, const CpuLevel &level, Value wide) {
  int64_t lanes = lanesOf(wide);
  auto type = cast<VectorType>(wide.getType()).clone(builder.getBF16Type());
  auto round = [&](const Intrinsic &how, Value part) -> Value {
    Type narrow = VectorType::get({how.lanes}, builder.getBF16Type());
    if (how.name.empty())
      return LLVM::FPTruncOp::create(builder, loc, narrow, part);
    return call(builder, loc, how, narrow, part);
  };
  for (const Intrinsic &each : intrinsics) {
    if (each.form != Form::Round || find(level, Form::Round, each.lanes) != &each ||
        lanes % each.lanes)
      continue;
    if (lanes == each.lanes)
      return round(each, wide);
    Value whole = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
    for (int64_t first = 0; first < lanes; first += each.lanes) {
      Value part = vector::ExtractStridedSliceOp::create(builder, loc, wide, first, each.lanes, 1);
      whole =
          vector::InsertStridedSliceOp::create(builder, loc, round(each, part), whole, first, 1);
    }
    return whole;
  }
  return {};
}

Value cpu::estimateInverse(OpBuilder &builder, Location loc, const CpuLevel &level, Value x) {
  const Intrinsic *inverse = find(level, Form::Inverse, lanesOf(x));
  assert(inverse && "no instruction for so many lanes");
  // What lanes without their bit in the mask become, and the mask.
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(x.getType()));
  Value all = arith::ConstantOp::create(
      builder, loc,
      builder.getIntegerAttr(builder.getIntegerType(static_cast<unsigned>(lanesOf(x))), -1));
  return call(builder, loc, *inverse, x.getType(), {x, zero, all});
}

Value cpu::scaleByPower(OpBuilder &builder, Location loc, const CpuLevel &level, Value x, Value n) {
  const Intrinsic *scale = find(level, Form::Scale, lanesOf(x));
  assert(scale && "no instruction for so many lanes");
  Value all = arith::ConstantOp::create(builder, loc, builder.getI16IntegerAttr(-1));
  Value currentRounding = arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(4));
  return call(builder, loc, *scale, x.getType(), {x, n, x, all, currentRounding});
}
