//===- Regions.cpp - pools over regions of images ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// RoiAlign and MaxRoiPool: along each axis, the rows that a bin of a region reads and their
// weights; RegionSamples.cpp combines what they read.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/RegionSamples.h"
#include "lib/Import/Onnx/RuntimeChecks.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

/// Regions and bins with more rows than that are taken for an error of their coordinates.
constexpr int64_t maxSamples = 1 << 20;

namespace {
/// One axis of the regions, in the coordinates of the images.
struct RegionAxis {
  Value start, extent; // [regions], float
  int64_t bins;
  Value size; // of the images, tensor<1xi64>
};
} // namespace

/// 0, 1, ... `count` - 1 with ones behind, as floats.
static Value floatPositions(NNBuilder &b, Value count, Type type, int64_t onesBehind) {
  SmallVector<int64_t> dims;
  for (int64_t i = 0; i < onesBehind; ++i)
    dims.push_back(1 + i);
  return b.unsqueeze(b.convert(b.iota(count), type), dims);
}

/// The largest element, but at least 0, as tensor<1xi64>.
static Value largest(NNBuilder &b, Value counts) {
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, NNBuilder::rankOf(counts)));
  return b.binary(BinaryKind::Max, b.reshape(b.reduce(ReduceKind::Max, counts, axes), {1}), 0.0);
}

/// Counts as i64, which must not be absurd; NaN is.
static FailureOr<Value> checkedCounts(NodeImport &n, Value counts) {
  if (failed(n.demand(counts, ComparePredicate::Le, maxSamples,
                      "a region is not a number or too large to be sampled")))
    return failure();
  return n.b.convert(n.b.binary(BinaryKind::Max, counts, 0.0), n.b.getI64Type());
}

static LogicalResult checkOperands(NodeImport &n, int64_t numColumns) {
  Value x = n.operand(0), regions = n.operand(1);
  if (NNBuilder::rankOf(x) != 4 || NNBuilder::rankOf(regions) != 2)
    return n.invalid("the image must have rank 4 and the regions rank 2, they have " +
                     Twine(NNBuilder::rankOf(x)) + " and " + Twine(NNBuilder::rankOf(regions)));
  return success(succeeded(requireSize(n, regions, 1, numColumns, "the regions")) &&
                 succeeded(requireElements(n, x, 2, "the image")) &&
                 succeeded(requireElements(n, x, 3, "the image")));
}

//===----------------------------------------------------------------------===//
// RoiAlign
//===----------------------------------------------------------------------===//

/// Each sample is a weighted sum of two neighbouring rows; outside of the image it is 0.
static FailureOr<AxisSamples> bilinearSamples(NodeImport &n, const RegionAxis &axis,
                                              int64_t perBin) {
  NNBuilder &b = n.b;
  Type type = NNBuilder::elementOf(axis.start), i64 = b.getI64Type();
  auto binary = [&](BinaryKind kind, Value x, Value y) { return b.binary(kind, x, y); };
  AxisSamples samples;
  Value bin = b.binary(BinaryKind::Div, axis.extent, static_cast<double>(axis.bins));
  Value count = b.ints({perBin}), steps = b.scalar(type, perBin);
  if (perBin <= 0) {
    FailureOr<Value> counts = checkedCounts(n, b.unary(UnaryKind::Ceil, bin));
    if (failed(counts))
      return failure();
    samples.used = *counts;
    count = largest(b, samples.used);
    steps = b.unsqueeze(b.convert(samples.used, type), {1, 2});
    samples.used = b.binary(BinaryKind::Mul, samples.used, 2.0);
  }
  Value wide = b.unsqueeze(bin, {1, 2});
  Value first = b.unsqueeze(axis.start, {1, 2});
  first = binary(BinaryKind::Add, first,
                 binary(BinaryKind::Mul, floatPositions(b, b.ints({axis.bins}), type, 1), wide));
  Value middle = b.binary(BinaryKind::Add, floatPositions(b, count, type, 0), 0.5);
  Value place = binary(BinaryKind::Add, first,
                       binary(BinaryKind::Div, binary(BinaryKind::Mul, middle, wide), steps));
  Value size = b.reshape(b.convert(axis.size, type), ArrayRef<int64_t>());
  Value isInside = b.compare(ComparePredicate::Ge, place, b.scalar(type, -1));
  isInside = binary(BinaryKind::And, isInside, b.compare(ComparePredicate::Le, place, size));
  place = b.binary(BinaryKind::Max, place, 0.0);
  place = b.select(isInside, place, b.scalar(type, 0));
  Value last = b.reshape(b.binary(BinaryKind::Sub, axis.size, 1.0), ArrayRef<int64_t>());
  Value row = b.convert(place, i64), low = binary(BinaryKind::Min, row, last);
  Value high = binary(BinaryKind::Min, b.binary(BinaryKind::Add, row, 1.0), last);
  // At the last row there is no fraction.
  Value fraction = binary(BinaryKind::Sub, place, b.convert(low, type));
  Value isLast = b.compare(ComparePredicate::Ge, row, last);
  fraction = b.select(isLast, b.scalar(type, 0), fraction);
  Value one = b.scalar(type, 1);
  one = b.select(isInside, one, b.scalar(type, 0));
  Value whole = binary(BinaryKind::Mul, one, binary(BinaryKind::Sub, b.scalar(type, 1), fraction));
  auto pairs = [&](Value left, Value right) {
    Value both = b.concat({b.unsqueeze(left, {3}), b.unsqueeze(right, {3})}, 3);
    return b.reshape(
        both,
        b.concat({b.slice(b.shapeOf(both), 0, 0, 2), b.binary(BinaryKind::Mul, count, 2.0)}, 0),
        /*allowZero=*/true);
  };
  samples.rows = pairs(low, high);
  samples.weights = pairs(whole, binary(BinaryKind::Mul, one, fraction));
  return samples;
}

/// An axis of regions [regions, 4]: x, y of the first corner, x, y of the second.
static RegionAxis alignedAxis(NodeImport &n, Value regions, int64_t axis, bool isHalfPixel) {
  NNBuilder &b = n.b;
  int64_t column = 1 - axis;
  auto coordinate = [&](int64_t i) {
    Value x = b.squeeze(b.slice(regions, 1, i, i + 1), {1});
    Value scaled = b.binary(BinaryKind::Mul, x, n.floatAttr("spatial_scale", 1));
    return isHalfPixel ? b.binary(BinaryKind::Sub, scaled, 0.5) : scaled;
  };
  Value start = coordinate(column);
  Value extent = b.binary(BinaryKind::Sub, coordinate(column + 2), start);
  if (!isHalfPixel)
    extent = b.binary(BinaryKind::Max, extent, 1.0);
  int64_t bins = n.intAttr(axis == 0 ? "output_height" : "output_width", 1);
  return {start, extent, bins, b.sizeOf(n.operand(0), 2 + axis)};
}

/// How many samples the bins of each region have, at least 1, as [regions, 1, 1, 1].
static Value samplesPerBin(NNBuilder &b, const AxisSamples &rows, const AxisSamples &columns,
                           Type type) {
  Value pairs = b.binary(BinaryKind::Mul, rows.used, columns.used); // 2 of each per sample
  Value count = b.binary(BinaryKind::Max, b.binary(BinaryKind::Div, pairs, 4.0), 1.0);
  return b.unsqueeze(b.convert(count, type), {1, 2, 3});
}

static LogicalResult importRoiAlign(NodeImport &n) {
  NNBuilder &b = n.b;
  if (failed(checkOperands(n, 4)))
    return failure();
  Value x = n.operand(0);
  Type type = NNBuilder::elementOf(x), wide = type.isF64() ? type : b.getF32Type();
  Value regions = b.convert(n.operand(1), wide);
  if (NNBuilder::rankOf(n.operand(2)) != 1)
    return n.invalid("its batch indices must be a vector");
  if (failed(
          requireSameSize(n, {regions, 0, "the regions"}, {n.operand(2), 0, "the batch indices"})))
    return failure();
  bool isHalfPixel = n.stringAttr("coordinate_transformation_mode", "half_pixel") == "half_pixel";
  bool isMax = n.stringAttr("mode", "avg") == "max";
  int64_t perBin = n.intAttr("sampling_ratio");
  RegionAxis axes[] = {alignedAxis(n, regions, 0, isHalfPixel),
                       alignedAxis(n, regions, 1, isHalfPixel)};
  for (const RegionAxis &axis : axes)
    if (axis.bins < 1)
      return n.invalid("its output has a size of " + Twine(axis.bins));
  auto rows = bilinearSamples(n, axes[0], perBin), columns = bilinearSamples(n, axes[1], perBin);
  if (failed(rows) || failed(columns))
    return failure();
  Value result = combineSamples(n, {b.convert(x, wide), n.operand(2), *rows, *columns},
                                isMax ? ReduceKind::Max : ReduceKind::Sum);
  if (!isMax) {
    Value count = perBin > 0 ? b.scalar(wide, static_cast<double>(perBin) * perBin)
                             : samplesPerBin(b, *rows, *columns, wide);
    result = b.binary(BinaryKind::Div, result, count);
  }
  n.setResult(0, b.convert(b.transpose(result, {0, 3, 1, 2}), type));
  return success();
}

//===----------------------------------------------------------------------===//
// MaxRoiPool
//===----------------------------------------------------------------------===//

/// Halves away from zero.
static Value roundAway(NNBuilder &b, Value x) {
  Value magnitude =
      b.unary(UnaryKind::Floor, b.binary(BinaryKind::Add, b.unary(UnaryKind::Abs, x), 0.5));
  return b.binary(BinaryKind::Mul, b.unary(UnaryKind::Sign, x), magnitude);
}

/// The rows from floor(bin * size) to ceil((bin + 1) * size) of the region, as far as they are in
/// the image. Shorter bins repeat their last row.
static FailureOr<AxisSamples> pooledSamples(NodeImport &n, const RegionAxis &axis) {
  NNBuilder &b = n.b;
  Type type = NNBuilder::elementOf(axis.start);
  Value size = b.reshape(b.convert(axis.size, type), ArrayRef<int64_t>());
  Value bin =
      b.unsqueeze(b.binary(BinaryKind::Div, axis.extent, static_cast<double>(axis.bins)), {1});
  Value number = floatPositions(b, b.ints({axis.bins}), type, 0),
        start = b.unsqueeze(axis.start, {1});
  auto bound = [&](UnaryKind rounding, Value place) {
    Value exact = b.unary(rounding, b.binary(BinaryKind::Mul, place, bin));
    Value inside = b.binary(BinaryKind::Max, b.binary(BinaryKind::Add, exact, start), 0.0);
    return b.binary(BinaryKind::Min, inside, size);
  };
  Value begin = bound(UnaryKind::Floor, number);
  Value end = bound(UnaryKind::Ceil, b.binary(BinaryKind::Add, number, 1.0));
  FailureOr<Value> lengths =
      checkedCounts(n, b.binary(BinaryKind::Sub, end, begin)); // [regions, bins]
  if (failed(lengths))
    return failure();
  AxisSamples samples;
  samples.used = b.reduce(ReduceKind::Max, *lengths, {1}, /*keepDims=*/false);
  samples.isEmpty = b.compare(ComparePredicate::Le, *lengths, b.scalar(b.getI64Type(), 0));
  Value first = b.convert(begin, b.getI64Type()), step = b.iota(largest(b, samples.used));
  Value last = b.binary(BinaryKind::Sub, b.binary(BinaryKind::Add, first, *lengths), 1.0);
  Value row = b.binary(BinaryKind::Add, b.unsqueeze(first, {2}), step);
  samples.rows =
      b.binary(BinaryKind::Max, b.binary(BinaryKind::Min, row, b.unsqueeze(last, {2})), 0.0);
  return samples;
}

/// Regions [regions, 5]: the image, x, y of the first corner, x, y of the last element.
static LogicalResult importMaxRoiPool(NodeImport &n) {
  NNBuilder &b = n.b;
  SmallVector<int64_t> bins = n.intsAttr("pooled_shape");
  if (bins.size() != 2 || bins[0] < 1 || bins[1] < 1)
    return n.invalid("pooled_shape must be two positive sizes");
  if (failed(checkOperands(n, 5)))
    return failure();
  Value x = n.operand(0);
  Type type = NNBuilder::elementOf(x), wide = type.isF64() ? type : b.getF32Type();
  Value regions = b.convert(n.operand(1), wide);
  auto column = [&](int64_t i) { return b.squeeze(b.slice(regions, 1, i, i + 1), {1}); };
  auto samplesOf = [&](int64_t axis) {
    auto coordinate = [&](int64_t i) {
      return roundAway(b, b.binary(BinaryKind::Mul, column(i), n.floatAttr("spatial_scale", 1)));
    };
    Value start = coordinate(2 - axis), end = coordinate(4 - axis);
    Value extent = b.binary(BinaryKind::Add, b.binary(BinaryKind::Sub, end, start), 1.0);
    return pooledSamples(
        n, {start, b.binary(BinaryKind::Max, extent, 1.0), bins[axis], b.sizeOf(x, 2 + axis)});
  };
  auto rows = samplesOf(0), columns = samplesOf(1);
  if (failed(rows) || failed(columns))
    return failure();
  Value images = b.convert(column(0), b.getI64Type());
  Value result = combineSamples(n, {b.convert(x, wide), images, *rows, *columns}, ReduceKind::Max);
  Value isEmpty = b.unsqueeze(rows->isEmpty, {2, 3});
  isEmpty = b.binary(BinaryKind::Or, isEmpty, b.unsqueeze(columns->isEmpty, {1, 3}));
  result = b.select(isEmpty, b.scalar(wide, 0), result);
  n.setResult(0, b.convert(b.transpose(result, {0, 3, 1, 2}), type));
  return success();
}

void optc::onnximport::registerRegions(HandlerRegistry &r) {
  r.add("RoiAlign", importRoiAlign);
  r.add("MaxRoiPool", importMaxRoiPool);
}
