//===- Reduce.cpp - reductions -------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reductions as linalg.generic with reduction iterators into a tensor without the reduced
// dimensions, which come back as a view; run-time axes as loops.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/NNToLinalg/Indexing.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

static Type elementType(Value value) { return cast<TensorType>(value.getType()).getElementType(); }

/// Sums and products of halves are accumulated in f32; a max or min loses nothing in its type.
static bool isWidened(ReduceKind kind, Type type) {
  return (type.isF16() || type.isBF16()) && (kind == ReduceKind::Sum || kind == ReduceKind::Prod);
}

/// The nn type of what a reduction accumulates in.
static Type accumulatorType(ReduceKind kind, Type type) {
  return isWidened(kind, type) ? Float32Type::get(type.getContext()) : type;
}

/// A tensor of neutral elements.
static Value fillNeutral(ScalarBuilder &b, ReduceKind kind, Type type,
                         ArrayRef<OpFoldResult> sizes) {
  Value neutral = storeElement(b, neutralElement(b, kind, type), type);
  Value empty = createEmpty(b, b.getLoc(), sizes, neutral.getType());
  return linalg::FillOp::create(b, neutral, empty).getResult(0);
}

/// Every element of `value` from nn type `from` to `to`.
static Value convertElements(ScalarBuilder &b, Value value, Type from, Type to) {
  auto type = cast<RankedTensorType>(value.getType());
  if (from == to)
    return value;
  Value empty = createEmpty(b, b.getLoc(), tensor::getMixedSizes(b, b.getLoc(), value),
                            LoweredTypes::element(to));
  SmallVector<AffineMap> maps(2, b.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
  auto generic =
      linalg::GenericOp::create(b, empty.getType(), value, empty, maps, iterators,
                                [&](OpBuilder &builder, Location loc, ValueRange args) {
                                  ScalarBuilder body(loc, builder);
                                  Value cast =
                                      scalarCast(body, loadElement(body, args[0], from), from, to);
                                  linalg::YieldOp::create(body, storeElement(body, cast, to));
                                });
  return generic.getResult(0);
}

/// Puts reduced dimensions back with size 1. `axes` ascending.
static Value expandReduced(ScalarBuilder &b, Value value, RankedTensorType type,
                           ArrayRef<int64_t> axes, ArrayRef<OpFoldResult> sizes) {
  SmallVector<ReassociationIndices> groups;
  size_t kept = 0;
  for (int64_t i = 0, rank = type.getRank(); i < rank; ++i) {
    bool isReduced = llvm::is_contained(axes, i);
    if (groups.empty() || (!isReduced && kept > 0))
      groups.emplace_back();
    groups.back().push_back(i);
    kept += !isReduced;
  }
  if (axes.empty())
    return castTo(b, b.getLoc(), value, type);
  if (kept == 0)
    groups.clear();
  // The view needs a static size where the result has one.
  SmallVector<int64_t> shape;
  for (int64_t i = 0, rank = type.getRank(); i < rank; ++i)
    if (!llvm::is_contained(axes, i))
      shape.push_back(type.getDimSize(i));
  auto collapsed = RankedTensorType::get(shape, type.getElementType());
  return tensor::ExpandShapeOp::create(b, type, castTo(b, b.getLoc(), value, collapsed), groups,
                                       sizes);
}

namespace {
/// reduce over [1] of (d0, d1): generic with iterators (parallel, reduction) into (d0)
struct LowerReduce : NNPattern<ReduceOp> {
  using NNPattern::NNPattern;

  LogicalResult matchAndRewrite(ReduceOp op, OpAdaptor adaptor, Rewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    Type type = elementType(op.getInput()), accumulator = accumulatorType(op.getKind(), type);
    int64_t rank = cast<TensorType>(op.getInput().getType()).getRank();
    SmallVector<OpFoldResult> sizes = lowerSizes(rewriter, op.getLoc(), op.getResult(), state);
    SmallVector<OpFoldResult> keptSizes;
    SmallVector<AffineExpr> keptDims;
    SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::reduction);
    for (int64_t i = 0; i < rank; ++i) {
      if (llvm::is_contained(op.getAxes(), i))
        continue;
      iterators[i] = utils::IteratorType::parallel;
      keptSizes.push_back(sizes[i]);
      keptDims.push_back(b.getAffineDimExpr(i));
    }
    Value init = fillNeutral(b, op.getKind(), accumulator, keptSizes);
    SmallVector<AffineMap> maps = {b.getMultiDimIdentityMap(rank),
                                   AffineMap::get(rank, 0, keptDims, b.getContext())};
    auto generic = linalg::GenericOp::create(
        b, init.getType(), adaptor.getInput(), init, maps, iterators,
        [&](OpBuilder &builder, Location loc, ValueRange args) {
          ScalarBuilder body(loc, builder);
          Value element = loadElement(body, args[0], type);
          Value sum = loadElement(body, args[1], accumulator);
          Value next = scalarBinary(body, combiner(op.getKind()), sum, element, accumulator);
          linalg::YieldOp::create(body, storeElement(body, next, accumulator));
        });
    Value result = convertElements(b, generic.getResult(0), accumulator, type);
    rewriter.replaceOp(op, expandReduced(b, result, lowered(op.getResult()), op.getAxes(), sizes));
    return success();
  }
};

/// Loops over the input, which combine each element into the result at its position with 0 in
/// the masked dimensions.
struct LowerReduceMasked : NNPattern<ReduceMaskedOp> {
  using NNPattern::NNPattern;

  LogicalResult matchAndRewrite(ReduceMaskedOp op, OpAdaptor adaptor,
                                Rewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    Type type = elementType(op.getInput()), accumulator = accumulatorType(op.getKind(), type);
    auto resultType = lowered(op.getResult());
    SmallVector<Value> inputSizes = sizeValues(rewriter, op.getLoc(), op.getInput(), state);
    Value zero = arith::ConstantIndexOp::create(b, 0), one = arith::ConstantIndexOp::create(b, 1);
    SmallVector<Value> isMasked;
    SmallVector<OpFoldResult> sizes;
    for (auto [i, size] : llvm::enumerate(inputSizes)) {
      Value index = arith::ConstantIndexOp::create(b, i);
      Value stored = tensor::ExtractOp::create(b, adaptor.getMask(), index);
      isMasked.push_back(loadElement(b, stored, b.getI1Type()));
      Value computed = arith::SelectOp::create(b, isMasked.back(), one, size);
      sizes.push_back(dataSize(b, computed, resultType, i));
    }
    Value init = fillNeutral(b, op.getKind(), accumulator, sizes);
    Value combined = buildLoops(
        b, inputSizes, init, [&](ScalarBuilder &body, ValueRange at, ValueRange carried) {
          SmallVector<Value> place;
          for (auto [index, masked] : llvm::zip(at, isMasked))
            place.push_back(arith::SelectOp::create(body, masked, zero, index));
          Value element = tensor::ExtractOp::create(body, adaptor.getInput(), at);
          Value sum = tensor::ExtractOp::create(body, carried[0], place);
          Value next =
              scalarBinary(body, combiner(op.getKind()), loadElement(body, sum, accumulator),
                           loadElement(body, element, type), accumulator);
          Value stored = storeElement(body, next, accumulator);
          return SmallVector<Value>{tensor::InsertOp::create(body, stored, carried[0], place)};
        })[0];
    Value result = convertElements(b, combined, accumulator, type);
    rewriter.replaceOp(op, castTo(b, op.getLoc(), result, resultType));
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Arg-max
//===----------------------------------------------------------------------===//

/// generic with two results, the best element so far and its position
struct LowerArgReduce : NNPattern<ArgReduceOp> {
  using NNPattern::NNPattern;

  /// Whether `element` replaces `best`. NaN does, but only the first (or last) one.
  static Value isBetter(ScalarBuilder &b, ArgReduceOp op, Value element, Value best, Type type) {
    bool isMax = op.getKind() == ReduceKind::Max, last = op.getSelectLast();
    ComparePredicate predicate = isMax ? (last ? ComparePredicate::Ge : ComparePredicate::Gt)
                                       : (last ? ComparePredicate::Le : ComparePredicate::Lt);
    Value better = scalarCompare(b, predicate, element, best, type);
    if (!isa<FloatType>(type))
      return better;
    Value isNan = scalarUnary(b, UnaryKind::IsNan, element, type);
    Value bestIsNan = scalarUnary(b, UnaryKind::IsNan, best, type);
    if (last)
      return arith::OrIOp::create(b, better, isNan);
    Value yes = arith::ConstantIntOp::create(b, 1, 1);
    Value isFirst = arith::AndIOp::create(b, isNan, arith::XOrIOp::create(b, bestIsNan, yes));
    return arith::OrIOp::create(b, better, isFirst);
  }

  LogicalResult matchAndRewrite(ArgReduceOp op, OpAdaptor adaptor,
                                Rewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    Type type = elementType(op.getInput());
    int64_t rank = cast<TensorType>(op.getInput().getType()).getRank(), axis = op.getAxis();
    SmallVector<OpFoldResult> sizes = lowerSizes(rewriter, op.getLoc(), op.getResult(), state);
    SmallVector<OpFoldResult> keptSizes(sizes);
    keptSizes.erase(keptSizes.begin() + axis);
    SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
    iterators[axis] = utils::IteratorType::reduction;
    AffineMap identity = b.getMultiDimIdentityMap(rank), kept = identity.dropResult(axis);
    Value best = fillNeutral(b, op.getKind(), type, keptSizes);
    Value place = fillNeutral(b, ReduceKind::Sum, b.getI64Type(), keptSizes);
    auto generic = linalg::GenericOp::create(
        b, TypeRange{best.getType(), place.getType()}, adaptor.getInput(), ValueRange{best, place},
        ArrayRef<AffineMap>{identity, kept, kept}, iterators,
        [&](OpBuilder &builder, Location loc, ValueRange args) {
          ScalarBuilder body(loc, builder);
          Value element = loadElement(body, args[0], type);
          Value better = isBetter(body, op, element, loadElement(body, args[1], type), type);
          Value here = arith::IndexCastOp::create(body, body.getI64Type(),
                                                  linalg::IndexOp::create(body, axis));
          Value value = arith::SelectOp::create(body, better, args[0], args[1]);
          Value position = arith::SelectOp::create(body, better, here, args[2]);
          linalg::YieldOp::create(body, ValueRange{value, position});
        });
    rewriter.replaceOp(
        op, expandReduced(b, generic.getResult(1), lowered(op.getResult()), {axis}, sizes));
    return success();
  }
};
} // namespace

void optc::nn::populateReduce(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerReduce, LowerReduceMasked, LowerArgReduce>(patterns.getContext(), state);
}
