//===- Pool.cpp - pooling ------------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pools over windows as nn.pool.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/WindowAttributes.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

static FailureOr<WindowAttributes> poolWindows(NodeImport &n, Value input,
                                               std::optional<double> padValue) {
  SmallVector<int64_t> sizes = n.intsAttr("kernel_shape");
  int64_t rank = NNBuilder::rankOf(input);
  if (rank < 3 || rank > 5)
    return n.unsupported("pools over " + Twine(rank - 2) +
                         " spatial dimensions; 1 to 3 are supported");
  if (static_cast<int64_t>(sizes.size()) != rank - 2)
    return n.invalid("kernel_shape has " + Twine(sizes.size()) + " elements, needed are " +
                     Twine(rank - 2));
  return readWindows(n, sizes, input, padValue);
}

static Value buildPool(NodeImport &n, PoolKind kind, const WindowAttributes &windows,
                       bool countPads = false) {
  NNBuilder &b = n.b;
  Type element = kind == PoolKind::ArgMax ? b.getI64Type() : b.elementOf(windows.input);
  return b.make<PoolOp>(element, kind, windows.input, windows.sizes, windows.strides,
                        windows.dilations, windows.pads, n.intAttr("ceil_mode") != 0, countPads);
}

/// Positions within the spatial dimensions of [N, C, space..] as ONNX's indices into the whole
/// tensor; `columnMajor` turns the order of the spatial dimensions round.
static Value flatIndices(NNBuilder &b, Value positions, Value input, bool columnMajor) {
  int64_t rank = b.rankOf(input);
  auto size = [&](int64_t dim) { return b.squeeze(b.sizeOf(input, dim), {0}); };
  if (columnMajor) {
    Value rest = positions, turned = b.scalar(b.getI64Type(), 0);
    SmallVector<Value> coordinates;
    for (int64_t dim = rank - 1; dim >= 2; --dim) {
      coordinates.push_back(b.binary(BinaryKind::Mod, rest, size(dim)));
      rest = b.binary(BinaryKind::Div, rest, size(dim));
    }
    for (int64_t dim = rank - 1; dim >= 2; --dim)
      turned = b.binary(BinaryKind::Add, b.binary(BinaryKind::Mul, turned, size(dim)),
                        coordinates[rank - 1 - dim]);
    positions = turned;
  }
  Value images = size(0);
  images = b.binary(BinaryKind::Mul, images, size(1));
  Value area = b.scalar(b.getI64Type(), 1);
  for (int64_t dim = 2; dim < rank; ++dim)
    area = b.binary(BinaryKind::Mul, area, size(dim));
  Value zero = b.scalar(b.getI64Type(), 0);
  Value range = b.make<RangeOp>(b.getI64Type(), zero, images, b.scalar(b.getI64Type(), 1));
  Value first = b.binary(BinaryKind::Mul, range, area);
  Value shape = b.concat(
      {b.sizeOf(input, 0), b.sizeOf(input, 1), b.ints(SmallVector<int64_t>(rank - 2, 1))}, 0);
  return b.binary(BinaryKind::Add, positions, b.reshape(first, shape, /*allowZero=*/true));
}

static LogicalResult importMaxPool(NodeImport &n) {
  NNBuilder &b = n.b;
  Value input = n.operand(0);
  Type element = b.elementOf(input);
  bool isUnsigned = element.isUnsignedInteger();
  Value wide = isUnsigned ? b.convert(input, b.getI32Type()) : input;
  double lowest = isa<FloatType>(element) ? -std::numeric_limits<double>::infinity() : -128;
  auto windows = poolWindows(n, wide, lowest);
  if (failed(windows))
    return failure();
  Value result = toChannelsFirst(b, buildPool(n, PoolKind::Max, *windows));
  n.setResult(0, b.convert(result, element));
  if (!n.hasResult(1))
    return success();
  Value positions = toChannelsFirst(b, buildPool(n, PoolKind::ArgMax, *windows));
  n.setResult(1, flatIndices(b, positions, input, n.intAttr("storage_order")));
  return success();
}

static LogicalResult importAveragePool(NodeImport &n) {
  bool countPads = n.intAttr("count_include_pad");
  auto windows = poolWindows(n, n.operand(0), countPads ? std::optional(0.0) : std::nullopt);
  if (failed(windows))
    return failure();
  n.setResult(0, toChannelsFirst(n.b, buildPool(n, PoolKind::Average, *windows, countPads)));
  return success();
}

/// Pads at the end with which a pool has the windows that ceil_mode adds: those that begin in
/// the input or in front of it (Windows::count).
static void padForCeil(WindowAttributes &windows) {
  size_t rank = windows.sizes.size();
  for (size_t i = 0; i < rank; ++i) {
    int64_t extent = (windows.sizes[i] - 1) * windows.dilations[i] + 1;
    int64_t &after = windows.pads[rank + i];
    after = std::min(after + windows.strides[i], extent) - 1;
  }
}

/// (sum |x|^p)^(1/p): the sum is the average with zeros counted, times the window's size. What a
/// window has beyond the input is zero to it, wherever that is.
static LogicalResult importLpPool(NodeImport &n) {
  NNBuilder &b = n.b;
  double p = n.intAttr("p", 2), size = 1;
  Value powers = b.binary(BinaryKind::Pow, b.unary(UnaryKind::Abs, n.operand(0)), p);
  auto windows = poolWindows(n, powers, 0.0);
  if (failed(windows))
    return failure();
  for (int64_t extent : windows->sizes)
    size *= extent;
  if (n.intAttr("ceil_mode"))
    padForCeil(*windows);
  Value average =
      b.make<PoolOp>(b.elementOf(windows->input), PoolKind::Average, windows->input, windows->sizes,
                     windows->strides, windows->dilations, windows->pads,
                     /*ceil=*/false, /*countPads=*/true);
  Value sums = b.binary(BinaryKind::Mul, average, size);
  n.setResult(0, toChannelsFirst(b, b.binary(BinaryKind::Pow, sums, 1 / p)));
  return success();
}

/// Local response normalization: x / (bias + alpha / size * sum of x^2 over nearby channels)^beta.
static LogicalResult importLRN(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  int64_t size = n.intAttr("size"), rank = b.rankOf(x);
  if (size < 1 || rank < 3)
    return n.invalid("size " + Twine(size) + " over an input of rank " + Twine(rank));
  // Channels become the one spatial dimension of a pool: [N, C, rest] with channels "rest".
  Value shape = b.concat({b.sizeOf(x, 0), b.sizeOf(x, 1), b.ints({-1})}, 0);
  Value squares = b.reshape(b.binary(BinaryKind::Mul, x, x), shape);
  SmallVector<int64_t> one = {1}, pads = {(size - 1) / 2, size - 1 - (size - 1) / 2};
  Value mean = b.make<PoolOp>(b.elementOf(x), PoolKind::Average, squares, ArrayRef<int64_t>(size),
                              one, one, pads, /*ceil=*/false, /*countPads=*/true);
  mean = b.reshape(mean, b.shapeOf(x), /*allowZero=*/true);
  Value base = b.binary(BinaryKind::Mul, mean, n.floatAttr("alpha", 1e-4));
  base = b.binary(BinaryKind::Add, base, b.scalarLike(x, n.floatAttr("bias", 1)));
  Value scale = b.binary(BinaryKind::Pow, base, n.floatAttr("beta", 0.75));
  n.setResult(0, b.binary(BinaryKind::Div, x, scale));
  return success();
}

//===----------------------------------------------------------------------===//
// Global pools
//===----------------------------------------------------------------------===//

static SmallVector<int64_t> spatialAxes(Value x) {
  return llvm::to_vector(llvm::seq<int64_t>(2, NNBuilder::rankOf(x)));
}

static LogicalResult checkImages(NodeImport &n) { return n.requireRank(0, 2, /*most=*/64); }

static LogicalResult importGlobalMaxPool(NodeImport &n) {
  if (failed(checkImages(n)))
    return failure();
  n.setResult(0, n.b.reduce(ReduceKind::Max, n.operand(0), spatialAxes(n.operand(0))));
  return success();
}

static LogicalResult importGlobalAveragePool(NodeImport &n) {
  if (failed(checkImages(n)))
    return failure();
  NNBuilder &b = n.b;
  Value x = n.operand(0), count = b.ints({1});
  for (int64_t axis : spatialAxes(x))
    count = b.binary(BinaryKind::Mul, count, b.sizeOf(x, axis));
  Value sum = b.reduce(ReduceKind::Sum, x, spatialAxes(x));
  Value divisor = b.convert(b.reshape(count, ArrayRef<int64_t>()), b.elementOf(x));
  n.setResult(0, b.binary(BinaryKind::Div, sum, divisor));
  return success();
}

static LogicalResult importGlobalLpPool(NodeImport &n) {
  if (failed(checkImages(n)))
    return failure();
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  double p = n.intAttr("p", 2);
  Value powers = b.binary(BinaryKind::Pow, b.unary(UnaryKind::Abs, x), p);
  Value sum = b.reduce(ReduceKind::Sum, powers, spatialAxes(x));
  n.setResult(0, b.binary(BinaryKind::Pow, sum, 1 / p));
  return success();
}

namespace optc::onnximport {
void registerPool(HandlerRegistry &registry) {
  registry.add("MaxPool", importMaxPool);
  registry.add("AveragePool", summing<importAveragePool>);
  registry.add("LpPool", summing<importLpPool>);
  registry.add("LRN", summing<importLRN>);
  registry.add("GlobalMaxPool", importGlobalMaxPool);
  registry.add("GlobalAveragePool", summing<importGlobalAveragePool>);
  registry.add("GlobalLpPool", summing<importGlobalLpPool>);
}
} // namespace optc::onnximport
