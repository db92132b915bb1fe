//===- DecomposePool.cpp - pool as linalg ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// kernel.pool becomes a pad with the neutral element, one reduction over the window, and one
// elementwise op if it averages or has an epilogue.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Passes/Decompose.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace optc;
using namespace optc::kernel;

/// What leaves a maximum or sum as it is.
static TypedAttr neutralElement(OpBuilder &builder, PoolKind kind, Type type) {
  if (kind == PoolKind::Average)
    return builder.getZeroAttr(type);
  if (auto floatType = dyn_cast<FloatType>(type))
    return builder.getFloatAttr(type,
                                APFloat::getInf(floatType.getFloatSemantics(), /*Negative=*/true));
  return builder.getIntegerAttr(type, APInt::getSignedMinValue(type.getIntOrFloatBitWidth()));
}

static Value combine(OpBuilder &builder, Location loc, PoolKind kind, Value a, Value b) {
  bool isFloat = isa<FloatType>(a.getType());
  if (kind == PoolKind::Max)
    return isFloat ? arith::MaximumFOp::create(builder, loc, a, b).getResult()
                   : arith::MaxSIOp::create(builder, loc, a, b).getResult();
  return isFloat ? arith::AddFOp::create(builder, loc, a, b).getResult()
                 : arith::AddIOp::create(builder, loc, a, b).getResult();
}

/// The input grown so that every window lies inside.
static Value padInput(RewriterBase &rewriter, PoolOp op, TypedAttr neutral) {
  Location loc = op.getLoc();
  OpFoldResult zero = rewriter.getIndexAttr(0);
  SmallVector<OpFoldResult> low = {zero}, high = {zero};
  bool pads = false;
  for (unsigned i = 0; i < op.getNumSpatial(); ++i) {
    OpFoldResult in = tensor::getMixedSize(rewriter, loc, op.getInput(), i + 1);
    OpFoldResult out = tensor::getMixedSize(rewriter, loc, op.getInit(), i + 1);
    int64_t begin = op.getPadsBegin()[i];
    AffineExpr d0, d1;
    bindDims(rewriter.getContext(), d0, d1);
    AffineExpr missing = (d0 - 1) * op.getStrides()[i] +
                         ((op.getWindow()[i] - 1) * op.getDilations()[i] + 1 - begin) - d1;
    AffineMap map =
        AffineMap::get(2, 0, {rewriter.getAffineConstantExpr(0), missing}, op.getContext());
    low.push_back(rewriter.getIndexAttr(begin));
    high.push_back(affine::makeComposedFoldedAffineMax(rewriter, loc, map, {out, in}));
    pads |= begin != 0 || !isConstantIntValue(high.back(), 0);
  }
  if (!pads)
    return op.getInput();
  low.push_back(zero);
  high.push_back(zero);
  Value element = arith::ConstantOp::create(rewriter, loc, neutral);
  return tensor::PadOp::create(rewriter, loc, Type(), op.getInput(), low, high, element);
}

/// Number of positions the average of the current element divides by, at least 1.
static Value countPositions(OpBuilder &builder, Location loc, PoolOp op,
                            ArrayRef<OpFoldResult> sizes) {
  Value count;
  for (unsigned i = 0; i < op.getNumSpatial(); ++i) {
    int64_t begin = op.getPadsBegin()[i], dilation = op.getDilations()[i];
    int64_t first = op.getCountPads() ? -begin : 0;
    int64_t grown = op.getCountPads() ? op.getPadsEnd()[i] : 0;
    AffineExpr place, size;
    bindDims(builder.getContext(), place, size);
    AffineExpr start = place * op.getStrides()[i] - begin;
    SmallVector<OpFoldResult> operands = {linalg::IndexOp::create(builder, loc, i + 1).getResult(),
                                          sizes[i]};
    auto map = [&](int64_t bound, AffineExpr expr) {
      return AffineMap::get(2, 0, {builder.getAffineConstantExpr(bound), expr},
                            builder.getContext());
    };
    Value from = getValueOrCreateConstantIndexOp(
        builder, loc,
        affine::makeComposedFoldedAffineMax(builder, loc, map(0, (first - start).ceilDiv(dilation)),
                                            operands));
    Value to = getValueOrCreateConstantIndexOp(
        builder, loc,
        affine::makeComposedFoldedAffineMin(
            builder, loc, map(op.getWindow()[i], (size + grown - start).ceilDiv(dilation)),
            operands));
    Value taps = arith::SubIOp::create(builder, loc, to, from);
    count = count ? arith::MulIOp::create(builder, loc, count, taps).getResult() : taps;
  }
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  return arith::MaxSIOp::create(builder, loc, count, one);
}

static FailureOr<Value> decomposePool(RewriterBase &rewriter, PoolOp op) {
  Location loc = op.getLoc();
  unsigned spatial = op.getNumSpatial(), rank = spatial + 2;
  Type type = op.getInputType().getElementType();
  PoolKind kind = op.getKind();
  TypedAttr neutral = neutralElement(rewriter, kind, type);
  auto dim = [&](unsigned i) { return rewriter.getAffineDimExpr(i); };
  SmallVector<AffineExpr> inputExprs = {dim(0)}, windowExprs;
  for (unsigned i = 0; i < spatial; ++i) {
    inputExprs.push_back(dim(1 + i) * op.getStrides()[i] + dim(rank + i) * op.getDilations()[i]);
    windowExprs.push_back(dim(rank + i));
  }
  inputExprs.push_back(dim(rank - 1));
  MLIRContext *context = op.getContext();
  SmallVector<AffineMap> maps = {
      AffineMap::get(rank + spatial, 0, inputExprs, context),
      AffineMap::get(rank + spatial, 0, windowExprs, context),
      AffineMap::getMultiDimIdentityMap(rank + spatial, context).getMajorSubMap(rank)};
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  iterators.append(spatial, utils::IteratorType::reduction);
  Value window = tensor::EmptyOp::create(rewriter, loc, op.getWindow(), rewriter.getI8Type());
  Value init =
      createFilled(rewriter, loc, tensor::getMixedSizes(rewriter, loc, op.getInit()), neutral);
  Value input = padInput(rewriter, op, neutral);
  Value sums =
      linalg::GenericOp::create(rewriter, loc, TypeRange(init.getType()), ValueRange{input, window},
                                ValueRange(init), maps, iterators,
                                [&](OpBuilder &builder, Location loc, ValueRange args) {
                                  Value sum = combine(builder, loc, kind, args[2], args[0]);
                                  linalg::YieldOp::create(builder, loc, sum);
                                })
          .getResult(0);
  if (kind == PoolKind::Max)
    return applyEpilogue(rewriter, op, sums);
  if (!isa<FloatType>(type))
    return rewriter.notifyMatchFailure(op, "averages of integers have no rounding rule");
  SmallVector<OpFoldResult> sizes;
  for (unsigned i = 0; i < spatial; ++i)
    sizes.push_back(tensor::getMixedSize(rewriter, loc, op.getInput(), i + 1));
  return applyEpilogue(rewriter, op, sums, [&](OpBuilder &builder, Location loc, Value sum) {
    Value count = countPositions(builder, loc, op, sizes);
    count = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), count);
    count = arith::SIToFPOp::create(builder, loc, type, count);
    return arith::DivFOp::create(builder, loc, sum, count).getResult();
  });
}

void kernel::populateDecomposePool(RewritePatternSet &patterns, const DecomposeFilter &filter) {
  patterns.add<DecomposeOp<PoolOp>>(patterns.getContext(), decomposePool, filter);
}
