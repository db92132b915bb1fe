//===- Lowering.cpp - what the patterns share ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Lowering.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/NNToLinalg/Lowering.h"
#include "dialects/Run/Run.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

Type LoweredTypes::element(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return type;
  return IntegerType::get(type.getContext(), std::max(8u, integer.getWidth()));
}

LoweredTypes::LoweredTypes() {
  addConversion([](Type type) { return type; });
  addConversion([](RankedTensorType type) -> Type {
    return RankedTensorType::get(type.getShape(), element(type.getElementType()));
  });
}

OpFoldResult optc::nn::lowerDim(ConversionPatternRewriter &rewriter, Location loc, DimExpr dim,
                                LoweringState &state) {
  auto valueOf = [&](const SymbolicShapes::Symbol &symbol) -> OpFoldResult {
    Value value = rewriter.getRemappedValue(symbol.value);
    assert(value && "the size of a value that is not lowered yet");
    if (symbol.kind == SymbolicShapes::Symbol::Kind::Dim)
      return rewriter.createOrFold<tensor::DimOp>(loc, value, symbol.index);
    return extractIndex(rewriter, loc, value, symbol.index);
  };
  return SizeMaterializer(state.shapes, rewriter, loc, valueOf, state.sizeValues).materialize(dim);
}

Value optc::nn::lowerDimValue(ConversionPatternRewriter &rewriter, Location loc, DimExpr dim,
                              LoweringState &state) {
  return getValueOrCreateConstantIndexOp(rewriter, loc, lowerDim(rewriter, loc, dim, state));
}

SmallVector<OpFoldResult> optc::nn::lowerSizes(ConversionPatternRewriter &rewriter, Location loc,
                                               Value original, LoweringState &state) {
  SmallVector<OpFoldResult> sizes;
  for (DimExpr dim : Shape(state.shapes.getShape(original)))
    sizes.push_back(lowerDim(rewriter, loc, dim, state));
  return sizes;
}

Value optc::nn::createEmpty(OpBuilder &builder, Location loc, ArrayRef<OpFoldResult> sizes,
                            Type element) {
  return tensor::EmptyOp::create(builder, loc, sizes, element);
}

Value optc::nn::createEmpty(ConversionPatternRewriter &rewriter, Location loc, Value original,
                            LoweringState &state, Type element) {
  auto type = cast<RankedTensorType>(original.getType());
  if (!element)
    element = LoweredTypes::element(type.getElementType());
  return createEmpty(rewriter, loc, lowerSizes(rewriter, loc, original, state), element);
}

void optc::nn::requireEqual(ConversionPatternRewriter &rewriter, Location loc, DimExpr a, DimExpr b,
                            const Twine &what, LoweringState &state) {
  if (a == b)
    return;
  Value left = lowerDimValue(rewriter, loc, a, state);
  Value right = lowerDimValue(rewriter, loc, b, state);
  require(rewriter, loc, areEqual(rewriter, loc, left, right), what, {left, right});
}

Value optc::nn::areEqual(OpBuilder &builder, Location loc, Value a, Value b) {
  return builder.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, a, b);
}

void optc::nn::require(OpBuilder &builder, Location loc, Value condition, const Twine &what,
                       ValueRange values) {
  run::RequireOp::create(builder, loc, condition,
                         builder.getStringAttr("node '" + nodeName(loc) + "': " + what), values);
}

Value optc::nn::castTo(OpBuilder &builder, Location loc, Value value, RankedTensorType type) {
  return value.getType() == type ? value : tensor::CastOp::create(builder, loc, type, value);
}

Value optc::nn::extractIndex(OpBuilder &builder, Location loc, Value tensor, int64_t position) {
  return extractElement(builder, loc, tensor, position);
}
