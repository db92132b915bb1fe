//===- RaiseNorms.cpp - normalizations written in primitive ops ----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Matches x / sqrt(mean(x * x) + epsilon), and the same of x - mean(x).
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Builder.h"
#include "dialects/NN/Passes/Matchers.h"
#include "dialects/NN/Passes/Passes.h"
#include "dialects/NN/Weights.h"
#include "lib/IR/Remarks.h"

namespace optc::nn {
#define GEN_PASS_DEF_NNRAISENORMS
#include "dialects/NN/NNPasses.h.inc"
} // namespace optc::nn

using namespace mlir;
using namespace optc::nn;

namespace {
/// What a value is the mean of.
struct Mean {
  Value input;
  SmallVector<int64_t> axes;
};
} // namespace

/// The count of elements along `axes`, as a constant or computed from the input's shape.
static bool isCount(Value value, const Mean &mean, SymbolicShapes &shapes) {
  DimExpr count = shapes.constant(1);
  Shape shape = shapes.getShape(mean.input);
  for (int64_t axis : mean.axes)
    count = shapes.mul(count, shape[axis]);
  if (auto known = getConstant(count))
    if (auto number = splatOf(value))
      return *number == static_cast<double>(*known);
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<CastOp, ReshapeOp>(op))
      break;
    value = op->getOperand(0);
  }
  if (!cast<TensorType>(value.getType()).getElementType().isInteger())
    return false;
  auto elements = shapes.getContents(value);
  return elements && elements->size() == 1 && elements->front() == count;
}

/// sum(x) / count, or sum(x) * (1 / count).
static std::optional<Mean> matchMean(Value value, SymbolicShapes &shapes) {
  auto division = matchBinary(value, BinaryKind::Div);
  if (!division)
    return std::nullopt;
  auto sum = division.getLhs().getDefiningOp<ReduceOp>();
  if (!sum || sum.getKind() != ReduceKind::Sum)
    return std::nullopt;
  Mean mean{sum.getInput(), llvm::to_vector(sum.getAxes())};
  return isCount(division.getRhs(), mean, shapes) ? std::optional(mean) : std::nullopt;
}

/// x where value is x * x or x^2.
static Value matchSquare(Value value) {
  if (auto product = matchBinary(value, BinaryKind::Mul))
    return product.getLhs() == product.getRhs() ? product.getLhs() : Value();
  auto power = matchBinary(value, BinaryKind::Pow);
  return power && splatOf(power.getRhs()) == 2.0 ? power.getLhs() : Value();
}

namespace {
/// sqrt(mean(x * x) + epsilon)
struct Deviation {
  Value input;
  SmallVector<int64_t> axes;
  double epsilon = 0;
};
} // namespace

static std::optional<Deviation> matchDeviation(Value variance, SymbolicShapes &shapes) {
  Deviation result;
  if (auto sum = matchBinary(variance, BinaryKind::Add)) {
    auto right = splatOf(sum.getRhs()), left = splatOf(sum.getLhs());
    if (!right && !left)
      return std::nullopt;
    result.epsilon = right ? *right : *left;
    variance = right ? sum.getLhs() : sum.getRhs();
  }
  auto mean = matchMean(variance, shapes);
  if (!mean)
    return std::nullopt;
  result.input = matchSquare(mean->input);
  result.axes = mean->axes;
  return result.input ? std::optional(result) : std::nullopt;
}

/// x / sqrt(v), x * (1 / sqrt(v)) or x * rsqrt(v): the two operands.
static std::optional<std::pair<Value, Value>> matchQuotient(BinaryOp op) {
  auto rootOf = [](Value value, UnaryKind kind) {
    auto unary = value.getDefiningOp<UnaryOp>();
    return unary && unary.getKind() == kind ? unary.getInput() : Value();
  };
  if (op.getKind() == BinaryKind::Div)
    if (Value variance = rootOf(op.getRhs(), UnaryKind::Sqrt))
      return std::pair(op.getLhs(), variance);
  if (op.getKind() != BinaryKind::Mul)
    return std::nullopt;
  for (auto [x, factor] :
       {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())}) {
    if (Value variance = rootOf(factor, UnaryKind::Rsqrt))
      return std::pair(x, variance);
    Value inverted = rootOf(factor, UnaryKind::Reciprocal);
    if (auto division = matchBinary(factor, BinaryKind::Div);
        division && splatOf(division.getLhs()) == 1.0)
      inverted = division.getRhs();
    if (!inverted)
      continue;
    if (Value variance = rootOf(inverted, UnaryKind::Sqrt))
      return std::pair(x, variance);
  }
  return std::nullopt;
}

/// The ops that compute `value` from `input`, in their order.
static void collectOps(Value value, Value input, llvm::SetVector<Operation *> &ops) {
  Operation *op = value.getDefiningOp();
  if (value == input || !op || ops.contains(op) || !isa<UnaryOp, BinaryOp, ReduceOp>(op))
    return;
  for (Value operand : op->getOperands())
    collectOps(operand, input, ops);
  ops.insert(op);
}

static void raise(BinaryOp op, NNBuilder &b) {
  auto quotient = matchQuotient(op);
  if (!quotient || !isa<FloatType>(NNBuilder::elementOf(op.getResult())))
    return;
  auto deviation = matchDeviation(quotient->second, b.getShapes());
  if (!deviation || deviation->input != quotient->first)
    return;
  Value input = deviation->input;
  NormKind kind = NormKind::RootMeanSquare;
  if (auto centered = matchBinary(input, BinaryKind::Sub)) {
    auto mean = matchMean(centered.getRhs(), b.getShapes());
    if (mean && mean->input == centered.getLhs() && mean->axes == deviation->axes) {
      input = mean->input;
      kind = NormKind::MeanVariance;
    }
  }
  llvm::SetVector<Operation *> ops;
  collectOps(op.getResult(), input, ops);
  b.setInsertionPoint(op);
  b.setLoc(b.getFusedLoc(llvm::map_to_vector(ops, [](Operation *part) { return part->getLoc(); })));
  Value result = b.make<NormalizeOp>(b.elementOf(input), kind, input, deviation->axes,
                                     llvm::APFloat(deviation->epsilon));
  if (result.getType() != op.getType())
    return;
  optc::remarkMade("nn-raise-norms", "normalization", result.getDefiningOp());
  op.getResult().replaceAllUsesWith(result);
}

namespace {
struct RaiseNorms : optc::nn::impl::NNRaiseNormsBase<RaiseNorms> {
  void runOnOperation() override {
    if (failed(rewriteEach<BinaryOp>(getOperation(), raise)))
      signalPassFailure();
  }
};
} // namespace
