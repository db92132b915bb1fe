//===- Broadcasting.cpp - operands that broadcast -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Broadcasting.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/NNToLinalg/Broadcasting.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

/// The sizes that operands have in dimension `dim` of a result of rank `rank`, each once.
static Shape sizesAt(ArrayRef<Shape> operands, size_t dim, size_t rank) {
  Shape sizes;
  for (const Shape &shape : operands)
    if (size_t first = rank - shape.size(); dim >= first)
      if (DimExpr size = shape[dim - first]; !llvm::is_contained(sizes, size))
        sizes.push_back(size);
  return sizes;
}

void optc::nn::requireBroadcast(ConversionPatternRewriter &rewriter, Location loc,
                                ArrayRef<Shape> operands, ArrayRef<DimExpr> result,
                                LoweringState &state) {
  SymbolicShapes &shapes = state.shapes;
  constexpr StringLiteral message = "sizes {0} and {1} do not broadcast";
  for (auto [dim, whole] : llvm::enumerate(result)) {
    Shape sizes = sizesAt(operands, dim, result.size());
    ArrayRef<DimExpr> parts = shapes.getParts(whole, SymbolicShapes::Symbol::Kind::Joined);
    Value hasWhole; // whether an operand has the result's size
    for (DimExpr size : sizes) {
      bool isFirst = !parts.empty() && size == parts.front(); // 1 or the whole, see joined sizes
      if (size == whole || getConstant(size) == 1 || isFirst)
        continue;
      Value have = lowerDimValue(rewriter, loc, size, state);
      Value want = lowerDimValue(rewriter, loc, whole, state);
      Value fits = areEqual(rewriter, loc, have, want), isFine = fits;
      if (shapes.mayBroadcast(size, whole)) {
        Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
        isFine = rewriter.createOrFold<arith::OrIOp>(loc, fits, areEqual(rewriter, loc, have, one));
      }
      require(rewriter, loc, isFine, message, {have, want});
      hasWhole = hasWhole ? rewriter.createOrFold<arith::OrIOp>(loc, hasWhole, fits) : fits;
    }
    bool isKnown = !parts.empty() || llvm::is_contained(sizes, whole);
    if (!isKnown && hasWhole) // declared by the model, or required by a later node
      require(rewriter, loc, hasWhole, "no operand has the size {0} that its result must have",
              lowerDimValue(rewriter, loc, whole, state));
  }
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

/// A copy of `value` with the sizes `wanted`: where they differ from its own, those are 1.
static Value repeat(OpBuilder &builder, Location loc, Value value, RankedTensorType type,
                    ArrayRef<OpFoldResult> wanted, ArrayRef<int64_t> unsure) {
  Value empty = createEmpty(builder, loc, wanted, type.getElementType());
  SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
  // Their last places, which are the first and only ones where they are repeated.
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  SmallVector<Value> last(type.getRank());
  for (int64_t dim : unsure)
    last[dim] = arith::SubIOp::create(builder, loc,
                                      builder.createOrFold<tensor::DimOp>(loc, value, dim), one);
  auto copy =
      linalg::GenericOp::create(builder, loc, empty.getType(), ValueRange(), empty,
                                builder.getMultiDimIdentityMap(type.getRank()), iterators,
                                [&](OpBuilder &body, Location at, ValueRange) {
                                  SmallVector<Value> place;
                                  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
                                    place.push_back(linalg::IndexOp::create(body, at, dim));
                                    if (last[dim])
                                      place.back() =
                                          arith::MinUIOp::create(body, at, place.back(), last[dim]);
                                  }
                                  Value element = tensor::ExtractOp::create(body, at, value, place);
                                  linalg::YieldOp::create(body, at, element);
                                });
  return castTo(builder, loc, copy.getResult(0), type);
}

/// The operand behind a guard: its dimensions `unsure` have the sizes `target` afterwards.
static Value guard(ConversionPatternRewriter &rewriter, Location loc, Value value,
                   ArrayRef<DimExpr> shape, ArrayRef<DimExpr> target, ArrayRef<int64_t> unsure,
                   LoweringState &state) {
  auto from = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> staticSizes(from.getShape());
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, loc, value);
  Value fits;
  for (int64_t dim : unsure) {
    sizes[dim] = lowerDim(rewriter, loc, target[dim], state);
    staticSizes[dim] = getConstant(target[dim]).value_or(ShapedType::kDynamic);
    if (!state.shapes.mayBroadcast(shape[dim], target[dim]))
      continue; // it is equal: that is checked
    Value isEqual = areEqual(rewriter, loc, lowerDimValue(rewriter, loc, shape[dim], state),
                             getValueOrCreateConstantIndexOp(rewriter, loc, sizes[dim]));
    fits = fits ? rewriter.createOrFold<arith::AndIOp>(loc, fits, isEqual) : isEqual;
  }
  RankedTensorType type = from.clone(staticSizes);
  if (!fits)
    return castTo(rewriter, loc, value, type);
  auto branch = scf::IfOp::create(
      rewriter, loc, fits,
      [&](OpBuilder &body, Location at) {
        scf::YieldOp::create(body, at, castTo(body, at, value, type));
      },
      [&](OpBuilder &body, Location at) {
        scf::YieldOp::create(body, at, repeat(body, at, value, type, sizes, unsure));
      });
  return branch.getResult(0);
}

BroadcastOperand optc::nn::broadcastOperand(ConversionPatternRewriter &rewriter, Location loc,
                                            Value original, Value lowered,
                                            ArrayRef<DimExpr> resultShape, LoweringState &state) {
  Shape shape = state.shapes.getShape(original);
  size_t rank = shape.size(), offset = resultShape.size() - rank;
  ArrayRef<DimExpr> target = resultShape.drop_front(offset);
  SmallVector<int64_t> unsure;
  for (auto [i, size] : llvm::enumerate(shape))
    if (size != target[i] && getConstant(size) != 1)
      unsure.push_back(i);
  if (!unsure.empty())
    lowered = guard(rewriter, loc, lowered, shape, target, unsure, state);
  SmallVector<AffineExpr> exprs;
  SmallVector<ReassociationIndices>
      groups; // one per kept dimension, with the dropped ones after it
  SmallVector<int64_t> keptSizes;
  auto type = cast<RankedTensorType>(lowered.getType());
  for (size_t i = 0; i < rank; ++i) {
    bool isKept = getConstant(shape[i]) != 1 || getConstant(target[i]) == 1;
    if (isKept) {
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
