//===- RuntimeAxes.cpp - axes that are known only when the model runs ----===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See RuntimeAxes.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/RuntimeAxes.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc;

/// Whether axes[i] is dimension d, as tensor<rank x n x i1>.
static Value matchAxes(NNBuilder &b, Value axes, int64_t rank) {
  Type i64 = b.getI64Type();
  axes = b.convert(axes, i64);
  Value isNegative = b.compare(ComparePredicate::Lt, axes, b.scalar(i64, 0));
  Value wrapped =
      b.select(isNegative, b.binary(BinaryKind::Add, axes, static_cast<double>(rank)), axes);
  Value dims = b.ints(llvm::to_vector(llvm::seq<int64_t>(0, rank)));
  Value row = b.unsqueeze(wrapped, {0});
  return b.compare(ComparePredicate::Eq, row, b.unsqueeze(dims, {1}));
}

LogicalResult onnximport::demandAxes(NodeImport &n, Value axes, int64_t rank) {
  std::string what = "axis {0} is out of range for rank " + std::to_string(rank);
  return success(
      succeeded(n.demand(axes, ComparePredicate::Ge, -static_cast<double>(rank), what)) &&
      succeeded(n.demand(axes, ComparePredicate::Lt, static_cast<double>(rank), what)));
}

LogicalResult onnximport::demandDistinctAxes(NodeImport &n, Value axes, int64_t rank) {
  NNBuilder &b = n.b;
  Value mask = b.convert(maskOfAxes(b, axes, rank), b.getI64Type());
  Value named = b.reduce(ReduceKind::Sum, mask, {0}, /*keepDims=*/false);
  return success(succeeded(demandAxes(n, axes, rank)) &&
                 succeeded(n.demand(named, ComparePredicate::Eq, b.shapeOf(axes),
                                    "{1} axes name {0} dimensions")));
}

Value onnximport::maskOfAxes(NNBuilder &b, Value axes, int64_t rank) {
  return b.reduce(ReduceKind::Max, matchAxes(b, axes, rank), {1}, /*keepDims=*/false);
}

Value onnximport::spreadOverDims(NNBuilder &b, Value axes, Value values, int64_t rank,
                                 Value fallback) {
  Value matches = matchAxes(b, axes, rank), zero = b.scalar(b.getI64Type(), 0);
  Value own = b.select(matches, b.unsqueeze(values, {0}), zero);
  Value sum = b.reduce(ReduceKind::Sum, own, {1}, /*keepDims=*/false);
  Value mask = b.reduce(ReduceKind::Max, matches, {1}, /*keepDims=*/false);
  return b.select(mask, sum, fallback);
}

/// How many dimensions before each are not masked.
static Value unmaskedBefore(NNBuilder &b, Value mask) {
  Type i64 = b.getI64Type();
  Value kept = b.convert(b.unary(UnaryKind::Not, mask), i64);
  return b.make<CumulativeOp>(i64, ReduceKind::Sum, kept, 0, /*exclusive=*/true, /*reverse=*/false);
}

Value onnximport::keptSizes(NNBuilder &b, Value x, Value mask, int64_t count) {
  // Element j is the size of the unmasked dimension that has j such ones before it.
  Value wanted = b.ints(llvm::to_vector(llvm::seq<int64_t>(0, count)));
  Value place = b.unsqueeze(unmaskedBefore(b, mask), {0});
  Value isHere = b.compare(ComparePredicate::Eq, place, b.unsqueeze(wanted, {1}));
  Value isTaken =
      b.binary(BinaryKind::And, isHere, b.unsqueeze(b.unary(UnaryKind::Not, mask), {0}));
  Value shape = b.unsqueeze(b.shapeOf(x), {0});
  Value sizes = b.select(isTaken, shape, b.scalar(b.getI64Type(), 0));
  return b.reduce(ReduceKind::Sum, sizes, {1}, /*keepDims=*/false);
}

Value onnximport::insertedSizes(NNBuilder &b, Value x, Value mask) {
  // Dimension j of the result takes the size that has as many before it as there are unmasked.
  int64_t rank = NNBuilder::rankOf(x);
  Value one = b.scalar(b.getI64Type(), 1);
  if (rank == 0)
    return b.expand(one, b.shapeOf(mask));
  Value last = b.scalar(b.getI64Type(), rank - 1);
  Value source = b.binary(BinaryKind::Min, unmaskedBefore(b, mask), last);
  return b.select(mask, one, b.gather(b.shapeOf(x), source, 0));
}
