//===- RecurrentCell.cpp - one time step of a recurrent layer ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The equations are those of the ONNX operator pages.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/RecurrentCell.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

bool optc::onnximport::completeActivation(Activation &activation, bool hasAlpha, bool hasBeta) {
  struct Default {
    const char *name;
    double alpha, beta;
  };
  static constexpr Default known[] = {
      {"Relu", 0, 0},          {"Tanh", 0, 0},    {"Sigmoid", 0, 0},
      {"Affine", 1, 0},        {"Elu", 1, 0},     {"LeakyRelu", 0.01, 0},
      {"ThresholdedRelu", 1, 0}, {"Softsign", 0, 0}, {"Softplus", 0, 0},
      {"ScaledTanh", 1, 1},    {"HardSigmoid", 0.2, 0.5}};
  for (const Default &each : known)
    if (StringRef(activation.name).equals_insensitive(each.name)) {
      activation.name = each.name;
      activation.alpha = hasAlpha ? activation.alpha : each.alpha;
      activation.beta = hasBeta ? activation.beta : each.beta;
      return true;
    }
  return false;
}

Value RecurrentCell::activate(NNBuilder &b, size_t index, Value x) const {
  if (clip > 0)
    x = b.binary(BinaryKind::Min, b.binary(BinaryKind::Max, x, -clip), clip);
  const Activation &f = activations[index];
  auto scaled = [&](Value value, double factor) { return b.binary(BinaryKind::Mul, value, factor); };
  auto where = [&](ComparePredicate predicate, double limit, Value yes, Value no) {
    return b.select(b.compare(predicate, x, b.scalarLike(x, limit)), yes, no);
  };
  if (f.name == "Relu")
    return b.unary(UnaryKind::Relu, x);
  if (f.name == "Sigmoid")
    return b.unary(UnaryKind::Sigmoid, x);
  if (f.name == "Softplus")
    return b.unary(UnaryKind::Softplus, x);
  if (f.name == "Affine")
    return b.binary(BinaryKind::Add, scaled(x, f.alpha), f.beta);
  if (f.name == "LeakyRelu")
    return where(ComparePredicate::Ge, 0, x, scaled(x, f.alpha));
  if (f.name == "ThresholdedRelu")
    return where(ComparePredicate::Gt, f.alpha, x, b.scalarLike(x, 0));
  if (f.name == "Elu")
    return where(ComparePredicate::Ge, 0, x,
                 scaled(b.binary(BinaryKind::Sub, b.unary(UnaryKind::Exp, x), 1.0), f.alpha));
  if (f.name == "Softsign")
    return b.binary(BinaryKind::Div, x,
                    b.binary(BinaryKind::Add, b.unary(UnaryKind::Abs, x), 1.0));
  if (f.name == "HardSigmoid") {
    Value line = b.binary(BinaryKind::Add, scaled(x, f.alpha), f.beta);
    return b.binary(BinaryKind::Min, b.binary(BinaryKind::Max, line, 0.0), 1.0);
  }
  if (f.name == "ScaledTanh")
    return scaled(b.unary(UnaryKind::Tanh, scaled(x, f.beta)), f.alpha);
  return b.unary(UnaryKind::Tanh, x);
}

//===----------------------------------------------------------------------===//
// Cells
//===----------------------------------------------------------------------===//

static Value add(NNBuilder &b, Value lhs, Value rhs) { return b.binary(BinaryKind::Add, lhs, rhs); }
static Value mul(NNBuilder &b, Value lhs, Value rhs) { return b.binary(BinaryKind::Mul, lhs, rhs); }

static Value matmul(NNBuilder &b, Value lhs, Value rhs) {
  return b.make<MatmulOp>(b.elementOf(lhs), lhs, rhs);
}

Value RecurrentCell::project(NNBuilder &b, Value input) const {
  Value product = matmul(b, input, weights);
  return bias ? add(b, product, bias) : product;
}

Value RecurrentCell::gate(NNBuilder &b, Value gates, int64_t index) const {
  return b.slice(gates, b.rankOf(gates) - 1, index * hidden, (index + 1) * hidden);
}

/// Gates i, o, f, c. With peepholes, i and f also see the old cell, o the new one.
std::pair<Value, Value> RecurrentCell::stepLstm(NNBuilder &b, Value gates, Value cell) const {
  auto input = [&](int64_t index, int64_t peephole, Value seen) {
    Value x = gate(b, gates, index);
    return peepholes ? add(b, x, mul(b, gate(b, peepholes, peephole), seen)) : x;
  };
  Value i = activate(b, 0, input(0, 0, cell));
  Value f = inputForget ? b.binary(BinaryKind::Sub, b.scalarLike(i, 1), i)
                        : activate(b, 0, input(2, 2, cell));
  Value candidate = activate(b, 1, gate(b, gates, 3));
  Value next = add(b, mul(b, f, cell), mul(b, i, candidate));
  Value o = activate(b, 0, input(1, 1, next));
  // The clip of ONNX bounds the inputs of the gates' activations, not the cell.
  RecurrentCell unclipped = *this;
  unclipped.clip = 0;
  return {mul(b, o, unclipped.activate(b, 2, next)), next};
}

/// Gates z, r, h: h' = (1 - z) * g(x_h + r * h) + z * h.
Value RecurrentCell::stepGru(NNBuilder &b, Value projected, Value state) const {
  Value both = b.slice(recurrent, 1, 0, 2 * hidden), last = gate(b, recurrent, 2);
  Value zr = add(b, b.slice(projected, 1, 0, 2 * hidden), matmul(b, state, both));
  Value z = activate(b, 0, gate(b, zr, 0)), r = activate(b, 0, gate(b, zr, 1));
  Value inner;
  if (linearBeforeReset) {
    inner = matmul(b, state, last);
    inner = mul(b, r, recurrentBias ? add(b, inner, recurrentBias) : inner);
  } else {
    inner = matmul(b, mul(b, r, state), last);
    inner = recurrentBias ? add(b, inner, recurrentBias) : inner;
  }
  Value candidate = activate(b, 1, add(b, gate(b, projected, 2), inner));
  Value rest = b.binary(BinaryKind::Sub, b.scalarLike(z, 1), z);
  return add(b, mul(b, rest, candidate), mul(b, z, state));
}

std::pair<Value, Value> RecurrentCell::step(NNBuilder &b, Value projected, Value state,
                                            Value cell) const {
  if (kind == Kind::Gru)
    return {stepGru(b, projected, state), Value()};
  Value gates = add(b, projected, matmul(b, state, recurrent));
  if (kind == Kind::Rnn)
    return {activate(b, 0, gates), Value()};
  return stepLstm(b, gates, cell);
}
