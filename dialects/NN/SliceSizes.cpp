//===- SliceSizes.cpp - how many elements a slice has ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See SliceSizes.h. A size is an expression of the bounds where their signs are known. Where they
// are not it is a symbol that the run computes (SymbolicShapes::sliced), never a guess.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/SliceSizes.h"

using namespace mlir;
using namespace optc::nn;

namespace {
/// A bound of a slice: so far from the beginning, or from the end, both not negative.
struct Bound {
  DimExpr distance;
  bool isFromEnd = false;
  bool isCertain = true; ///< else it may be on the other side of zero
};
} // namespace

static bool isNeverNegative(DimExpr expr, const SymbolicShapes &shapes) {
  return shapes.getLowerBound(expr).value_or(-1) >= 0;
}

/// Numbers further than any tensor goes.
static bool isBehindAll(DimExpr bound) {
  return getConstant(bound).value_or(0) >= std::numeric_limits<int32_t>::max();
}
static bool isBeforeAll(DimExpr bound) {
  return getConstant(bound).value_or(0) <= std::numeric_limits<int32_t>::min();
}

/// The distance is null where nothing is known.
static Bound readBound(DimExpr bound, DimExpr dim, SymbolicShapes &shapes) {
  DimExpr zero = shapes.constant(0), opposite = shapes.sub(zero, bound);
  if (isBehindAll(bound))
    return {zero, /*isFromEnd=*/true};
  if (isBeforeAll(bound) || opposite == dim)
    return {zero};
  if (isNeverNegative(bound, shapes))
    return {bound};
  if (isNeverNegative(shapes.sub(opposite, shapes.constant(1)), shapes))
    return {opposite, /*isFromEnd=*/true};
  if (!isa<AffineBinaryOpExpr>(bound))
    return {};
  bool isFromEnd = isNeverNegative(opposite, shapes);
  return {isFromEnd ? opposite : bound, isFromEnd, /*isCertain=*/false};
}

/// As many elements as the bounds ask for, but no more than there are.
static DimExpr countForward(DimExpr dim, Bound start, Bound end, DimExpr step,
                            SymbolicShapes &shapes) {
  DimExpr stop = end.isFromEnd ? shapes.sub(dim, end.distance) : end.distance;
  DimExpr first = start.isFromEnd ? shapes.sub(dim, start.distance) : start.distance;
  SmallVector<DimExpr> limits = {shapes.sub(stop, first)};
  if (start.isFromEnd)
    limits.push_back(stop); // x[-5:-2] where there are only three
  if (!end.isFromEnd)
    limits.push_back(start.isFromEnd ? start.distance : shapes.sub(dim, start.distance));
  if (start.isFromEnd && !end.isFromEnd)
    limits.push_back(dim);
  DimExpr count = shapes.atLeastZero(shapes.ceilDiv(limits.front(), step));
  for (DimExpr limit : ArrayRef(limits).drop_front())
    count = shapes.least(count, shapes.ceilDiv(limit, step));
  return count;
}

/// All sizes and bounds are numbers.
static int64_t countNumbers(int64_t size, int64_t start, int64_t end, int64_t step) {
  int64_t least = step > 0 ? 0 : -1, most = step > 0 ? size : size - 1;
  auto resolve = [&](int64_t bound, int64_t low) {
    return std::min(std::max(bound < 0 ? bound + size : bound, low), most);
  };
  int64_t first = resolve(start, 0), last = resolve(end, least);
  int64_t length = step > 0 ? last - first : first - last;
  uint64_t stride = step > 0 ? step : -static_cast<uint64_t>(step);
  return length > 0 ? (length - 1) / stride + 1 : 0;
}

DimExpr optc::nn::inferSliceSize(DimExpr dim, DimExpr start, DimExpr end, DimExpr step,
                                 SymbolicShapes &shapes) {
  auto size = getConstant(dim), first = getConstant(start), last = getConstant(end),
       stride = getConstant(step);
  if (!stride || *stride == 0)
    return {};
  if (size && first && last)
    return shapes.constant(countNumbers(*size, *first, *last, *stride));
  if (*stride < 0) {
    bool isWhole = (first == -1 || isBehindAll(start)) && isBeforeAll(end) &&
                   *stride > std::numeric_limits<int32_t>::min();
    return isWhole ? shapes.ceilDiv(dim, shapes.constant(-*stride)) : DimExpr();
  }
  Bound from = readBound(start, dim, shapes), to = readBound(end, dim, shapes);
  if (!from.distance || !to.distance)
    return {};
  DimExpr count = countForward(dim, from, to, step, shapes);
  return from.isCertain && to.isCertain ? count : shapes.sliced(dim, start, end, step, count);
}
