//===- TableLookUp.cpp - bytes of a table in registers ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Intrinsics.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Vector/Intrinsics.h"
#include "lib/Target/Host/CpuLevel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

static constexpr int64_t wordBytes = 4, wideLanes = 16;

namespace {
/// Looks up places in vectors of one length. The table is 64 words of four bytes, in as many
/// registers as that takes.
class TableLookUp {
public:
  TableLookUp(OpBuilder &builder, Location loc, const CpuLevel &level, ArrayRef<int8_t> table,
              int64_t lanes)
      : b(loc, builder), level(level), table(table), lanes(lanes),
        type(VectorType::get({lanes}, builder.getI32Type())) {}

  Value run(Value places);

private:
  Value splat(int64_t value) {
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(type, b.getI32IntegerAttr(static_cast<int32_t>(value))));
  }
  /// `count` bytes from `first` on.
  Value part(int64_t first, VectorType vector);
  /// The word at each of the places, which are below 64.
  Value permute(Value words);
  Value permuteBytes(Value places);
  /// Where a bit of the places is set the second, else the first.
  Value choose(Value words, int64_t bit, Value first, Value second);

  ImplicitLocOpBuilder b;
  const CpuLevel &level;
  ArrayRef<int8_t> table;
  int64_t lanes;
  VectorType type;
};
} // namespace

Value TableLookUp::part(int64_t first, VectorType vector) {
  int64_t bytes = vector.getNumElements() * vector.getElementTypeBitWidth() / 8;
  ArrayRef<int8_t> from = table.slice(first, bytes);
  return arith::ConstantOp::create(
      b, DenseElementsAttr::getFromRawBuffer(
             vector, ArrayRef<char>(reinterpret_cast<const char *>(from.data()), from.size())));
}

Value TableLookUp::choose(Value words, int64_t bit, Value first, Value second) {
  Value masked = arith::AndIOp::create(b, words, splat(bit));
  Value isSet = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, masked, splat(0));
  return arith::SelectOp::create(b, isSet, second, first);
}

/// Registers of as many words as there are lanes; two of them at a time where an instruction takes
/// two. What of the places they do not read chooses between them, bit by bit.
Value TableLookUp::permute(Value words) {
  bool takesTwo = lanes == wideLanes;
  int64_t step = lanes * wordBytes * (takesTwo ? 2 : 1);
  SmallVector<Value> found;
  for (int64_t first = 0; first < static_cast<int64_t>(table.size()); first += step) {
    SmallVector<Value> operands = {part(first, type), words};
    if (takesTwo)
      operands.push_back(part(first + lanes * wordBytes, type));
    found.push_back(permuteWords(b, b.getLoc(), level, operands));
  }
  for (int64_t bit = step / wordBytes; found.size() > 1; bit *= 2) {
    SmallVector<Value> chosen;
    for (size_t i = 0; i < found.size(); i += 2)
      chosen.push_back(choose(words, bit, found[i], found[i + 1]));
    found = std::move(chosen);
  }
  return found.front();
}

/// Four registers of 16 bytes are read at a time; bytes of other places are 0.
Value TableLookUp::permuteBytes(Value places) {
  constexpr int64_t step = 64, registerBytes = 16;
  constexpr int64_t otherBytes = 0xffffff00;
  auto bytes = VectorType::get({lanes * wordBytes}, b.getI8Type());
  Value result;
  for (int64_t first = 0; first < static_cast<int64_t>(table.size()); first += step) {
    Value here = arith::SubIOp::create(b, places, splat(first));
    here = arith::OrIOp::create(b, here, splat(static_cast<int32_t>(otherBytes)));
    SmallVector<Value> operands;
    for (int64_t i = 0; i < step; i += registerBytes)
      operands.push_back(part(first + i, bytes));
    operands.push_back(vector::BitCastOp::create(b, bytes, here));
    Value found = vector::BitCastOp::create(b, type, permuteWords(b, b.getLoc(), level, operands));
    result = result ? Value(arith::OrIOp::create(b, result, found)) : found;
  }
  return result;
}

Value TableLookUp::run(Value places) {
  if (level.architecture == CpuArchitecture::aarch64)
    return permuteBytes(places);
  Value word = permute(arith::ShRUIOp::create(b, places, splat(2)));
  Value byte = arith::AndIOp::create(b, places, splat(wordBytes - 1));
  Value shift = arith::ShLIOp::create(b, byte, splat(3));
  return arith::AndIOp::create(b, arith::ShRUIOp::create(b, word, shift), splat(UINT8_MAX));
}

Value cpu::lookUpTable(OpBuilder &builder, Location loc, const CpuLevel &level,
                       ArrayRef<int8_t> table, Value places) {
  auto native = static_cast<int64_t>(level.f32Lanes());
  auto type = dyn_cast<VectorType>(places.getType());
  Type i32 = builder.getI32Type();
  auto whole = VectorType::get({native}, i32);
  if (!type) {
    Value all = vector::BroadcastOp::create(builder, loc, whole, places);
    Value found = TableLookUp(builder, loc, level, table, native).run(all);
    return vector::ExtractOp::create(builder, loc, found, ArrayRef<int64_t>(0));
  }
  int64_t lanes = type.getNumElements();
  if (lanes == native)
    return TableLookUp(builder, loc, level, table, native).run(places);
  // In parts, of which the last may be filled up.
  Value result = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  for (int64_t first = 0; first < lanes; first += native) {
    int64_t count = std::min(native, lanes - first);
    Value part = vector::ExtractStridedSliceOp::create(builder, loc, places, first, count, 1);
    if (count < native) {
      Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(whole));
      part = vector::InsertStridedSliceOp::create(builder, loc, part, zero, 0, 1);
    }
    Value found = TableLookUp(builder, loc, level, table, native).run(part);
    if (count < native)
      found = vector::ExtractStridedSliceOp::create(builder, loc, found, 0, count, 1);
    result = vector::InsertStridedSliceOp::create(builder, loc, found, result, first, 1);
  }
  return result;
}
