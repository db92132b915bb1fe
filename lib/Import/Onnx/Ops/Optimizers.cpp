//===- Optimizers.cpp - steps of optimizers ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ai.onnx.preview.training: operands are the learning rate, the number of the step, then for any
// number of tensors all values, all gradients and all of each state; results the values and states.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Importer.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

namespace {
/// One tensor and what belongs to it.
struct Optimized {
  Value value, gradient; ///< the gradient with that of the regularization
  SmallVector<Value, 2> states;
};

class OptimizerStep {
public:
  explicit OptimizerStep(NodeImport &n) : n(n), b(n.b) {}

  /// Calls `update` for every tensor: it replaces value and states.
  LogicalResult run(size_t numStates, function_ref<void(Optimized &)> update);

  Value binary(BinaryKind kind, Value x, Value y) { return b.binary(kind, x, y); }
  Value scaled(Value x, double factor) { return b.binary(BinaryKind::Mul, x, factor); }
  /// a * x + (1 - a) * y
  Value mixed(double a, Value x, Value y) {
    Value part = scaled(x, a);
    return binary(BinaryKind::Add, part, scaled(y, 1 - a));
  }
  /// The learning rate and the number of the step, as scalars of the type of x.
  Value rate(Value x) { return scalar(0, x); }
  Value step(Value x) { return scalar(1, x); }
  Value isFirstStep() {
    Value number = b.reshape(n.operand(1), ArrayRef<int64_t>());
    return b.compare(ComparePredicate::Le, number, b.scalarLike(number, 0));
  }

private:
  Value scalar(size_t index, Value like) {
    return b.convert(b.reshape(n.operand(index), ArrayRef<int64_t>()), b.elementOf(like));
  }

  NodeImport &n;
  NNBuilder &b;
};
} // namespace

LogicalResult OptimizerStep::run(size_t numStates, function_ref<void(Optimized &)> update) {
  size_t each = 2 + numStates;
  if (n.numOperands() <= 2 || (n.numOperands() - 2) % each != 0)
    return n.invalid("it has " + Twine(n.numOperands()) + " operands, needed are 2 and " +
                     Twine(each) + " per tensor");
  size_t count = (n.numOperands() - 2) / each;
  for (size_t i = 0; i < count; ++i) {
    Optimized tensor{n.operand(2 + i), n.operand(2 + count + i), {}};
    for (size_t state = 0; state < numStates; ++state)
      tensor.states.push_back(n.operand(2 + (2 + state) * count + i));
    Value pull = scaled(tensor.value, n.floatAttr("norm_coefficient", 0));
    tensor.gradient = binary(BinaryKind::Add, pull, tensor.gradient);
    update(tensor);
    n.setResult(i, tensor.value);
    for (auto [state, value] : llvm::enumerate(tensor.states))
      n.setResult((1 + state) * count + i, value);
  }
  return success();
}

static LogicalResult importAdagrad(NodeImport &n) {
  NNBuilder &b = n.b;
  OptimizerStep s(n);
  return s.run(1, [&](Optimized &t) {
    Value decay =
        b.binary(BinaryKind::Add, s.scaled(s.step(t.value), n.floatAttr("decay_factor", 0)), 1.0);
    Value rate = s.binary(BinaryKind::Div, s.rate(t.value), decay);
    t.states[0] =
        s.binary(BinaryKind::Add, t.states[0], s.binary(BinaryKind::Mul, t.gradient, t.gradient));
    Value root = b.binary(BinaryKind::Add, b.unary(UnaryKind::Sqrt, t.states[0]),
                          n.floatAttr("epsilon", 1e-6));
    Value change = s.binary(BinaryKind::Div, s.binary(BinaryKind::Mul, rate, t.gradient), root);
    t.value = s.binary(BinaryKind::Sub, t.value, change);
  });
}

static LogicalResult importAdam(NodeImport &n) {
  NNBuilder &b = n.b;
  double alpha = n.floatAttr("alpha", 0.9), beta = n.floatAttr("beta", 0.999);
  OptimizerStep s(n);
  return s.run(2, [&](Optimized &t) {
    t.states[0] = s.mixed(alpha, t.states[0], t.gradient);
    t.states[1] = s.mixed(beta, t.states[1], s.binary(BinaryKind::Mul, t.gradient, t.gradient));
    Value root =
        b.binary(BinaryKind::Add, b.unary(UnaryKind::Sqrt, t.states[1]), n.floatAttr("epsilon", 0));
    auto bias = [&](double base) { // 1 - base^step
      Value power = b.scalarLike(t.value, base);
      power = s.binary(BinaryKind::Pow, power, s.step(t.value));
      return s.binary(BinaryKind::Sub, b.scalarLike(t.value, 1), power);
    };
    Value rate = s.rate(t.value);
    Value corrected = s.binary(BinaryKind::Mul, rate, b.unary(UnaryKind::Sqrt, bias(beta)));
    corrected = s.binary(BinaryKind::Div, corrected, bias(alpha));
    rate = b.select(s.isFirstStep(), rate, corrected);
    Value change = s.binary(BinaryKind::Mul, rate, s.binary(BinaryKind::Div, t.states[0], root));
    t.value = s.scaled(s.binary(BinaryKind::Sub, t.value, change),
                       1 - n.floatAttr("norm_coefficient_post", 0));
  });
}

static LogicalResult importMomentum(NodeImport &n) {
  NNBuilder &b = n.b;
  std::string mode = n.stringAttr("mode");
  if (mode != "standard" && mode != "nesterov")
    return n.invalid("unknown mode '" + mode + "'");
  OptimizerStep s(n);
  double alpha = n.floatAttr("alpha", 0);
  return s.run(1, [&](Optimized &t) {
    // In the first step the gradient counts in full.
    Value isFirst = s.isFirstStep(), one = b.scalarLike(t.value, 1);
    Value beta = b.select(isFirst, one, b.scalarLike(t.value, n.floatAttr("beta", 0)));
    t.states[0] = s.scaled(t.states[0], alpha);
    t.states[0] =
        s.binary(BinaryKind::Add, t.states[0], s.binary(BinaryKind::Mul, beta, t.gradient));
    Value direction = t.states[0];
    if (mode == "nesterov")
      direction = s.binary(BinaryKind::Add, t.gradient, s.scaled(direction, alpha));
    t.value =
        s.binary(BinaryKind::Sub, t.value, s.binary(BinaryKind::Mul, s.rate(t.value), direction));
  });
}

void optc::onnximport::registerOptimizers(HandlerRegistry &r) {
  r.add("ai.onnx.preview.training:Adagrad", importAdagrad);
  r.add("ai.onnx.preview.training:Adam", importAdam);
  r.add("ai.onnx.preview.training:Momentum", importMomentum);
}
