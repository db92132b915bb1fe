//===- Elementwise.cpp - scalar functions --------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scalar functions of ONNX: those nn has, and exact compositions of them.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/ConstantImport.h"
#include "lib/Import/Onnx/Importer.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;

//===----------------------------------------------------------------------===//
// One to one
//===----------------------------------------------------------------------===//

template <UnaryKind kind> static LogicalResult importUnary(NodeImport &n) {
  n.setResult(0, n.b.unary(kind, n.operand(0)));
  return success();
}

template <BinaryKind kind> static LogicalResult importBinary(NodeImport &n) {
  n.setResult(0, n.b.binary(kind, n.operand(0), n.operand(1)));
  return success();
}

template <ComparePredicate predicate> static LogicalResult importCompare(NodeImport &n) {
  n.setResult(0, n.b.compare(predicate, n.operand(0), n.operand(1)));
  return success();
}

/// Sum, Max, Min, Mean of any number of operands.
template <BinaryKind kind> static LogicalResult importVariadic(NodeImport &n) {
  Value result = n.operand(0);
  for (size_t i = 1; i < n.numOperands(); ++i)
    result = n.b.binary(kind, result, n.operand(i));
  if (n.node.opType == "Mean")
    result = n.b.binary(BinaryKind::Div, result, static_cast<double>(n.numOperands()));
  n.setResult(0, result);
  return success();
}

static LogicalResult importMod(NodeImport &n) {
  BinaryKind kind = n.intAttr("fmod") ? BinaryKind::Fmod : BinaryKind::Mod;
  n.setResult(0, n.b.binary(kind, n.operand(0), n.operand(1)));
  return success();
}

static LogicalResult importBitShift(NodeImport &n) {
  BinaryKind kind = n.stringAttr("direction") == "LEFT" ? BinaryKind::Shl : BinaryKind::Shr;
  n.setResult(0, n.b.binary(kind, n.operand(0), n.operand(1)));
  return success();
}

static LogicalResult importWhere(NodeImport &n) {
  n.setResult(0, n.b.select(n.operand(0), n.operand(1), n.operand(2)));
  return success();
}

static LogicalResult importCast(NodeImport &n) {
  FailureOr<Type> type = n.resultElementType(0);
  if (failed(type))
    return failure();
  n.setResult(0, n.b.convert(widenStored(n.b, n.operand(0)), *type));
  return success();
}

static LogicalResult importIdentity(NodeImport &n) {
  n.setResult(0, n.operand(0));
  return success();
}

static LogicalResult importIsInf(NodeImport &n) {
  double infinity = std::numeric_limits<double>::infinity();
  Value x = n.operand(0), result;
  auto isEqual = [&](double value) {
    return n.b.compare(ComparePredicate::Eq, x, n.b.scalarLike(x, value));
  };
  bool positive = n.intAttr("detect_positive", 1), negative = n.intAttr("detect_negative", 1);
  if (positive && negative) {
    Value isPositive = isEqual(infinity);
    result = n.b.binary(BinaryKind::Or, isPositive, isEqual(-infinity));
  } else if (positive || negative) {
    result = isEqual(positive ? infinity : -infinity);
  } else {
    result = n.b.compare(ComparePredicate::Lt, x, x); // never
  }
  n.setResult(0, result);
  return success();
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

/// condition ? x : other, where x > 0.
static Value wherePositive(NNBuilder &b, Value x, Value positive, Value other) {
  return b.select(b.compare(ComparePredicate::Gt, x, b.scalarLike(x, 0)), positive, other);
}

static Value expMinusOne(NNBuilder &b, Value x) {
  return b.binary(BinaryKind::Sub, b.unary(UnaryKind::Exp, x), 1);
}

static LogicalResult importLeakyRelu(NodeImport &n) {
  Value x = n.operand(0);
  Value scaled = n.b.binary(BinaryKind::Mul, x, n.floatAttr("alpha", 0.01));
  n.setResult(0, n.b.select(n.b.compare(ComparePredicate::Lt, x, n.b.scalarLike(x, 0)), scaled, x));
  return success();
}

static LogicalResult importPRelu(NodeImport &n) {
  Value x = n.operand(0), scaled = n.b.binary(BinaryKind::Mul, x, n.operand(1));
  n.setResult(0, n.b.select(n.b.compare(ComparePredicate::Lt, x, n.b.scalarLike(x, 0)), scaled, x));
  return success();
}

static LogicalResult importElu(NodeImport &n) {
  Value x = n.operand(0);
  Value low = n.b.binary(BinaryKind::Mul, expMinusOne(n.b, x), n.floatAttr("alpha", 1));
  n.setResult(0, wherePositive(n.b, x, x, low));
  return success();
}

/// max(0, x) + min(0, alpha * (e^(x / alpha) - 1))
static LogicalResult importCelu(NodeImport &n) {
  Value x = n.operand(0);
  double alpha = n.floatAttr("alpha", 1);
  Value low =
      n.b.binary(BinaryKind::Mul, expMinusOne(n.b, n.b.binary(BinaryKind::Div, x, alpha)), alpha);
  Value high = n.b.unary(UnaryKind::Relu, x);
  n.setResult(0, n.b.binary(BinaryKind::Add, high, n.b.binary(BinaryKind::Min, low, 0.0)));
  return success();
}

static LogicalResult importSelu(NodeImport &n) {
  Value x = n.operand(0);
  double alpha = n.floatAttr("alpha", 1.67326319217681884765625);
  double gamma = n.floatAttr("gamma", 1.05070102214813232421875);
  Value low = n.b.binary(BinaryKind::Mul, expMinusOne(n.b, x), alpha);
  n.setResult(0, n.b.binary(BinaryKind::Mul, wherePositive(n.b, x, x, low), gamma));
  return success();
}

static Value hardSigmoid(NNBuilder &b, Value x, double alpha, double beta) {
  Value line = b.binary(BinaryKind::Add, b.binary(BinaryKind::Mul, x, alpha), beta);
  return b.binary(BinaryKind::Min, b.binary(BinaryKind::Max, line, 0.0), 1.0);
}

static LogicalResult importHardSigmoid(NodeImport &n) {
  n.setResult(0,
              hardSigmoid(n.b, n.operand(0), n.floatAttr("alpha", 0.2), n.floatAttr("beta", 0.5)));
  return success();
}

static LogicalResult importHardSwish(NodeImport &n) {
  Value x = n.operand(0);
  n.setResult(0, n.b.binary(BinaryKind::Mul, x, hardSigmoid(n.b, x, 1.0 / 6, 0.5)));
  return success();
}

/// x / (1 + |x|)
static LogicalResult importSoftsign(NodeImport &n) {
  Value x = n.operand(0);
  Value below = n.b.binary(BinaryKind::Add, n.b.unary(UnaryKind::Abs, x), 1.0);
  n.setResult(0, n.b.binary(BinaryKind::Div, x, below));
  return success();
}

static LogicalResult importThresholdedRelu(NodeImport &n) {
  Value x = n.operand(0), zero = n.b.scalarLike(x, 0);
  Value above = n.b.compare(ComparePredicate::Gt, x, n.b.scalarLike(x, n.floatAttr("alpha", 1)));
  n.setResult(0, n.b.select(above, x, zero));
  return success();
}

/// x * tanh(softplus(x))
static LogicalResult importMish(NodeImport &n) {
  Value x = n.operand(0);
  Value gate = n.b.unary(UnaryKind::Tanh, n.b.unary(UnaryKind::Softplus, x));
  n.setResult(0, n.b.binary(BinaryKind::Mul, x, gate));
  return success();
}

static LogicalResult importSwish(NodeImport &n) {
  Value x = n.operand(0);
  Value scaled = n.b.binary(BinaryKind::Mul, x, n.floatAttr("alpha", 1));
  n.setResult(0, n.b.binary(BinaryKind::Mul, x, n.b.unary(UnaryKind::Sigmoid, scaled)));
  return success();
}

/// 0.5 x (1 + erf(x / sqrt 2)), or 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
static LogicalResult importGelu(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0), inner;
  if (n.stringAttr("approximate", "none") == "tanh") {
    Value cube = b.binary(BinaryKind::Mul, b.binary(BinaryKind::Mul, x, x), x);
    Value sum = b.binary(BinaryKind::Add, x, b.binary(BinaryKind::Mul, cube, 0.044715));
    inner = b.unary(UnaryKind::Tanh, b.binary(BinaryKind::Mul, sum, 0.7978845608028654));
  } else {
    inner = b.unary(UnaryKind::Erf, b.binary(BinaryKind::Mul, x, 0.7071067811865476));
  }
  Value half = b.binary(BinaryKind::Mul, x, 0.5);
  n.setResult(0, b.binary(BinaryKind::Mul, half, b.binary(BinaryKind::Add, inner, 1.0)));
  return success();
}

/// A bound of Clip as a scalar, null if it bounds nothing: one that is NaN does not.
static Value clipBound(NodeImport &n, size_t index, double unbounded) {
  Value bound = n.operand(index);
  if (!bound || !isa<FloatType>(NNBuilder::elementOf(bound)))
    return bound ? n.b.reshape(bound, ArrayRef<int64_t>()) : bound;
  auto known = n.constantFloats(index);
  if (known && known->size() == 1 && std::isnan(known->front()))
    return {};
  bound = n.b.reshape(bound, ArrayRef<int64_t>());
  if (known)
    return bound;
  Value isNan = n.b.unary(UnaryKind::IsNan, bound);
  return n.b.select(isNan, n.b.scalarLike(bound, unbounded), bound);
}

static LogicalResult importClip(NodeImport &n) {
  Value x = n.operand(0);
  double infinity = std::numeric_limits<double>::infinity();
  if (Value low = clipBound(n, 1, -infinity))
    x = n.b.binary(BinaryKind::Max, x, low);
  if (Value high = clipBound(n, 2, infinity))
    x = n.b.binary(BinaryKind::Min, x, high);
  n.setResult(0, x);
  return success();
}

void optc::onnximport::registerElementwise(HandlerRegistry &r) {
  r.add("Abs", importUnary<UnaryKind::Abs>);
  r.add("Neg", importUnary<UnaryKind::Neg>);
  r.add("Exp", importUnary<UnaryKind::Exp>);
  r.add("Log", importUnary<UnaryKind::Log>);
  r.add("Sqrt", importUnary<UnaryKind::Sqrt>);
  r.add("Reciprocal", importUnary<UnaryKind::Reciprocal>);
  r.add("Sin", importUnary<UnaryKind::Sin>);
  r.add("Cos", importUnary<UnaryKind::Cos>);
  r.add("Tan", importUnary<UnaryKind::Tan>);
  r.add("Asin", importUnary<UnaryKind::Asin>);
  r.add("Acos", importUnary<UnaryKind::Acos>);
  r.add("Atan", importUnary<UnaryKind::Atan>);
  r.add("Sinh", importUnary<UnaryKind::Sinh>);
  r.add("Cosh", importUnary<UnaryKind::Cosh>);
  r.add("Tanh", importUnary<UnaryKind::Tanh>);
  r.add("Asinh", importUnary<UnaryKind::Asinh>);
  r.add("Acosh", importUnary<UnaryKind::Acosh>);
  r.add("Atanh", importUnary<UnaryKind::Atanh>);
  r.add("Erf", importUnary<UnaryKind::Erf>);
  r.add("Ceil", importUnary<UnaryKind::Ceil>);
  r.add("Floor", importUnary<UnaryKind::Floor>);
  r.add("Round", importUnary<UnaryKind::Round>);
  r.add("Sign", importUnary<UnaryKind::Sign>);
  r.add("Not", importUnary<UnaryKind::Not>);
  r.add("BitwiseNot", importUnary<UnaryKind::Not>);
  r.add("IsNaN", importUnary<UnaryKind::IsNan>);
  r.add("Sigmoid", importUnary<UnaryKind::Sigmoid>);
  r.add("Relu", importUnary<UnaryKind::Relu>);
  r.add("Softplus", importUnary<UnaryKind::Softplus>);
  r.add("Add", importBinary<BinaryKind::Add>);
  r.add("Sub", importBinary<BinaryKind::Sub>);
  r.add("Mul", importBinary<BinaryKind::Mul>);
  r.add("Div", importBinary<BinaryKind::Div>);
  r.add("Pow", importBinary<BinaryKind::Pow>);
  r.add("And", importBinary<BinaryKind::And>);
  r.add("Or", importBinary<BinaryKind::Or>);
  r.add("Xor", importBinary<BinaryKind::Xor>);
  r.add("BitwiseAnd", importBinary<BinaryKind::And>);
  r.add("BitwiseOr", importBinary<BinaryKind::Or>);
  r.add("BitwiseXor", importBinary<BinaryKind::Xor>);
  r.add("Equal", importCompare<ComparePredicate::Eq>);
  r.add("Less", importCompare<ComparePredicate::Lt>);
  r.add("LessOrEqual", importCompare<ComparePredicate::Le>);
  r.add("Greater", importCompare<ComparePredicate::Gt>);
  r.add("GreaterOrEqual", importCompare<ComparePredicate::Ge>);
  r.add("Sum", summing<importVariadic<BinaryKind::Add>>);
  r.add("Mean", summing<importVariadic<BinaryKind::Add>>);
  r.add("Max", importVariadic<BinaryKind::Max>);
  r.add("Min", importVariadic<BinaryKind::Min>);
  r.add("Mod", importMod);
  r.add("BitShift", importBitShift);
  r.add("Where", importWhere);
  r.add("Cast", importCast);
  r.add("CastLike", importCast);
  r.add("Identity", importIdentity);
  r.add("IsInf", importIsInf);
  r.add("LeakyRelu", importLeakyRelu);
  r.add("PRelu", importPRelu);
  r.add("Elu", importElu);
  r.add("Celu", importCelu);
  r.add("Selu", importSelu);
  r.add("HardSigmoid", importHardSigmoid);
  r.add("HardSwish", importHardSwish);
  r.add("Softsign", importSoftsign);
  r.add("ThresholdedRelu", importThresholdedRelu);
  r.add("Mish", importMish);
  r.add("Swish", importSwish);
  r.add("Gelu", importGelu);
  r.add("Clip", importClip);
}
