//===- ClippedTaps.cpp - taps that meet more than a border ----===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See ClippedTaps.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/ClippedTaps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

/// max(x, 0) of a number that may be negative.
static OpFoldResult atLeastZero(OpBuilder &builder, Location loc, OpFoldResult x) {
  if (std::optional<int64_t> known = getConstantIntValue(x))
    return builder.getIndexAttr(std::max<int64_t>(*known, 0));
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  return arith::MaxSIOp::create(builder, loc, cast<Value>(x), zero).getResult();
}

/// `value` where `condition` is positive, else `otherwise`.
static OpFoldResult ifPositive(OpBuilder &builder, Location loc, OpFoldResult condition,
                               OpFoldResult value, OpFoldResult otherwise) {
  if (std::optional<int64_t> known = getConstantIntValue(condition))
    return *known > 0 ? value : otherwise;
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value holds =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sgt, cast<Value>(condition), zero);
  return arith::SelectOp::create(builder, loc, holds, indexValue(builder, loc, value),
                                 indexValue(builder, loc, otherwise))
      .getResult();
}

/// With x = place * stride, tap t is in the input if before - x <= t * dilation < inputs + before -
/// x. So the first one is ceil((before - x) / dilation), the end ceil((inputs + before - x) /
/// dilation), both between 0 and `taps`. The first one becomes smaller where before - x <= (first -
/// 1) * dilation; the end does where inputs + before - x <= (end - 1) * dilation.
ClippedTaps::Range ClippedTaps::get(OpBuilder &builder, Location loc, OpFoldResult place,
                                    OpFoldResult places) const {
  auto attr = [&](int64_t value) -> OpFoldResult { return builder.getIndexAttr(value); };
  auto add = [&](OpFoldResult a, OpFoldResult b) { return addIndex(builder, loc, a, b); };
  auto mul = [&](OpFoldResult a, int64_t b) { return mulIndex(builder, loc, a, attr(b)); };
  OpFoldResult margin = add(mul(place, -stride), attr(before));
  OpFoldResult covered = add(inputs, margin), all = attr(taps);
  auto tapsIn = [&](OpFoldResult distance) {
    return minIndex(builder, loc,
                    ceilDivIndex(builder, loc, atLeastZero(builder, loc, distance), dilation), all);
  };
  OpFoldResult first = tapsIn(margin), end = tapsIn(covered);
  /// The first place where `reach` - place * stride is at most (bound - 1) * dilation.
  auto changesAt = [&](OpFoldResult reach, OpFoldResult bound) {
    OpFoldResult distance = add(reach, add(mul(bound, -dilation), attr(dilation)));
    OpFoldResult at = ceilDivIndex(builder, loc, atLeastZero(builder, loc, distance), stride);
    return ifPositive(builder, loc, bound, at, places);
  };
  OpFoldResult next = minIndex(builder, loc, changesAt(attr(before), first),
                               changesAt(add(inputs, attr(before)), end));
  OpFoldResult count = atLeastZero(builder, loc, add(end, mul(first, -1)));
  return {first, count, minIndex(builder, loc, next, places)};
}

SmallVector<int64_t> ClippedTaps::runLengths(OpFoldResult places) const {
  std::optional<int64_t> known = getConstantIntValue(places);
  if (!known || !getConstantIntValue(inputs))
    return {};
  Builder attributes(places.getContext());
  OpBuilder unused(places.getContext()); // constants fold
  SmallVector<int64_t> lengths = {0};
  for (int64_t at = 0; at < *known;) {
    Range range =
        get(unused, UnknownLoc::get(places.getContext()), attributes.getIndexAttr(at), places);
    int64_t end = *getConstantIntValue(range.end);
    if (!llvm::is_contained(lengths, end - at))
      lengths.push_back(end - at);
    at = end;
  }
  return lengths;
}
