//===- ExpandRecurrent.cpp - recurrent layers as loops over time ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One matrix product of all inputs and an scf.for over time; a sequence of one step is
// straight code.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Passes/Passes.h"
#include "dialects/NN/Passes/RecurrentCell.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace optc::nn {
#define GEN_PASS_DEF_NNEXPANDRECURRENT
#include "dialects/NN/NNPasses.h.inc"
} // namespace optc::nn

using namespace mlir;
using namespace optc::nn;

namespace {
class RecurrentExpander {
public:
  RecurrentExpander(NNBuilder &b, RecurrentOp op) : b(b), op(op), cell(b, op) {}
  void run();

private:
  struct Track {
    Value all, state, cell; // [S, B, H], [B, H], [B, H]
  };
  Track runLoop(Value projected, Track track);
  Track runStep(Value projected, Track track, Value time);
  Value timeSlice(Value tensor, Value time);

  NNBuilder &b;
  RecurrentOp op;
  RecurrentCell cell;
  Value lengths; // [B, 1] or null
};
} // namespace

/// Row `time` of [S, B, X] as [B, X].
Value RecurrentExpander::timeSlice(Value tensor, Value time) {
  Location loc = b.getLoc();
  auto type = NNBuilder::typeOf(tensor);
  SmallVector<OpFoldResult> offsets = {time, b.getIndexAttr(0), b.getIndexAttr(0)};
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, tensor),
                            steps(3, b.getIndexAttr(1));
  sizes.front() = b.getIndexAttr(1);
  auto result = RankedTensorType::get(type.getShape().drop_front(), type.getElementType());
  return tensor::ExtractSliceOp::create(b, loc, result, tensor, offsets, sizes, steps);
}

/// One step. After the end of a sequence its state stays and its output is zero.
RecurrentExpander::Track RecurrentExpander::runStep(Value projected, Track track, Value time) {
  auto [state, memory] = cell.step(projected, track.state, track.cell);
  Value output = state;
  if (lengths) {
    Value isValid = b.compare(ComparePredicate::Gt, lengths, time);
    output = b.select(isValid, state, b.scalarLike(state, 0));
    state = b.select(isValid, state, track.state);
    memory = memory ? b.select(isValid, memory, track.cell) : memory;
  }
  return {output, state, memory};
}

RecurrentExpander::Track RecurrentExpander::runLoop(Value projected, Track track) {
  Location loc = b.getLoc();
  Value zero = arith::ConstantIndexOp::create(b, loc, 0),
        one = arith::ConstantIndexOp::create(b, loc, 1);
  Value count = b.createOrFold<tensor::DimOp>(loc, projected, 0);
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, projected);
  sizes.back() = b.getIndexAttr(NNBuilder::typeOf(op.getRecurrentWeights()).getDimSize(0));
  Value all = tensor::EmptyOp::create(b, loc, sizes, NNBuilder::elementOf(projected));
  SmallVector<Value> initial = {all, track.state};
  if (track.cell)
    initial.push_back(track.cell);
  auto loop = scf::ForOp::create(b, loc, zero, count, one, initial);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value time = loop.getInductionVar();
  if (op.getReverse())
    time = arith::SubIOp::create(b, loc, arith::SubIOp::create(b, loc, count, one), time);
  auto carried = loop.getRegionIterArgs();
  Value time64 = arith::IndexCastOp::create(b, loc, b.getI64Type(), time);
  Value timeTensor =
      tensor::FromElementsOp::create(b, loc, RankedTensorType::get({}, b.getI64Type()), time64);
  Track next = runStep(timeSlice(projected, time),
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

void RecurrentExpander::run() {
  b.setInsertionPoint(op);
  b.setLoc(op.getLoc());
  if (op.getLengths())
    lengths = b.unsqueeze(op.getLengths(), {1});
  Track track{{}, op.getState(), op.getCell()};
  Value projected = cell.project(op.getInput());
  if (NNBuilder::typeOf(op.getInput()).getDimSize(0) == 1) {
    track = runStep(b.squeeze(projected, {0}), track, b.scalar(b.getI64Type(), 0));
    track.all = b.unsqueeze(track.all, {0});
  } else {
    track = runLoop(projected, track);
  }
  SmallVector<Value> values = {track.all, track.state, track.cell};
  for (auto [result, value] : llvm::zip(op->getResults(), values)) {
    if (value.getType() != result.getType())
      value = tensor::CastOp::create(b, b.getLoc(), result.getType(), value);
    result.replaceAllUsesWith(value);
  }
}

/// A batch of none, say. Slices of such states are not valid; the op is as good as a constant.
static bool computesNothing(RecurrentOp op) {
  return llvm::all_of(op->getResultTypes(), [](Type type) {
    return llvm::is_contained(cast<RankedTensorType>(type).getShape(), 0);
  });
}

namespace {
struct ExpandRecurrent : optc::nn::impl::NNExpandRecurrentBase<ExpandRecurrent> {
  void runOnOperation() override {
    auto expand = [](RecurrentOp op, NNBuilder &b) {
      if (computesNothing(op))
        return;
      RecurrentExpander(b, op).run();
      b.discard(op);
    };
    if (failed(rewriteEach<RecurrentOp>(getOperation(), expand)))
      signalPassFailure();
  }
};
} // namespace
