//===- Indexing.cpp - computed positions and sequential loops ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Indexing.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/NNToLinalg/Indexing.h"
#include "dialects/Run/Run.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include <limits>

using namespace mlir;
using namespace optc;
using namespace optc::nn;

Value optc::nn::buildGeneric(ScalarBuilder &b, Value init, ValueRange inputs,
                             ArrayRef<AffineMap> maps,
                             function_ref<Value(ScalarBuilder &, ValueRange)> element) {
  int64_t rank = cast<RankedTensorType>(init.getType()).getRank();
  SmallVector<AffineMap> all(maps);
  all.push_back(b.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  auto generic =
      linalg::GenericOp::create(b, init.getType(), inputs, init, all, iterators,
                                [&](OpBuilder &builder, Location loc, ValueRange args) {
                                  ScalarBuilder body(loc, builder);
                                  linalg::YieldOp::create(body, element(body, args.drop_back()));
                                });
  return generic.getResult(0);
}

SmallVector<Value> optc::nn::loopPositions(ScalarBuilder &b, int64_t begin, int64_t end) {
  return llvm::map_to_vector(llvm::seq<int64_t>(begin, end),
                             [&](int64_t i) -> Value { return linalg::IndexOp::create(b, i); });
}

Value optc::nn::resolveIndex(ScalarBuilder &b, Value stored, Type type, Value size) {
  Type index = b.getIndexType();
  std::string message =
      "node '" + nodeName(b.getLoc()) + "': index {0} is out of range for a size of {1}";
  if (type.isUnsignedInteger())
    return run::CheckedIndexOp::create(b, arith::IndexCastUIOp::create(b, index, stored), size,
                                       b.getStringAttr(message));
  Value raw = arith::IndexCastOp::create(b, index, stored);
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value isNegative = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, raw, zero);
  Value wrapped = arith::SelectOp::create(b, isNegative, arith::AddIOp::create(b, raw, size), raw);
  return run::CheckedIndexOp::create(b, wrapped, size, b.getStringAttr(message));
}

Value optc::nn::resolveIndices(ScalarBuilder &b, Value indices, Value lowered, Value size) {
  auto type = cast<RankedTensorType>(lowered.getType());
  Type element = cast<TensorType>(indices.getType()).getElementType();
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, b.getLoc(), lowered);
  Value empty = createEmpty(b, b.getLoc(), sizes, b.getI64Type());
  AffineMap identity = b.getMultiDimIdentityMap(type.getRank());
  return buildGeneric(b, empty, lowered, identity, [&](ScalarBuilder &body, ValueRange read) {
    Value position = resolveIndex(body, read[0], element, size);
    return arith::IndexCastOp::create(body, body.getI64Type(), position);
  });
}

SmallVector<Value> optc::nn::sizeValues(ConversionPatternRewriter &rewriter, Location loc,
                                        Value original, LoweringState &state) {
  return getValueOrCreateConstantIndexOp(rewriter, loc, lowerSizes(rewriter, loc, original, state));
}

SmallVector<Value> optc::nn::buildLoops(
    ScalarBuilder &b, ArrayRef<Value> sizes, ValueRange carried,
    function_ref<SmallVector<Value>(ScalarBuilder &, ValueRange, ValueRange)> body) {
  Value zero = arith::ConstantIndexOp::create(b, 0), one = arith::ConstantIndexOp::create(b, 1);
  SmallVector<Value> lower(sizes.size(), zero), steps(sizes.size(), one);
  scf::LoopNest nest = scf::buildLoopNest(
      b, b.getLoc(), lower, sizes, steps, carried,
      [&](OpBuilder &builder, Location loc, ValueRange indices, ValueRange arguments) {
        ScalarBuilder inner(loc, builder);
        return scf::ValueVector(body(inner, indices, arguments));
      });
  return SmallVector<Value>(nest.results);
}

OpFoldResult optc::nn::dataSize(ScalarBuilder &b, Value computed, RankedTensorType type,
                                int64_t dim) {
  if (type.isDynamicDim(dim))
    return getAsOpFoldResult(computed);
  Value declared = arith::ConstantIndexOp::create(b, type.getDimSize(dim));
  Value isEqual = b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, computed, declared);
  std::string message =
      "node '" + nodeName(b.getLoc()) + "': a result has the size {0}, the model declares {1}";
  run::RequireOp::create(b, isEqual, b.getStringAttr(message), ValueRange{computed, declared});
  return b.getIndexAttr(type.getDimSize(dim));
}

BinaryKind optc::nn::combiner(ReduceKind kind) {
  switch (kind) {
  case ReduceKind::Sum:
    return BinaryKind::Add;
  case ReduceKind::Prod:
    return BinaryKind::Mul;
  case ReduceKind::Max:
    return BinaryKind::Max;
  case ReduceKind::Min:
    return BinaryKind::Min;
  }
  llvm_unreachable("all kinds are handled");
}

Value optc::nn::neutralElement(ScalarBuilder &b, ReduceKind kind, Type type) {
  bool isMax = kind == ReduceKind::Max;
  if (auto floatType = dyn_cast<FloatType>(type)) {
    Type wide = type.isF64() ? type : b.getF32Type();
    double infinity = std::numeric_limits<double>::infinity();
    if (kind == ReduceKind::Sum || kind == ReduceKind::Prod)
      return scalarConstant(b, wide, kind == ReduceKind::Sum ? 0 : 1);
    return scalarConstant(b, wide, isMax ? -infinity : infinity);
  }
  auto integer = cast<IntegerType>(type);
  unsigned bits = integer.getWidth();
  bool isUnsigned = integer.isUnsigned() || bits == 1;
  APInt value(bits, kind == ReduceKind::Prod);
  if (kind == ReduceKind::Max)
    value = isUnsigned ? APInt::getMinValue(bits) : APInt::getSignedMinValue(bits);
  if (kind == ReduceKind::Min)
    value = isUnsigned ? APInt::getMaxValue(bits) : APInt::getSignedMaxValue(bits);
  unsigned width = bits == 1 ? 1 : std::max(8u, bits);
  value = isUnsigned ? value.zextOrTrunc(width) : value.sextOrTrunc(width);
  return arith::ConstantOp::create(b, b.getIntegerAttr(b.getIntegerType(width), value));
}
