//===- FormTables.cpp - functions of bytes as tables --------------------------===//
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
#include "dialects/NN/Transposable.h"
#include "dialects/NN/Weights.h"
#include "dialects/QNN/Passes/Passes.h"
#include "dialects/QNN/Quantization.h"
#include "lib/IR/Remarks.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace optc::qnn {
#define GEN_PASS_DEF_QNNFORMTABLES
#include "dialects/QNN/QNNPasses.h.inc"
} // namespace optc::qnn

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::qnn;

static constexpr int64_t entries = 256;

/// Whether an op maps each element by itself, with other operands that are one number, or of the
/// same sizes.
static bool isStep(Operation *op, RankedTensorType like) {
  if (!isa<UnaryOp, BinaryOp, CastOp, QuantizeOp, DequantizeOp>(op) ||
      NNBuilder::typeOf(op->getResult(0)).getShape() != like.getShape())
    return false;
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    return numberOf(operand) || NNBuilder::typeOf(operand).getShape() == like.getShape();
  });
}

namespace {
/// The ops between a tensor of bytes and another that is made of it alone.
struct Steps {
  Value source;
  SmallVector<Operation *> ops; ///< the last is first

  /// The most of them that end with `last` and are read by nothing else.
  static std::optional<Steps> match(QuantizeOp last);
};
} // namespace

std::optional<Steps> Steps::match(QuantizeOp last) {
  constexpr size_t mostSteps = 64;
  auto like = NNBuilder::typeOf(last.getResult());
  std::optional<Steps> best;
  SmallVector<Operation *> ops;
  llvm::SetVector<Value> front;
  llvm::SmallPtrSet<Operation *, 32> taken;
  front.insert(last.getResult());
  while (ops.size() < mostSteps) {
    // Of what is left to look at, what comes last: all that reads it was seen.
    Operation *next = nullptr;
    for (Value value : front) {
      Operation *op = value.getDefiningOp();
      if (op && (!next || (op->getBlock() == next->getBlock() && next->isBeforeInBlock(op))))
        next = op;
    }
    bool isOwn =
        next && next->getBlock() == last->getBlock() && isStep(next, like) &&
        (next == last.getOperation() ||
         llvm::all_of(next->getUsers(), [&](Operation *user) { return taken.contains(user); }));
    if (!isOwn)
      break;
    front.remove(next->getResult(0));
    taken.insert(next);
    ops.push_back(next);
    for (Value operand : next->getOperands())
      if (!numberOf(operand))
        front.insert(operand);
    if (front.size() == 1 && isByte(front.front()) &&
        NNBuilder::typeOf(front.front()).getShape() == like.getShape())
      best = Steps{front.front(), ops};
    if (front.empty())
      break;
  }
  return best;
}

//===----------------------------------------------------------------------===//
// Values of all bytes
//===----------------------------------------------------------------------===//

/// All bytes of a type, in the order of their bits.
static Value allBytes(NNBuilder &b, Type element) {
  int64_t signs = element.isUnsignedInteger() ? 0 : entries / 2;
  SmallVector<int64_t> bytes;
  for (int64_t i = 0; i < entries; ++i)
    bytes.push_back((i ^ signs) - signs);
  return b.constant(makeInts(RankedTensorType::get({entries}, element), bytes));
}

/// What a step makes of constants; null if nothing computes it. Functions are computed here, not
/// folded: what a library makes of them is rounded to bytes.
static Value evaluate(NNBuilder &b, Operation *step, ArrayRef<Value> operands) {
  auto unary = dyn_cast<UnaryOp>(step);
  if (!unary || !b.elementOf(operands.front()).isF32()) {
    Value result = rebuildOn(step, b, operands);
    return getConstantValue(result) ? result : Value();
  }
  SmallVector<double> values = *readFloats(getConstantValue(operands.front()));
  for (double &value : values) {
    std::optional<double> computed = computeUnary(unary.getKind(), value);
    if (!computed)
      return {};
    value = *computed;
  }
  return b.constant(makeFloats(b.typeOf(operands.front()), values));
}

static void formTable(QuantizeOp op, NNBuilder &b) {
  constexpr size_t fewestSteps = 3;
  if (op->use_empty() || !isByte(op.getResult()))
    return;
  std::optional<Steps> steps = Steps::match(op);
  if (!steps || steps->ops.size() < fewestSteps)
    return;
  b.setInsertionPoint(op);
  b.setLoc(op.getLoc());
  llvm::DenseMap<Value, Value> known;
  known[steps->source] = allBytes(b, b.elementOf(steps->source));
  for (Operation *step : llvm::reverse(steps->ops)) {
    SmallVector<Value> operands;
    for (Value operand : step->getOperands()) {
      Value &value = known[operand];
      if (!value) // a number, of any rank
        value = b.scalar(b.elementOf(operand), *numberOf(operand));
      operands.push_back(value);
    }
    Value result = evaluate(b, step, operands);
    if (!result)
      return;
    known[step->getResult(0)] = result;
  }
  SmallVector<int8_t> table;
  SmallVector<int64_t> results = *readInts(getConstantValue(known[op.getResult()]));
  for (int64_t value : results)
    table.push_back(static_cast<int8_t>(value));
  SmallVector<Location> locs;
  for (Operation *step : llvm::reverse(steps->ops))
    locs.push_back(step->getLoc());
  b.setLoc(b.getFusedLoc(locs));
  Value result =
      b.make<TableOp>(b.elementOf(op.getResult()), steps->source, b.getDenseI8ArrayAttr(table));
  if (result.getType() != op.getType())
    return;
  remarkMade("qnn-form-tables", "table", op);
  op.getResult().replaceAllUsesWith(result);
}

namespace {
/// From the last to the first, so that functions of functions are one.
struct FormTables : optc::qnn::impl::QNNFormTablesBase<FormTables> {
  void runOnOperation() override {
    auto rewrite = [&](NNBuilder &b) {
      SmallVector<QuantizeOp> quantizations;
      getOperation().walk([&](QuantizeOp op) { quantizations.push_back(op); });
      for (QuantizeOp op : llvm::reverse(quantizations))
        formTable(op, b);
    };
    if (failed(rewriteFunction(getOperation(), rewrite)))
      signalPassFailure();
  }
};
} // namespace
