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

std::string optc::nn::nodeName(Location loc) {
  if (auto name = dyn_cast<NameLoc>(loc))
    return name.getName().str();
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      if (std::string name = nodeName(part); !name.empty())
        return name;
  return "";
}

OpFoldResult optc::nn::lowerDim(ConversionPatternRewriter &rewriter, Location loc, DimExpr dim,
                                LoweringState &state) {
  return materializeDim(rewriter, loc, dim, [&](unsigned index) -> OpFoldResult {
    const SymbolicShapes::Symbol &symbol = state.shapes.getSymbols()[index];
    Value value = rewriter.getRemappedValue(symbol.value);
    assert(value && "the size of a value that is not lowered yet");
    if (!symbol.isElement)
      return rewriter.createOrFold<tensor::DimOp>(loc, value, symbol.index);
    return extractIndex(rewriter, loc, value, symbol.index);
  });
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
  Value left = getValueOrCreateConstantIndexOp(rewriter, loc, lowerDim(rewriter, loc, a, state));
  Value right = getValueOrCreateConstantIndexOp(rewriter, loc, lowerDim(rewriter, loc, b, state));
  Value equal =
      rewriter.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, left, right);
  kernel::RequireOp::create(rewriter, loc, equal,
                            rewriter.getStringAttr("node '" + nodeName(loc) + "': " + what),
                            ValueRange{left, right});
}

BroadcastOperand optc::nn::broadcastOperand(ConversionPatternRewriter &rewriter, Location loc,
                                            Value original, Value lowered,
                                            ArrayRef<DimExpr> resultShape, LoweringState &state) {
  Shape shape = state.shapes.getShape(original);
  size_t rank = shape.size(), offset = resultShape.size() - rank;
  SmallVector<AffineExpr> exprs;
  SmallVector<ReassociationIndices> groups; // one per kept dimension, with the dropped ones after it
  SmallVector<int64_t> keptSizes;
  auto type = cast<RankedTensorType>(lowered.getType());
  for (size_t i = 0; i < rank; ++i) {
    DimExpr size = resultShape[offset + i];
    bool isKept = getConstant(shape[i]) != 1 || getConstant(size) == 1;
    if (isKept) {
      requireEqual(rewriter, loc, shape[i], size,
                   "sizes {0} and {1} do not broadcast (unrelated dynamic sizes must be equal)", state);
      exprs.push_back(rewriter.getAffineDimExpr(offset + i));
      keptSizes.push_back(type.getDimSize(i));
    }
    if (groups.empty() || (isKept && exprs.size() > 1))
      groups.emplace_back();
    groups.back().push_back(i);
  }
  AffineMap map = AffineMap::get(resultShape.size(), 0, exprs, rewriter.getContext());
  if (exprs.size() == rank)
    return {lowered, map};
  if (exprs.empty())
    groups.clear();
  auto collapsed = RankedTensorType::get(keptSizes, type.getElementType());
  return {tensor::CollapseShapeOp::create(rewriter, loc, collapsed, lowered, groups), map};
}

Value optc::nn::castTo(OpBuilder &builder, Location loc, Value value, RankedTensorType type) {
  return value.getType() == type ? value : tensor::CastOp::create(builder, loc, type, value);
}

Value optc::nn::extractIndex(OpBuilder &builder, Location loc, Value tensor, int64_t position) {
  return extractElement(builder, loc, tensor, position);
}
