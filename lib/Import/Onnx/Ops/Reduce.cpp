//===- Reduce.cpp - reductions, prefix sums and sorting ------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX's reductions as elementwise work around nn.reduce; arg-max, prefix sums, top-k.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Importer.h"
#include "lib/Import/Onnx/RuntimeAxes.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
// ONNX's values are only named through NodeImport here.
using mlir::Value;

//===----------------------------------------------------------------------===//
// Axes
//===----------------------------------------------------------------------===//

namespace {
/// The dimensions a node reduces: known ones, or a run-time mask (i1, one per dimension).
struct ReducedAxes {
  SmallVector<int64_t> known;
  Value mask;
};
} // namespace

static FailureOr<ReducedAxes> axesOf(NodeImport &n) {
  ReducedAxes axes;
  int64_t rank = NNBuilder::rankOf(n.operand(0));
  bool noneMeansAll = !n.intAttr("noop_with_empty_axes");
  auto known = n.constantInts(1);
  if (n.hasOperand(1) && !known) {
    if (NNBuilder::rankOf(n.operand(1)) != 1)
      return n.invalid("its axes are no vector");
    if (failed(demandAxes(n, n.operand(1), rank)))
      return failure();
    axes.mask = maskOfAxes(n.b, n.operand(1), rank);
    if (noneMeansAll) {
      Value count = n.b.sizeOf(n.operand(1), 0);
      Value isEmpty = n.b.compare(ComparePredicate::Eq, count, n.b.ints({0}));
      axes.mask = n.b.binary(BinaryKind::Or, axes.mask, isEmpty);
    }
    return axes;
  }
  for (int64_t axis : known.value_or(SmallVector<int64_t>()))
    if (axis = n.b.axisOf(n.operand(0), axis); !llvm::is_contained(axes.known, axis))
      axes.known.push_back(axis);
  if (axes.known.empty() && noneMeansAll)
    axes.known = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  return axes;
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

static Value reduceOver(NNBuilder &b, ReduceKind kind, Value x, const ReducedAxes &axes) {
  if (!axes.mask)
    return b.reduce(kind, x, axes.known);
  return b.make<ReduceMaskedOp>(NNBuilder::elementOf(x), kind, x, axes.mask);
}

/// How many elements each result combines, as tensor<1xi64>.
static Value countOf(NNBuilder &b, Value x, const ReducedAxes &axes) {
  Value one = b.ints({1});
  if (axes.mask) {
    Value sizes = b.select(axes.mask, b.shapeOf(x), one);
    return b.reduce(ReduceKind::Prod, sizes, {0});
  }
  Value count = one;
  for (int64_t axis : axes.known)
    count = b.binary(BinaryKind::Mul, count, b.sizeOf(x, axis));
  return count;
}

/// Removes the reduced dimensions of `reduced`, made of `x`.
static FailureOr<Value> dropAxes(NodeImport &n, Value x, Value reduced, const ReducedAxes &axes) {
  NNBuilder &b = n.b;
  if (!axes.mask)
    return b.squeeze(reduced, axes.known);
  const ValueType &declared = n.resultType(0);
  int64_t count = NNBuilder::typeOf(n.operand(1)).getDimSize(0);
  int64_t rank = NNBuilder::rankOf(x);
  if (declared.hasRank)
    rank = declared.dims.size();
  else if (!ShapedType::isDynamic(count) && count <= rank)
    rank = count == 0 && !n.intAttr("noop_with_empty_axes") ? 0 : rank - count;
  else
    return n.unsupported("how many axes it removes is known only at run time; keep them "
                         "(keepdims=1) or make the axes a constant");
  if (rank == 0)
    return b.reshape(reduced, ArrayRef<int64_t>());
  return b.reshape(reduced, keptSizes(b, x, axes.mask, rank), /*allowZero=*/true);
}

static LogicalResult finish(NodeImport &n, Value x, Value reduced, const ReducedAxes &axes) {
  if (!n.intAttr("keepdims", 1)) {
    FailureOr<Value> dropped = dropAxes(n, x, reduced, axes);
    if (failed(dropped))
      return failure();
    reduced = *dropped;
  }
  n.setResult(0, reduced);
  return success();
}

namespace {
/// A reduction of a function of each element, then a function of each result.
struct ReduceForm {
  ReduceKind kind;
  std::optional<UnaryKind> before, after;
  bool squares = false;
};
} // namespace

static LogicalResult importForm(NodeImport &n, const ReduceForm &form) {
  FailureOr<ReducedAxes> axes = axesOf(n);
  if (failed(axes))
    return failure();
  NNBuilder &b = n.b;
  Value x = n.operand(0), y = x;
  // Noop means no reduction but the functions around it: of a single element.
  if (form.before)
    y = b.unary(*form.before, y);
  if (form.squares)
    y = b.binary(BinaryKind::Mul, y, y);
  y = reduceOver(b, form.kind, y, *axes);
  if (form.after)
    y = b.unary(*form.after, y);
  return finish(n, x, y, *axes);
}

template <ReduceKind kind> static LogicalResult importReduce(NodeImport &n) {
  return importForm(n, {kind, {}, {}});
}
static LogicalResult importReduceL1(NodeImport &n) {
  return importForm(n, {ReduceKind::Sum, UnaryKind::Abs, {}});
}
static LogicalResult importReduceL2(NodeImport &n) {
  return importForm(n, {ReduceKind::Sum, {}, UnaryKind::Sqrt, /*squares=*/true});
}
static LogicalResult importReduceSumSquare(NodeImport &n) {
  return importForm(n, {ReduceKind::Sum, {}, {}, /*squares=*/true});
}
static LogicalResult importReduceLogSum(NodeImport &n) {
  return importForm(n, {ReduceKind::Sum, {}, UnaryKind::Log});
}

static LogicalResult importReduceMean(NodeImport &n) {
  FailureOr<ReducedAxes> axes = axesOf(n);
  if (failed(axes))
    return failure();
  NNBuilder &b = n.b;
  Value x = n.operand(0), sum = reduceOver(b, ReduceKind::Sum, x, *axes);
  Value count = b.reshape(countOf(b, x, *axes), ArrayRef<int64_t>());
  count = b.convert(count, NNBuilder::elementOf(x));
  return finish(n, x, b.binary(BinaryKind::Div, sum, count), *axes);
}

/// max + log(sum(exp(x - max))), with 0 for an infinite or NaN max. Where the axes are only
/// known at run time, the max of a row does not broadcast to it by type: there it is the max
/// of all elements, in f64.
static LogicalResult importReduceLogSumExp(NodeImport &n) {
  FailureOr<ReducedAxes> axes = axesOf(n);
  if (failed(axes))
    return failure();
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  Type type = NNBuilder::elementOf(x);
  if (!isa<FloatType>(type))
    return n.unsupported("its operand has integer elements; cast it to a float type");
  Value wide = axes->mask ? b.convert(x, b.getF64Type()) : x;
  ReducedAxes all{llvm::to_vector(llvm::seq<int64_t>(0, NNBuilder::rankOf(x))), {}};
  Value highest = reduceOver(b, ReduceKind::Max, wide, axes->mask ? all : *axes);
  if (axes->mask)
    highest = b.reshape(highest, ArrayRef<int64_t>());
  Value infinity = b.scalarLike(wide, std::numeric_limits<double>::infinity());
  Value isFinite = b.compare(ComparePredicate::Lt, b.unary(UnaryKind::Abs, highest), infinity);
  Value shift = b.select(isFinite, highest, b.scalarLike(wide, 0));
  Value powers = b.unary(UnaryKind::Exp, b.binary(BinaryKind::Sub, wide, shift));
  Value sum = reduceOver(b, ReduceKind::Sum, powers, *axes);
  Value result = b.binary(BinaryKind::Add, b.unary(UnaryKind::Log, sum), shift);
  return finish(n, x, b.convert(result, type), *axes);
}

//===----------------------------------------------------------------------===//
// Arg-max, prefix sums, top-k
//===----------------------------------------------------------------------===//

template <ReduceKind kind> static LogicalResult importArgReduce(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  int64_t axis = b.axisOf(x, n.intAttr("axis"));
  Value result = b.make<ArgReduceOp>(b.getI64Type(), kind, x, axis,
                                     static_cast<bool>(n.intAttr("select_last_index")));
  n.setResult(0, n.intAttr("keepdims", 1) ? result : b.squeeze(result, {axis}));
  return success();
}

template <ReduceKind kind> static LogicalResult importCumulative(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  bool exclusive = n.intAttr("exclusive"), reverse = n.intAttr("reverse");
  auto along = [&](int64_t axis) {
    return b.make<CumulativeOp>(NNBuilder::elementOf(x), kind, x, axis, exclusive, reverse);
  };
  if (auto known = n.constantInts(1)) {
    if (known->size() != 1)
      return n.invalid("its axis is no scalar");
    n.setResult(0, along(b.axisOf(x, known->front())));
    return success();
  }
  // A run-time axis picks one of the few results.
  int64_t rank = NNBuilder::rankOf(x);
  Value axis = b.convert(b.reshape(n.operand(1), ArrayRef<int64_t>()), b.getI64Type());
  if (failed(demandAxes(n, axis, rank)))
    return failure();
  Value result = along(0);
  for (int64_t i = 1; i < rank; ++i) {
    auto is = [&](int64_t value) {
      return b.compare(ComparePredicate::Eq, axis, b.scalar(b.getI64Type(), value));
    };
    Value isHere = is(i);
    isHere = b.binary(BinaryKind::Or, isHere, is(i - rank));
    result = b.select(isHere, along(i), result);
  }
  n.setResult(0, result);
  return success();
}

static LogicalResult importTopK(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0), k = b.reshape(n.operand(1), {1});
  int64_t axis = b.axisOf(x, n.intAttr("axis", -1)), last = NNBuilder::rankOf(x) - 1;
  if (failed(n.demand(k, ComparePredicate::Ge, 0.0, "the first {0} elements are asked for")))
    return failure();
  auto swap = llvm::to_vector(llvm::seq<int64_t>(0, last + 1));
  std::swap(swap[axis], swap[last]);
  Value rows = axis == last ? x : b.transpose(x, swap);
  Value order =
      b.make<ArgSortOp>(b.getI64Type(), rows, k, static_cast<bool>(n.intAttr("largest", 1)));
  if (axis != last)
    order = b.transpose(order, swap);
  n.setResult(0, b.gatherElements(x, order, axis));
  n.setResult(1, order);
  return success();
}

void optc::onnximport::registerReduce(HandlerRegistry &r) {
  r.add("ReduceSum", importReduce<ReduceKind::Sum>);
  r.add("ReduceProd", importReduce<ReduceKind::Prod>);
  r.add("ReduceMax", importReduce<ReduceKind::Max>);
  r.add("ReduceMin", importReduce<ReduceKind::Min>);
  r.add("ReduceL1", summing<importReduceL1>);
  r.add("ReduceL2", summing<importReduceL2>);
  r.add("ReduceSumSquare", summing<importReduceSumSquare>);
  r.add("ReduceLogSum", summing<importReduceLogSum>);
  r.add("ReduceLogSumExp", summing<importReduceLogSumExp>);
  r.add("ReduceMean", summing<importReduceMean>);
  r.add("ArgMax", importArgReduce<ReduceKind::Max>);
  r.add("ArgMin", importArgReduce<ReduceKind::Min>);
  r.add("CumSum", summing<importCumulative<ReduceKind::Sum>>);
  r.add("CumProd", summing<importCumulative<ReduceKind::Prod>>);
  r.add("TopK", importTopK);
}
