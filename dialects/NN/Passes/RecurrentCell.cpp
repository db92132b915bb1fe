//===- RecurrentCell.cpp - one time step of a recurrent layer ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See RecurrentCell.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Passes/RecurrentCell.h"

using namespace mlir;
using namespace optc::nn;

RecurrentCell::RecurrentCell(NNBuilder &b, RecurrentOp op)
    : b(b), op(op), hidden(NNBuilder::typeOf(op.getRecurrentWeights()).getDimSize(0)) {}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

Value RecurrentCell::activate(size_t index, Value x) {
  double clip = op.getClip().convertToDouble();
  if (clip > 0)
    x = b.binary(BinaryKind::Min, b.binary(BinaryKind::Max, x, -clip), clip);
  return apply(index, x);
}

Value RecurrentCell::apply(size_t index, Value x) {
  double alpha = op.getAlphas()[index], beta = op.getBetas()[index];
  auto scaled = [&](Value value, double factor) {
    return b.binary(BinaryKind::Mul, value, factor);
  };
  auto line = [&] { return b.binary(BinaryKind::Add, scaled(x, alpha), beta); };
  auto where = [&](ComparePredicate predicate, double limit, Value yes, Value no) {
    return b.select(b.compare(predicate, x, b.scalarLike(x, limit)), yes, no);
  };
  switch (cast<ActivationAttr>(op.getActivations()[index]).getValue()) {
  case Activation::Tanh:
    return b.unary(UnaryKind::Tanh, x);
  case Activation::Sigmoid:
    return b.unary(UnaryKind::Sigmoid, x);
  case Activation::Relu:
    return b.unary(UnaryKind::Relu, x);
  case Activation::Affine:
    return line();
  case Activation::LeakyRelu:
    return where(ComparePredicate::Ge, 0, x, scaled(x, alpha));
  case Activation::ThresholdedRelu:
    return where(ComparePredicate::Gt, alpha, x, b.scalarLike(x, 0));
  case Activation::ScaledTanh:
    return scaled(b.unary(UnaryKind::Tanh, scaled(x, beta)), alpha);
  case Activation::HardSigmoid:
    return b.binary(BinaryKind::Min, b.binary(BinaryKind::Max, line(), 0.0), 1.0);
  case Activation::Elu:
    return where(ComparePredicate::Ge, 0, x,
                 scaled(b.binary(BinaryKind::Sub, b.unary(UnaryKind::Exp, x), 1.0), alpha));
  case Activation::Softsign:
    return b.binary(BinaryKind::Div, x, b.binary(BinaryKind::Add, b.unary(UnaryKind::Abs, x), 1.0));
  case Activation::Softplus:
    return b.unary(UnaryKind::Softplus, x);
  }
  llvm_unreachable("all activations are handled");
}

//===----------------------------------------------------------------------===//
// Cells
//===----------------------------------------------------------------------===//

Value RecurrentCell::project(Value input) {
  Value product = matmul(input, op.getWeights());
  return op.getBias() ? add(product, op.getBias()) : product;
}

Value RecurrentCell::gate(Value gates, int64_t index) {
  return b.slice(gates, b.rankOf(gates) - 1, index * hidden, (index + 1) * hidden);
}

/// Gates i, o, f, c. With peepholes, i and f also see the old cell, o the new one.
std::pair<Value, Value> RecurrentCell::stepLstm(Value gates, Value cell) {
  auto input = [&](int64_t index, Value seen) {
    Value x = gate(gates, index);
    return op.getPeepholes() ? add(x, mul(gate(op.getPeepholes(), index), seen)) : x;
  };
  Value i = activate(0, input(0, cell));
  Value f = op.getInputForget() ? rest(i) : activate(0, input(2, cell));
  Value candidate = activate(1, gate(gates, 3));
  Value next = add(mul(f, cell), mul(i, candidate));
  Value o = activate(0, input(1, next));
  return {mul(o, apply(2, next)), next};
}

/// Gates z, r, n.
Value RecurrentCell::stepGru(Value projected, Value state) {
  Value weights = op.getRecurrentWeights();
  Value both = b.slice(weights, 1, 0, 2 * hidden), last = gate(weights, 2);
  Value zr = add(b.slice(projected, 1, 0, 2 * hidden), matmul(state, both));
  Value z = activate(0, gate(zr, 0)), r = activate(0, gate(zr, 1));
  Value inner;
  if (op.getLinearBeforeReset()) {
    inner = matmul(state, last);
    inner = mul(r, op.getRecurrentBias() ? add(inner, op.getRecurrentBias()) : inner);
  } else {
    inner = matmul(mul(r, state), last);
  }
  Value candidate = activate(1, add(gate(projected, 2), inner));
  return add(mul(rest(z), candidate), mul(z, state));
}

std::pair<Value, Value> RecurrentCell::step(Value projected, Value state, Value cell) {
  if (op.getKind() == RecurrentKind::Gru)
    return {stepGru(projected, state), Value()};
  Value gates = add(projected, matmul(state, op.getRecurrentWeights()));
  if (op.getKind() == RecurrentKind::Rnn)
    return {activate(0, gates), Value()};
  return stepLstm(gates, cell);
}
