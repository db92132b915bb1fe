//===- LoopImport.cpp - Loop and Scan -------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See LoopImport.h. The body is imported until the types and sizes of the states that it
// hands on are those it was given; then once more if there are scan outputs, of which only an
// imported body shows what their rows are.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/LoopImport.h"
#include "lib/Import/Onnx/ScanOutput.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;

namespace {
/// A state of the loop as its body sees it: sizes that the body changes are null, and dynamic.
struct State {
  RankedTensorType type;
  Shape shape;
};

class LoopImport {
public:
  explicit LoopImport(NodeImport &n, bool isScan) : n(n), b(n.b), isScan(isScan) {}
  LogicalResult run();

private:
  LogicalResult prepare();
  LogicalResult prepareScanInputs(int64_t count);
  LogicalResult importBody();
  LogicalResult importScanOutputs();
  FailureOr<bool> widenStates();
  void createLoop(ValueRange collected);
  Value cast(Value value, Type type);
  DimExpr limit();
  Value limitValue();
  SmallVector<Value> bodyArguments(Block *block);
  void finish();
  Value placeScanOutput(Value stack, size_t index);

  NodeImport &n;
  NNBuilder &b;
  bool isScan;
  SmallVector<Value> initial;    // states
  SmallVector<Value> scanInputs; // of Scan
  SmallVector<int64_t> axes, directions;
  SmallVector<State> states;
  SmallVector<ScanOutput> scanOutputs;
  SmallVector<size_t> numCarried; // by each of them

  // The loop of the last import.
  scf::WhileOp loop;
  SmallVector<Value> produced; // states, then rows
  bool endsByCount = true;     // the condition is always true
};
} // namespace

/// A scalar of the IR as a tensor of one element.
static Value scalarTensor(NNBuilder &b, Value scalar) {
  return tensor::FromElementsOp::create(b, b.getLoc(), RankedTensorType::get({}, scalar.getType()),
                                        scalar);
}

static Value extractScalar(NNBuilder &b, Value tensor) {
  return tensor::ExtractOp::create(b, b.getLoc(), b.reshape(tensor, ArrayRef<int64_t>()),
                                   ValueRange());
}

static bool isTrue(NNBuilder &b, Value tensor) {
  auto known = b.getShapes().getConstantContents(tensor);
  return known && known->size() == 1 && known->front();
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

LogicalResult LoopImport::prepareScanInputs(int64_t count) {
  if (count <= 0 || count > static_cast<int64_t>(n.numOperands()))
    return n.invalid("it has no scan inputs");
  axes = n.intsAttr("scan_input_axes");
  axes.resize(count, 0);
  directions = n.intsAttr("scan_input_directions");
  directions.resize(count, 0);
  for (int64_t i = 0; i < count; ++i) {
    scanInputs.push_back(n.operand(n.numOperands() - count + i));
    axes[i] = b.axisOf(scanInputs.back(), axes[i]);
  }
  return success();
}

LogicalResult LoopImport::prepare() {
  const Graph *body = n.subgraph("body");
  if (!body)
    return n.invalid("it has no body");
  if (isScan && failed(prepareScanInputs(n.intAttr("num_scan_inputs"))))
    return failure();
  size_t first = isScan ? 0 : 2, last = n.numOperands() - scanInputs.size();
  for (size_t i = first; i < last; ++i) {
    initial.push_back(n.operand(i));
    states.push_back({NNBuilder::typeOf(initial.back()), b.getShapes().getShape(initial.back())});
  }
  return success();
}

/// The largest number of iterations; null if there is none.
DimExpr LoopImport::limit() {
  if (isScan)
    return b.getShapes().getShape(scanInputs.front())[axes.front()];
  if (!n.hasOperand(0))
    return {};
  return b.getShapes().getContents(b.reshape(n.operand(0), ArrayRef<int64_t>()))->front();
}

/// The same as i64.
Value LoopImport::limitValue() {
  if (isScan)
    return extractScalar(b, b.sizeOf(scanInputs.front(), axes.front()));
  if (n.hasOperand(0))
    return extractScalar(b, n.operand(0));
  return arith::ConstantIntOp::create(b, b.getLoc(), std::numeric_limits<int64_t>::max(), 64);
}

/// What the body's inputs are bound to in one iteration.
SmallVector<Value> LoopImport::bodyArguments(Block *block) {
  SmallVector<Value> arguments;
  Value iteration = scalarTensor(b, block->getArgument(0));
  if (!isScan)
    arguments = {iteration, scalarTensor(b, block->getArgument(1))};
  llvm::append_range(arguments, block->getArguments().slice(2, states.size()));
  for (auto [input, axis, isBackward] : llvm::zip(scanInputs, axes, directions)) {
    Value position = iteration;
    if (isBackward) {
      Value last =
          b.binary(BinaryKind::Sub, b.reshape(b.sizeOf(input, axis), ArrayRef<int64_t>()), 1.0);
      position = b.binary(BinaryKind::Sub, last, iteration);
    }
    arguments.push_back(b.make<GatherOp>(NNBuilder::elementOf(input), input, position, axis));
  }
  return arguments;
}

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

Value LoopImport::cast(Value value, Type type) {
  return value.getType() == type ? value
                                 : tensor::CastOp::create(b, b.getLoc(), type, value).getResult();
}

/// The loop with its condition, and the sizes of what its body is given.
void LoopImport::createLoop(ValueRange collected) {
  Location loc = b.getLoc();
  Value first = arith::ConstantIntOp::create(b, loc, 0, 64), last = limitValue();
  Value condition = !isScan && n.hasOperand(1)
                        ? extractScalar(b, n.operand(1))
                        : arith::ConstantIntOp::create(b, loc, 1, 1).getResult();
  SmallVector<Value> inits = {first, condition};
  for (auto [value, state] : llvm::zip(initial, states))
    inits.push_back(cast(value, state.type));
  llvm::append_range(inits, collected);
  SmallVector<Type> types = llvm::map_to_vector(inits, [](Value value) { return value.getType(); });
  SmallVector<Location> locs(types.size(), loc);
  loop = scf::WhileOp::create(b, loc, types, inits);
  Block *before = b.createBlock(&loop.getBefore(), {}, types, locs);
  Value inRange =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, before->getArgument(0), last);
  Value goesOn = arith::AndIOp::create(b, loc, inRange, before->getArgument(1));
  scf::ConditionOp::create(b, loc, goesOn, before->getArguments());
  Block *after = b.createBlock(&loop.getAfter(), {}, types, locs);
  for (auto [i, state] : llvm::enumerate(states)) {
    Value argument = after->getArgument(i + 2);
    Shape shape = state.shape;
    for (auto [dim, size] : llvm::enumerate(shape))
      size = size ? size : b.getShapes().unknownDim(argument, dim);
    b.getShapes().setShape(argument, shape);
  }
}

/// Imports the body, with scan outputs once they are known.
LogicalResult LoopImport::importBody() {
  Location loc = b.getLoc();
  OpBuilder::InsertionGuard guard(b);
  SmallVector<Value> collected;
  DimExpr most = limit();
  for (ScanOutput &output : scanOutputs) {
    DimExpr rows = endsByCount && most ? b.getShapes().atLeastZero(most) : DimExpr();
    SmallVector<Value> carried = output.start(rows, most);
    numCarried.push_back(carried.size());
    llvm::append_range(collected, carried);
  }
  createLoop(collected);
  Block *after = loop.getAfterBody();
  SmallVector<Value> arguments = bodyArguments(after);
  n.enterIteration(after->getArgument(0));
  auto results = n.importSubgraph("body", arguments);
  n.leaveIteration();
  if (failed(results))
    return failure();
  if (results->size() < states.size() + !isScan)
    return n.invalid("its body has too few outputs");
  Value next = after->getArgument(1);
  if (!isScan) {
    Value condition = results->front();
    if (!NNBuilder::elementOf(condition).isInteger(1))
      return n.invalid("the first output of its body, the condition, is not of type bool");
    endsByCount = (!n.hasOperand(1) || isTrue(b, n.operand(1))) &&
                  (condition == arguments[1] || isTrue(b, condition));
    next = extractScalar(b, condition);
    results->erase(results->begin());
  }
  produced = *results;
  Value one = arith::ConstantIntOp::create(b, loc, 1, 64);
  SmallVector<Value> yielded = {arith::AddIOp::create(b, loc, after->getArgument(0), one), next};
  for (auto [value, state] : llvm::zip(produced, states)) {
    bool fits = tensor::CastOp::areCastCompatible(value.getType(), state.type);
    yielded.push_back(fits ? cast(value, state.type) : value); // else there is another import
  }
  ValueRange carried = after->getArguments().drop_front(2 + states.size());
  for (auto [i, output] : llvm::enumerate(scanOutputs)) {
    Value row = produced[states.size() + i];
    llvm::append_range(yielded,
                       output.add(row, after->getArgument(0), carried.take_front(numCarried[i])));
    carried = carried.drop_front(numCarried[i]);
  }
  scf::YieldOp::create(b, loc, yielded);
  return success();
}

/// Makes what the body changes of its states unknown. Whether there was something.
FailureOr<bool> LoopImport::widenStates() {
  bool changed = false;
  for (auto [state, value] : llvm::zip(states, produced)) {
    RankedTensorType next = NNBuilder::typeOf(value);
    if (state.type.getRank() != next.getRank() ||
        state.type.getElementType() != next.getElementType())
      return n.unsupported("its body changes the rank or type of a state");
    SmallVector<int64_t> sizes(state.type.getShape());
    Shape shape = b.getShapes().getShape(value);
    for (auto [dim, size] : llvm::enumerate(sizes)) {
      if (size != next.getDimSize(dim))
        size = ShapedType::kDynamic;
      DimExpr &known = state.shape[dim];
      if (known && known != shape[dim]) {
        known = {};
        changed = true;
      }
    }
    changed |= state.type.clone(sizes) != state.type;
    state.type = state.type.clone(sizes);
  }
  return changed;
}

/// The body again, now that it is known what the rows of its scan outputs are.
LogicalResult LoopImport::importScanOutputs() {
  for (Value row : ArrayRef(produced).drop_front(states.size()))
    scanOutputs.emplace_back(b, row, loop);
  if (scanOutputs.empty())
    return success();
  b.discard(loop);
  return importBody();
}

/// Reverses and moves the dimension of iterations to where Scan wants it.
Value LoopImport::placeScanOutput(Value stack, size_t index) {
  SmallVector<int64_t> outputAxes = n.intsAttr("scan_output_axes"),
                       outputDirections = n.intsAttr("scan_output_directions");
  if (index < outputDirections.size() && outputDirections[index]) {
    Value start = b.ints({-1}), end = b.ints({std::numeric_limits<int64_t>::min()});
    stack = b.make<SliceOp>(NNBuilder::elementOf(stack), stack, start, end, b.ints({-1}),
                            ArrayRef<int64_t>(0));
  }
  int64_t axis = index < outputAxes.size() ? b.axisOf(stack, outputAxes[index]) : 0;
  if (axis == 0)
    return stack;
  SmallVector<int64_t> permutation;
  for (int64_t i = 1, e = NNBuilder::rankOf(stack); i < e; ++i)
    permutation.push_back(i);
  permutation.insert(permutation.begin() + axis, 0);
  return b.transpose(stack, permutation);
}

void LoopImport::finish() {
  for (auto [i, state] : llvm::enumerate(states)) {
    Value result = loop.getResult(i + 2);
    Shape shape = state.shape;
    for (auto [dim, size] : llvm::enumerate(shape))
      size = size ? size : b.getShapes().unknownDim(result, dim);
    b.getShapes().setShape(result, shape);
    n.setResult(i, result);
  }
  ValueRange carried = loop.getResults().drop_front(2 + states.size());
  for (auto [i, output] : llvm::enumerate(scanOutputs)) {
    Value all = output.finish(loop.getResult(0), carried.take_front(numCarried[i]));
    n.setResult(states.size() + i, placeScanOutput(all, i));
    carried = carried.drop_front(numCarried[i]);
  }
}

LogicalResult LoopImport::run() {
  if (failed(prepare()))
    return failure();
  while (true) {
    if (failed(importBody()))
      return failure();
    FailureOr<bool> changed = widenStates();
    if (failed(changed))
      return failure();
    if (!*changed)
      break;
    b.discard(loop);
  }
  if (failed(importScanOutputs()))
    return failure();
  finish();
  return success();
}

LogicalResult optc::onnximport::importLoop(NodeImport &n, bool isScan) {
  return LoopImport(n, isScan).run();
}
