//===- RaiseQuantize.cpp - quantizations above what moves elements ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See QNNPasses.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/ConstantFold.h"
#include "dialects/QNN/Passes/Passes.h"
#include "dialects/QNN/Quantization.h"

namespace optc::qnn {
#define GEN_PASS_DEF_QNNRAISEQUANTIZE
#include "dialects/QNN/QNNPasses.h.inc"
} // namespace optc::qnn

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::qnn;

/// How many of the first operands of an op are moved to where its result has them, each element as
/// it is; 0 if it does more.
static unsigned countMoved(Operation *op) {
  if (isa<ConcatOp>(op))
    return op->getNumOperands();
  return isa<ReshapeOp, TransposeOp, SliceOp, ExpandOp, PadOp>(op);
}

/// Whether a value is a dequantization, or several, perhaps moved about.
static bool isDequantized(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (isa<DequantizeOp>(op))
      return true;
    if (countMoved(op) == 0)
      return false;
    if (countMoved(op) > 1)
      return llvm::all_of(op->getOperands(), isDequantized);
    value = op->getOperand(0);
  }
  return false;
}

/// move(quantize(x)) instead of `op`, which is quantize(move(x)), and so on upwards.
static Value raise(QuantizeOp op, Value input, NNBuilder &b) {
  Operation *move = input.getDefiningOp();
  unsigned count = move && (input.hasOneUse() || isDequantized(input)) ? countMoved(move) : 0;
  if (count == 0)
    return b.make<QuantizeOp>(NNBuilder::elementOf(op.getResult()), input, op.getScale(),
                              op.getZeroPoint());
  SmallVector<Value> moved;
  for (Value operand : move->getOperands().take_front(count))
    moved.push_back(raise(op, operand, b));
  return rebuildOn(move, b, moved, [&](Operation *copy) {
    Type element = NNBuilder::elementOf(op.getResult());
    copy->getResult(0).setType(UnrankedTensorType::get(element));
    if (auto pad = dyn_cast<PadOp>(copy)) // what stands in the border
      pad.getValueMutable().assign(
          b.make<QuantizeOp>(element, pad.getValue(), op.getScale(), op.getZeroPoint()));
  });
}

static void raise(QuantizeOp op, NNBuilder &b) {
  Operation *producer = op.getInput().getDefiningOp();
  if (!producer || countMoved(producer) == 0 || !isPerTensor(op.getScale()) ||
      !isPerTensor(op.getZeroPoint()))
    return;
  b.setInsertionPoint(op);
  b.setLoc(op.getLoc());
  Value raised = raise(op, op.getInput(), b);
  if (raised.getType() == op.getType())
    op.getResult().replaceAllUsesWith(raised);
}

/// A scale or zero point of a tensor of `rank`, of what `move` makes of that; nothing if it has
/// more than one number and that is no transpose.
static std::optional<Value> moved(NNBuilder &b, Value parameter, Operation *move, int64_t rank) {
  if (!parameter || isPerTensor(parameter))
    return parameter ? b.reshape(parameter, ArrayRef<int64_t>()) : Value();
  auto transpose = dyn_cast<TransposeOp>(move);
  if (!transpose)
    return std::nullopt;
  SmallVector<int64_t> missing = llvm::to_vector(llvm::seq<int64_t>(0, rank - b.rankOf(parameter)));
  return b.transpose(missing.empty() ? parameter : b.unsqueeze(parameter, missing),
                     transpose.getPermutation());
}

/// move(dequantize(q)) -> dequantize(move(q)); what is gathered is moved, too.
static void lower(Operation *op, NNBuilder &b) {
  auto source =
      op->getNumOperands() ? op->getOperand(0).getDefiningOp<DequantizeOp>() : DequantizeOp();
  if (!source || !(isa<GatherOp>(op) || countMoved(op) == 1) || isa<PadOp>(op))
    return;
  b.setInsertionPoint(op);
  b.setLoc(op->getLoc());
  int64_t rank = b.rankOf(source.getInput());
  std::optional<Value> scale = moved(b, source.getScale(), op, rank),
                       zero = moved(b, source.getZeroPoint(), op, rank);
  if (!scale || !zero)
    return;
  Value integers = rebuildOn(op, b, source.getInput(), [&](Operation *copy) {
    copy->getResult(0).setType(UnrankedTensorType::get(b.elementOf(source.getInput())));
  });
  Value result = b.make<DequantizeOp>(b.elementOf(source.getResult()), integers, *scale, *zero);
  if (result.getType() == op->getResult(0).getType())
    op->getResult(0).replaceAllUsesWith(result);
}

/// q - z = (q + 128) - (z + 128).
static void dropSign(QuantizeOp op, NNBuilder &b) {
  auto type = cast<RankedTensorType>(op.getType());
  std::optional<double> zero = numberOf(op.getZeroPoint());
  auto agrees = [&](Operation *user) {
    auto dequantize = dyn_cast<DequantizeOp>(user);
    return dequantize && areEqual(dequantize.getZeroPoint(), op.getZeroPoint());
  };
  if (!type.getElementType().isSignlessInteger(8) || !zero || op->use_empty() ||
      !llvm::all_of(op->getUsers(), agrees))
    return;
  Type narrow = IntegerType::get(op.getContext(), 8, IntegerType::Unsigned);
  b.setInsertionPoint(op);
  b.setLoc(op.getLoc());
  Value newZero = b.scalar(narrow, *zero + 128);
  Value stored = b.make<QuantizeOp>(narrow, op.getInput(), op.getScale(), newZero);
  for (Operation *user : llvm::make_early_inc_range(op->getUsers())) {
    auto dequantize = cast<DequantizeOp>(user);
    Value real = b.make<DequantizeOp>(NNBuilder::elementOf(dequantize.getResult()), stored,
                                      dequantize.getScale(), newZero);
    dequantize.getResult().replaceAllUsesWith(real);
  }
}

namespace {
struct RaiseQuantize : optc::qnn::impl::QNNRaiseQuantizeBase<RaiseQuantize> {
  using QNNRaiseQuantizeBase::QNNRaiseQuantizeBase;

  void runOnOperation() override {
    if (unsignedData && failed(rewriteEach<QuantizeOp>(getOperation(), dropSign)))
      return signalPassFailure();
    auto lowerAll = [&](NNBuilder &b) {
      SmallVector<Operation *> ops;
      getOperation().walk([&](Operation *op) { ops.push_back(op); });
      for (Operation *op : ops)
        lower(op, b);
    };
    if (failed(rewriteEach<QuantizeOp>(getOperation(),
                                       [](QuantizeOp op, NNBuilder &b) { raise(op, b); })) ||
        failed(rewriteFunction(getOperation(), lowerAll)))
      signalPassFailure();
  }
};
} // namespace
