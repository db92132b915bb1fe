//===- Selection.cpp - ops that pick as many elements as the data says ---===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops with results of data-dependent size, all by nn.nonzero.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Importer.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
// ONNX's values are only named through NodeImport here.
using mlir::Value;

static Value nonZero(NNBuilder &b, Value x) { return b.make<NonZeroOp>(b.getI64Type(), x); }

/// Where a vector is not zero, as a vector.
static Value positionsOf(NNBuilder &b, Value flags) { return b.reshape(nonZero(b, flags), {-1}); }

static LogicalResult importNonZero(NodeImport &n) {
  n.setResult(0, nonZero(n.b, n.operand(0)));
  return success();
}

static LogicalResult importCompress(NodeImport &n) {
  NNBuilder &b = n.b;
  if (failed(n.requireRank(1, 1)))
    return failure();
  Value x = n.operand(0), positions = positionsOf(b, n.operand(1));
  bool hasAxis = n.node.find("axis");
  int64_t axis = hasAxis ? b.axisOf(x, n.intAttr("axis")) : 0;
  if (!hasAxis)
    x = b.reshape(x, {-1});
  // Elements that are not there may not be picked; of other conditions the gather says it.
  auto known = n.constantInts(1);
  for (int64_t i = known ? known->size() : 0; i > 0; --i)
    if ((*known)[i - 1]) {
      if (failed(n.demand(b.sizeOf(x, axis), ComparePredicate::Ge, static_cast<double>(i),
                          "it picks element " + Twine(i - 1) + " of {0}")))
        return failure();
      break;
    }
  n.setResult(0, b.gather(x, positions, axis));
  return success();
}

//===----------------------------------------------------------------------===//
// Unique
//===----------------------------------------------------------------------===//

/// Rows with more elements are not compared.
constexpr int64_t maxUniqueColumns = 64;

namespace {
/// Rows x, sorted: their order, the sorted rows, and which of these start a new value.
struct SortedRows {
  Value order, rows, isNew;
};
} // namespace

static Value argSort(NNBuilder &b, Value keys) {
  return b.make<ArgSortOp>(b.getI64Type(), keys, b.sizeOf(keys, 0), /*descending=*/false);
}

/// Sorts the rows of x [n, columns] in lexicographic order: by the last column first, since
/// sorting is stable.
static SortedRows sortRows(NNBuilder &b, Value x, int64_t columns) {
  Value count = b.sizeOf(x, 0), order;
  for (int64_t i = columns - 1; i >= 0; --i) {
    Value column = b.reshape(b.slice(x, 1, i, i + 1), count, /*allowZero=*/true);
    Value next = argSort(b, order ? b.gather(column, order, 0) : column);
    order = order ? b.gather(order, next, 0) : next;
  }
  Value rows = b.gather(x, order, 0), position = b.iota(count);
  Value before = b.binary(BinaryKind::Max, b.binary(BinaryKind::Sub, position, 1.0), 0.0);
  Value differs = b.compare(ComparePredicate::Ne, rows, b.gather(rows, before, 0));
  Value isNew = b.reduce(ReduceKind::Max, differs, {1}, /*keepDims=*/false);
  Value isFirst = b.compare(ComparePredicate::Eq, position, b.scalar(b.getI64Type(), 0));
  return {order, rows, b.binary(BinaryKind::Or, isNew, isFirst)};
}

/// Sorted rows; the starts of runs of equal ones are the unique values, and because sorting is
/// stable the first of a run is its first occurrence.
static LogicalResult uniqueRows(NodeImport &n, Value x, int64_t columns,
                                function_ref<Value(Value)> restore) {
  NNBuilder &b = n.b;
  Type i64 = b.getI64Type();
  Value total = b.sizeOf(x, 0);
  SortedRows sorted = sortRows(b, x, columns);
  Value starts = positionsOf(b, sorted.isNew);
  Value ends = b.concat({b.slice(starts, 0, 1, std::numeric_limits<int64_t>::max()), total}, 0);
  Value values = b.gather(sorted.rows, starts, 0), first = b.gather(sorted.order, starts, 0);
  Value counts = b.binary(BinaryKind::Sub, ends, starts);
  Value runs = b.make<CumulativeOp>(i64, ReduceKind::Sum, b.convert(sorted.isNew, i64), 0,
                                    /*exclusive=*/false, /*reverse=*/false);
  auto scatter = [&](Value size, Value at, Value what) {
    Value zeros = b.expand(b.scalar(i64, 0), size);
    return b.make<ScatterElementsOp>(i64, zeros, at, what, 0, ReduceKindAttr());
  };
  Value inverse = scatter(total, sorted.order, b.binary(BinaryKind::Sub, runs, 1.0));
  if (!n.intAttr("sorted", 1)) { // in the order of first occurrence
    Value order = argSort(b, first), count = b.sizeOf(first, 0);
    values = b.gather(values, order, 0);
    first = b.gather(first, order, 0);
    counts = b.gather(counts, order, 0);
    inverse = b.gather(scatter(count, order, b.iota(count)), inverse, 0);
  }
  n.setResult(0, restore(values));
  n.setResult(1, first);
  n.setResult(2, inverse);
  n.setResult(3, counts);
  return success();
}

static LogicalResult importUnique(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  if (!n.node.find("axis"))
    return uniqueRows(n, b.reshape(x, {-1, 1}), 1, [&](Value y) { return b.reshape(y, {-1}); });
  // Slices along the axis as rows.
  int64_t axis = b.axisOf(x, n.intAttr("axis")), rank = NNBuilder::rankOf(x);
  auto swap = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  std::swap(swap[0], swap[axis]);
  Value moved = b.transpose(x, swap), rest = b.ints({});
  if (rank > 1)
    rest = b.slice(b.shapeOf(moved), 0, 1, rank);
  Value width = b.ints({1});
  for (int64_t i = 1; i < rank; ++i)
    width = b.binary(BinaryKind::Mul, width, b.sizeOf(moved, i));
  auto columns = b.getShapes().getConstantContents(width);
  if (!columns || columns->front() > maxUniqueColumns || columns->front() == 0)
    return n.unsupported("slices along its axis must have 1 to " + Twine(maxUniqueColumns) +
                         " elements, a number known at compile time");
  Value rows = b.reshape(moved, b.concat({b.sizeOf(moved, 0), width}, 0), /*allowZero=*/true);
  return uniqueRows(n, rows, columns->front(), [&](Value y) {
    Value shape = rank > 1 ? b.concat({b.sizeOf(y, 0), rest}, 0) : b.sizeOf(y, 0);
    return b.transpose(b.reshape(y, shape, /*allowZero=*/true), swap);
  });
}

void optc::onnximport::registerSelection(HandlerRegistry &r) {
  r.add("NonZero", importNonZero);
  r.add("Compress", importCompress);
  r.add("Unique", importUnique);
}
