//===- Recurrent.cpp - RNN, GRU and LSTM ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Recurrent layers as one matrix product of all inputs and an scf.for over time; a sequence
// of one step is straight code.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/RecurrentCell.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

namespace {
/// One layer: sequence-major data, one direction after the other.
class RecurrentImport {
public:
  RecurrentImport(NodeImport &n, RecurrentCell::Kind kind) : n(n), b(n.b), kind(kind) {}
  LogicalResult run();

private:
  struct Track { // one direction
    Value all, state, cell; // [S, B, H], [B, H], [B, H]
  };
  LogicalResult readActivations(size_t directions);
  FailureOr<RecurrentCell> readCell(size_t direction);
  Value row(Value tensor, int64_t direction);
  Value initialState(size_t operand, int64_t direction);
  Track runDirection(const RecurrentCell &cell, int64_t direction, bool isReverse);
  Track runLoop(const RecurrentCell &cell, Value projected, Track track, bool isReverse);
  Track runStep(const RecurrentCell &cell, Value projected, Track track, Value time);
  Value timeSlice(Value tensor, Value time);

  NodeImport &n;
  NNBuilder &b;
  RecurrentCell::Kind kind;
  Value input, lengths; // [S, B, I]; [B, 1] or null
  int64_t hidden = 0;
  bool isBatchMajor = false;
  SmallVector<Activation> activations;
};
} // namespace

//===----------------------------------------------------------------------===//
// Attributes and weights
//===----------------------------------------------------------------------===//

LogicalResult RecurrentImport::readActivations(size_t directions) {
  static const std::vector<std::string> defaults[] = {
      {"Tanh"}, {"Sigmoid", "Tanh"}, {"Sigmoid", "Tanh", "Tanh"}};
  const auto &usual = defaults[static_cast<int>(kind)];
  std::vector<std::string> names;
  if (const auto *given = n.node.find("activations"))
    names = given->strings;
  if (names.empty())
    for (size_t i = 0; i < directions; ++i)
      names.insert(names.end(), usual.begin(), usual.end());
  if (names.size() != usual.size() * directions)
    return n.invalid(Twine(names.size()) + " activations, needed are " +
                     Twine(usual.size() * directions));
  auto parameters = [&](StringRef name) {
    const auto *found = n.node.find({name.data(), name.size()});
    return found ? found->floats : std::vector<float>();
  };
  std::vector<float> alphas = parameters("activation_alpha"), betas = parameters("activation_beta");
  for (auto [i, name] : llvm::enumerate(names)) {
    bool hasAlpha = i < alphas.size(), hasBeta = i < betas.size();
    activations.push_back({name, hasAlpha ? alphas[i] : 0.0, hasBeta ? betas[i] : 0.0});
    if (!completeActivation(activations.back(), hasAlpha, hasBeta))
      return n.unsupported("the activation '" + Twine(name) + "'");
  }
  return success();
}

/// [directions, ..] at one direction.
Value RecurrentImport::row(Value tensor, int64_t direction) {
  return b.squeeze(b.slice(tensor, 0, direction, direction + 1), {0});
}

FailureOr<RecurrentCell> RecurrentImport::readCell(size_t direction) {
  RecurrentCell cell;
  cell.kind = kind;
  cell.hidden = hidden;
  size_t count = kind == RecurrentCell::Kind::Lstm ? 3 : kind == RecurrentCell::Kind::Gru ? 2 : 1;
  cell.activations.assign(activations.begin() + direction * count,
                          activations.begin() + (direction + 1) * count);
  cell.clip = n.floatAttr("clip", 0);
  cell.inputForget = n.intAttr("input_forget");
  cell.linearBeforeReset = n.intAttr("linear_before_reset");
  cell.weights = b.transpose(row(n.operand(1), direction), {1, 0});
  cell.recurrent = b.transpose(row(n.operand(2), direction), {1, 0});
  int64_t width = cell.gates() * hidden;
  if (Value biases = n.operand(3)) {
    // The biases of input and state add up, but GRU's last gate may scale the latter.
    Value both = row(biases, direction), ours = b.slice(both, 0, 0, width);
    Value theirs = b.slice(both, 0, width, 2 * width);
    if (kind == RecurrentCell::Kind::Gru && cell.linearBeforeReset) {
      cell.recurrentBias = b.slice(theirs, 0, 2 * hidden, 3 * hidden);
      Value zero = b.binary(BinaryKind::Mul, cell.recurrentBias, 0.0);
      theirs = b.concat({b.slice(theirs, 0, 0, 2 * hidden), zero}, 0);
    }
    cell.bias = b.binary(BinaryKind::Add, ours, theirs);
  }
  if (kind == RecurrentCell::Kind::Lstm && n.hasOperand(7))
    cell.peepholes = row(n.operand(7), direction);
  return cell;
}

Value RecurrentImport::initialState(size_t operand, int64_t direction) {
  if (Value given = n.operand(operand))
    return row(isBatchMajor ? b.transpose(given, {1, 0, 2}) : given, direction);
  Value sizes = b.concat({b.sizeOf(input, 1), b.ints({hidden})}, 0);
  return b.expand(b.scalarLike(input, 0), sizes);
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

/// Row `time` of [S, B, X] as [B, X].
Value RecurrentImport::timeSlice(Value tensor, Value time) {
  Location loc = b.getLoc();
  auto type = NNBuilder::typeOf(tensor);
  SmallVector<OpFoldResult> offsets = {time, b.getIndexAttr(0), b.getIndexAttr(0)};
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, tensor), steps(3, b.getIndexAttr(1));
  sizes.front() = b.getIndexAttr(1);
  auto result = RankedTensorType::get(type.getShape().drop_front(), type.getElementType());
  return tensor::ExtractSliceOp::create(b, loc, result, tensor, offsets, sizes, steps);
}

/// One step. After the end of a sequence its state stays and its output is zero.
RecurrentImport::Track RecurrentImport::runStep(const RecurrentCell &cell, Value projected,
                                                Track track, Value time) {
  auto [state, memory] = cell.step(b, projected, track.state, track.cell);
  Value output = state;
  if (lengths) {
    Value isValid = b.compare(ComparePredicate::Gt, lengths, time);
    output = b.select(isValid, state, b.scalarLike(state, 0));
    state = b.select(isValid, state, track.state);
    memory = memory ? b.select(isValid, memory, track.cell) : memory;
  }
  return {output, state, memory};
}

RecurrentImport::Track RecurrentImport::runLoop(const RecurrentCell &cell, Value projected,
                                                Track track, bool isReverse) {
  Location loc = b.getLoc();
  Value zero = arith::ConstantIndexOp::create(b, loc, 0), one = arith::ConstantIndexOp::create(b, loc, 1);
  Value count = b.createOrFold<tensor::DimOp>(loc, projected, 0);
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, projected);
  sizes.back() = b.getIndexAttr(hidden);
  Value all = tensor::EmptyOp::create(b, loc, sizes, NNBuilder::elementOf(projected));
  SmallVector<Value> initial = {all, track.state};
  if (track.cell)
    initial.push_back(track.cell);
  auto loop = scf::ForOp::create(b, loc, zero, count, one, initial);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value time = loop.getInductionVar();
  if (isReverse)
    time = arith::SubIOp::create(b, loc, arith::SubIOp::create(b, loc, count, one), time);
  auto carried = loop.getRegionIterArgs();
  Value time64 = arith::IndexCastOp::create(b, loc, b.getI64Type(), time);
  Value timeTensor = tensor::FromElementsOp::create(b, loc, RankedTensorType::get({}, b.getI64Type()), time64);
  Track next = runStep(cell, timeSlice(projected, time),
                       {{}, carried[1], track.cell ? carried[2] : Value()}, timeTensor);
  SmallVector<OpFoldResult> offsets = {time, b.getIndexAttr(0), b.getIndexAttr(0)};
  SmallVector<OpFoldResult> steps(3, b.getIndexAttr(1));
  sizes.front() = b.getIndexAttr(1);
  Value stored = tensor::InsertSliceOp::create(b, loc, next.all, carried[0], offsets, sizes, steps);
  SmallVector<Value> yielded = {stored, next.state};
  if (next.cell)
    yielded.push_back(next.cell);
  for (auto [value, argument] : llvm::zip(yielded, carried))
    if (value.getType() != argument.getType())
      value = tensor::CastOp::create(b, loc, argument.getType(), value);
  scf::YieldOp::create(b, loc, yielded);
  return {loop.getResult(0), loop.getResult(1), track.cell ? loop.getResult(2) : Value()};
}

RecurrentImport::Track RecurrentImport::runDirection(const RecurrentCell &cell, int64_t direction,
                                                     bool isReverse) {
  Track track{{}, initialState(5, direction), {}};
  if (kind == RecurrentCell::Kind::Lstm)
    track.cell = initialState(6, direction);
  Value projected = cell.project(b, input);
  if (NNBuilder::typeOf(input).getDimSize(0) != 1)
    return runLoop(cell, projected, track, isReverse);
  Track last = runStep(cell, b.squeeze(projected, {0}), track, b.scalar(b.getI64Type(), 0));
  last.all = b.unsqueeze(last.all, {0});
  return last;
}

LogicalResult RecurrentImport::run() {
  input = n.operand(0);
  if (NNBuilder::rankOf(input) != 3 || NNBuilder::rankOf(n.operand(2)) != 3)
    return n.invalid("its input and weights must have rank 3");
  hidden = NNBuilder::typeOf(n.operand(2)).getDimSize(2);
  if (ShapedType::isDynamic(hidden))
    return n.unsupported("weights of dynamic sizes; give them a static shape");
  isBatchMajor = n.intAttr("layout");
  if (isBatchMajor)
    input = b.transpose(input, {1, 0, 2});
  if (Value given = n.operand(4))
    lengths = b.unsqueeze(b.convert(given, b.getI64Type()), {1});
  std::string direction = n.stringAttr("direction", "forward");
  size_t directions = direction == "bidirectional" ? 2 : 1;
  if (failed(readActivations(directions)))
    return failure();
  SmallVector<Value> all, states, cells;
  for (size_t i = 0; i < directions; ++i) {
    FailureOr<RecurrentCell> cell = readCell(i);
    if (failed(cell))
      return failure();
    Track track = runDirection(*cell, i, direction == "reverse" || i == 1);
    all.push_back(b.unsqueeze(track.all, {1}));
    states.push_back(b.unsqueeze(track.state, {0}));
    if (track.cell)
      cells.push_back(b.unsqueeze(track.cell, {0}));
  }
  auto finish = [&](size_t index, ArrayRef<Value> parts, int64_t axis, ArrayRef<int64_t> batchFirst) {
    if (!n.hasResult(index))
      return;
    Value joined = parts.size() == 1 ? parts.front() : b.concat(parts, axis);
    n.setResult(index, isBatchMajor ? b.transpose(joined, batchFirst) : joined);
  };
  finish(0, all, 1, {2, 0, 1, 3});
  finish(1, states, 0, {1, 0, 2});
  if (kind == RecurrentCell::Kind::Lstm)
    finish(2, cells, 0, {1, 0, 2});
  return success();
}

template <RecurrentCell::Kind kind> static LogicalResult importRecurrent(NodeImport &n) {
  return RecurrentImport(n, kind).run();
}

namespace optc::onnximport {
void registerRecurrent(HandlerRegistry &registry) {
  registry.add("RNN", importRecurrent<RecurrentCell::Kind::Rnn>);
  registry.add("GRU", importRecurrent<RecurrentCell::Kind::Gru>);
  registry.add("LSTM", importRecurrent<RecurrentCell::Kind::Lstm>);
}
} // namespace optc::onnximport
