//===- Index.cpp - reading and writing at indices ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX's gathers and scatters, and ops that are one of them at computed indices.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Importer.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
// ONNX's values are only named through NodeImport here.
using mlir::Value;

//===----------------------------------------------------------------------===//
// Gathers
//===----------------------------------------------------------------------===//

/// Constant indices into a dimension of constant size; the op that reads there checks all others.
static LogicalResult judgeIndices(NodeImport &n, Value indices, Value x, int64_t axis) {
  if (!getConstant(n.b.getShapes().getShape(x)[axis]) || !indices.getDefiningOp<ConstantOp>())
    return success();
  return n.demandIndices(indices, n.b.sizeOf(x, axis),
                         "index {0} is out of range for a size of " +
                             Twine(NNBuilder::typeOf(x).getDimSize(axis)));
}

/// The same of vectors of indices, into the dimensions of x from the first on.
static LogicalResult judgeVectors(NodeImport &n, Value indices, Value x, int64_t first) {
  int64_t last = NNBuilder::rankOf(indices) - 1;
  int64_t length = last < 0 ? 0 : NNBuilder::typeOf(indices).getDimSize(last);
  for (int64_t i = 0; i < length && first + i < NNBuilder::rankOf(x); ++i)
    if (indices.getDefiningOp<ConstantOp>() &&
        failed(judgeIndices(n, n.b.slice(indices, last, i, i + 1), x, first + i)))
      return failure();
  return success();
}

/// One constant index is a slice, which is a view.
static FailureOr<Value> gatherOne(NodeImport &n, Value x, Value indices, int64_t axis,
                                  int64_t index) {
  auto size = getConstant(n.b.getShapes().getShape(x)[axis]);
  if (size && (index < -*size || index >= *size))
    return n.invalid("index " + Twine(index) + " is out of range for a size of " + Twine(*size));
  int64_t end = index == -1 ? std::numeric_limits<int64_t>::max() : index + 1;
  Value one = n.b.slice(x, axis, index, end);
  return NNBuilder::rankOf(indices) == 0 ? n.b.squeeze(one, {axis}) : one;
}

static LogicalResult importGather(NodeImport &n) {
  Value x = n.operand(0), indices = n.operand(1);
  int64_t axis = n.b.axisOf(x, n.intAttr("axis"));
  auto known = n.constantInts(1);
  if (!known || known->size() != 1 || NNBuilder::rankOf(indices) > 1) {
    if (failed(judgeIndices(n, indices, x, axis)))
      return failure();
    n.setResult(0, n.b.gather(x, indices, axis));
    return success();
  }
  FailureOr<Value> one = gatherOne(n, x, indices, axis, known->front());
  if (failed(one))
    return failure();
  n.setResult(0, *one);
  return success();
}

static LogicalResult importGatherElements(NodeImport &n) {
  Value x = n.operand(0);
  int64_t axis = n.b.axisOf(x, n.intAttr("axis"));
  if (failed(judgeIndices(n, n.operand(1), x, axis)))
    return failure();
  n.setResult(0, n.b.gatherElements(x, n.operand(1), axis));
  return success();
}

/// Indices whose rows have `length` elements: where that is not static, the run checks it.
static Value rowsOf(NodeImport &n, Value indices, int64_t length) {
  NNBuilder &b = n.b;
  int64_t last = NNBuilder::rankOf(indices) - 1;
  if (last < 0 || length < 0 || !NNBuilder::typeOf(indices).isDynamicDim(last))
    return indices;
  Value sizes = b.ints({length});
  if (last > 0)
    sizes = b.concat({b.slice(b.shapeOf(indices), 0, 0, last), sizes}, 0);
  return b.reshape(indices, sizes, /*allowZero=*/true);
}

static LogicalResult importGatherND(NodeImport &n) {
  Value x = n.operand(0), indices = n.operand(1);
  int64_t batch = n.intAttr("batch_dims");
  int64_t most = std::min(NNBuilder::rankOf(x), NNBuilder::rankOf(indices)) - 1;
  if (batch < 0 || batch > most)
    return n.invalid("its batch_dims is " + Twine(batch) + ", it must be from 0 to " + Twine(most));
  // The result has the dimensions of the indices but the last, and those of x they do not index.
  if (std::optional<int64_t> rank = n.resultRank(0))
    indices =
        rowsOf(n, indices, NNBuilder::rankOf(indices) - 1 + NNBuilder::rankOf(x) - batch - *rank);
  if (failed(judgeVectors(n, indices, x, batch)))
    return failure();
  n.setResult(0, n.b.make<GatherNDOp>(NNBuilder::elementOf(x), x, indices, batch));
  return success();
}

/// ai.onnx.ml: elements of the last dimension, as [1, n] for a vector.
static LogicalResult importArrayFeatureExtractor(NodeImport &n) {
  Value x = n.operand(0), indices = n.b.reshape(n.operand(1), {-1});
  if (NNBuilder::rankOf(x) == 0)
    return n.invalid("its input is a scalar");
  if (failed(judgeIndices(n, indices, x, NNBuilder::rankOf(x) - 1)))
    return failure();
  Value picked = n.b.gather(x, indices, NNBuilder::rankOf(x) - 1);
  n.setResult(0, NNBuilder::rankOf(x) == 1 ? n.b.unsqueeze(picked, {0}) : picked);
  return success();
}

/// Element t of row b is read at length[b] - 1 - t where t < length[b].
static LogicalResult importReverseSequence(NodeImport &n) {
  NNBuilder &b = n.b;
  if (failed(n.requireRank(1, 1)))
    return failure();
  Value x = n.operand(0), lengths = b.unsqueeze(b.convert(n.operand(1), b.getI64Type()), {1});
  int64_t batchAxis = b.axisOf(x, n.intAttr("batch_axis", 1)),
          timeAxis = b.axisOf(x, n.intAttr("time_axis"));
  if (batchAxis + timeAxis != 1)
    return n.invalid("batch_axis and time_axis must be 0 and 1");
  auto swap = llvm::to_vector(llvm::seq<int64_t>(0, NNBuilder::rankOf(x)));
  std::swap(swap[0], swap[1]);
  Value rows = batchAxis == 0 ? x : b.transpose(x, swap);
  if (failed(n.demand(lengths, ComparePredicate::Ge, 0.0, "a sequence has the length {0}")) ||
      failed(n.demand(lengths, ComparePredicate::Le, b.sizeOf(rows, 1),
                      "a sequence has the length {0}, there are {1} elements")))
    return failure();
  Value time = b.unsqueeze(b.iota(b.sizeOf(rows, 1)), {0});
  Value last = b.binary(BinaryKind::Sub, lengths, 1.0);
  Value reversed = b.binary(BinaryKind::Sub, last, time);
  Value source = b.select(b.compare(ComparePredicate::Lt, time, lengths), reversed, time);
  Value result = b.make<GatherNDOp>(NNBuilder::elementOf(x), rows, b.unsqueeze(source, {2}), 1);
  n.setResult(0, batchAxis == 0 ? result : b.transpose(result, swap));
  return success();
}

//===----------------------------------------------------------------------===//
// Scatters
//===----------------------------------------------------------------------===//

/// The reduction of a scatter; null for plain replacement.
static FailureOr<ReduceKindAttr> reductionOf(NodeImport &n) {
  std::string name = n.stringAttr("reduction", "none");
  auto make = [&](ReduceKind kind) { return ReduceKindAttr::get(n.b.getContext(), kind); };
  if (name == "none")
    return ReduceKindAttr();
  if (name == "add")
    return make(ReduceKind::Sum);
  if (name == "mul")
    return make(ReduceKind::Prod);
  if (name == "max")
    return make(ReduceKind::Max);
  if (name == "min")
    return make(ReduceKind::Min);
  return n.invalid("unknown reduction '" + name + "'");
}

/// Any number of updates may be added to or multiplied with one element.
template <NodeHandler handler> static LogicalResult scatter(NodeImport &n) {
  std::string name = n.stringAttr("reduction", "none");
  return name == "add" || name == "mul" ? summing<handler>(n) : handler(n);
}

static LogicalResult importScatterElements(NodeImport &n) {
  Value x = n.operand(0);
  FailureOr<ReduceKindAttr> reduction = reductionOf(n);
  if (failed(reduction))
    return failure();
  int64_t axis = n.b.axisOf(x, n.intAttr("axis"));
  if (failed(judgeIndices(n, n.operand(1), x, axis)))
    return failure();
  n.setResult(0, n.b.make<ScatterElementsOp>(NNBuilder::elementOf(x), x, n.operand(1), n.operand(2),
                                             axis, *reduction));
  return success();
}

static LogicalResult importScatterND(NodeImport &n) {
  Value x = n.operand(0);
  FailureOr<ReduceKindAttr> reduction = reductionOf(n);
  if (failed(reduction))
    return failure();
  Value indices = n.operand(1), updates = n.operand(2);
  // Updates have the dimensions of the indices but the last, and those of x they do not index.
  int64_t length =
      NNBuilder::rankOf(indices) - 1 + NNBuilder::rankOf(x) - NNBuilder::rankOf(updates);
  if (failed(judgeVectors(n, indices, x, 0)))
    return failure();
  n.setResult(0, n.b.make<ScatterNDOp>(NNBuilder::elementOf(x), x, rowsOf(n, indices, length),
                                       updates, *reduction));
  return success();
}

/// Row b of the update goes to positions write[b], write[b] + 1, ... along the axis of the
/// cache, which wrap around when it is circular.
static LogicalResult importTensorScatter(NodeImport &n) {
  NNBuilder &b = n.b;
  if (failed(n.requireRank(2, 1)))
    return failure();
  Value cache = n.operand(0), update = n.operand(1);
  int64_t rank = NNBuilder::rankOf(cache), axis = b.axisOf(cache, n.intAttr("axis", -2));
  if (axis == 0)
    return n.invalid("its axis is the batch dimension");
  Value steps = b.iota(b.sizeOf(update, axis));
  SmallVector<int64_t> besideAxis, besideBatch;
  for (int64_t i = 0; i < rank; ++i) {
    if (i != axis)
      besideAxis.push_back(i);
    if (i != 0)
      besideBatch.push_back(i);
  }
  Value place = b.unsqueeze(steps, besideAxis);
  bool isCircular = n.stringAttr("mode", "linear") == "circular";
  if (n.hasOperand(2)) {
    Value write = b.convert(n.operand(2), b.getI64Type());
    Value end = b.binary(BinaryKind::Add, write, b.sizeOf(update, axis));
    if (failed(n.demand(write, ComparePredicate::Ge, 0.0, "it is to write at the position {0}")) ||
        (!isCircular && failed(n.demand(end, ComparePredicate::Le, b.sizeOf(cache, axis),
                                        "it is to write up to the position {0} of {1}"))))
      return failure();
    place = b.binary(BinaryKind::Add, b.unsqueeze(write, besideBatch), place);
  }
  if (isCircular)
    place = b.binary(BinaryKind::Mod, place, b.reshape(b.sizeOf(cache, axis), ArrayRef<int64_t>()));
  Value indices = b.expand(place, b.shapeOf(update));
  n.setResult(0, b.make<ScatterElementsOp>(NNBuilder::elementOf(cache), cache, indices, update,
                                           axis, ReduceKindAttr()));
  return success();
}

void optc::onnximport::registerIndex(HandlerRegistry &r) {
  r.add("Gather", importGather);
  r.add("GatherElements", importGatherElements);
  r.add("GatherND", importGatherND);
  r.add("ai.onnx.ml:ArrayFeatureExtractor", importArrayFeatureExtractor);
  r.add("ReverseSequence", importReverseSequence);
  r.add("Scatter", scatter<importScatterElements>);
  r.add("ScatterElements", scatter<importScatterElements>);
  r.add("ScatterND", scatter<importScatterND>);
  r.add("TensorScatter", importTensorScatter);
}
