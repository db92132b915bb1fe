//===- Random.cpp - ops with random results ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Distributions made of the numbers of RandomStream.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/RandomStream.h"
#include "lib/Import/Onnx/RuntimeChecks.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

/// The sizes of the result: those of operand 0, or the attribute `shape`.
static FailureOr<Value> shapeOfResult(NodeImport &n) {
  if (n.numOperands() > 0)
    return n.b.shapeOf(n.operand(0));
  SmallVector<int64_t> sizes = n.intsAttr("shape");
  if (llvm::any_of(sizes, [](int64_t size) { return size < 0; }))
    return n.invalid("its shape has a negative size");
  return n.b.ints(sizes);
}

/// offset + factor * numbers, of the result's type.
static LogicalResult importNumbers(NodeImport &n, bool isNormal, double offset, double factor) {
  NNBuilder &b = n.b;
  FailureOr<Type> type = n.resultElementType(0);
  if (failed(type))
    return failure();
  if (!isa<FloatType>(*type))
    return n.invalid("its numbers are of no float type; give it a dtype that is one");
  FailureOr<Value> shape = shapeOfResult(n);
  if (failed(shape))
    return failure();
  RandomStream stream(n, *shape);
  Type wide = RandomStream::computeType(*type);
  Value numbers = isNormal ? stream.normal(wide) : stream.uniform(wide);
  Value result = b.binary(BinaryKind::Add, b.binary(BinaryKind::Mul, numbers, factor), offset);
  n.setResult(0, b.convert(result, *type));
  return success();
}

static LogicalResult importNormal(NodeImport &n) {
  return importNumbers(n, /*isNormal=*/true, n.floatAttr("mean", 0), n.floatAttr("scale", 1));
}

static LogicalResult importUniform(NodeImport &n) {
  double low = n.floatAttr("low", 0), high = n.floatAttr("high", 1);
  return importNumbers(n, /*isNormal=*/false, low, high - low);
}

/// 1 with the probability that the operand says.
static LogicalResult importBernoulli(NodeImport &n) {
  NNBuilder &b = n.b;
  Value probability = n.operand(0);
  FailureOr<Type> type = n.resultElementType(0);
  if (failed(type))
    return failure();
  Type wide = RandomStream::computeType(b.elementOf(probability));
  Value numbers = RandomStream(n, b.shapeOf(probability)).uniform(wide);
  Value isOne = b.compare(ComparePredicate::Lt, numbers, b.convert(probability, wide));
  n.setResult(0, b.convert(isOne, *type));
  return success();
}

/// Row by row the class in whose part of the running sum of e^x a uniform number is.
static LogicalResult importMultinomial(NodeImport &n) {
  NNBuilder &b = n.b;
  FailureOr<Type> type = n.resultElementType(0);
  if (failed(type))
    return failure();
  int64_t samples = n.intAttr("sample_size", 1);
  if (NNBuilder::rankOf(n.operand(0)) != 2 || samples < 0)
    return n.invalid("it needs an operand of rank 2, not " +
                     Twine(NNBuilder::rankOf(n.operand(0))) +
                     ", and a sample_size of at least 0, not " + Twine(samples));
  if (failed(requireElements(n, n.operand(0), 1, "the operand")))
    return failure();
  Type f64 = b.getF64Type();
  Value x = b.convert(n.operand(0), f64);
  Value weights =
      b.unary(UnaryKind::Exp, b.binary(BinaryKind::Sub, x, b.reduce(ReduceKind::Max, x, {1})));
  Value sums = b.make<CumulativeOp>(f64, ReduceKind::Sum, weights, 1, /*exclusive=*/false,
                                    /*reverse=*/false);
  Value shape = b.concat({b.sizeOf(x, 0), b.ints({samples})}, 0);
  Value chosen = RandomStream(n, shape).uniform(f64);
  chosen = b.binary(BinaryKind::Mul, chosen, b.reduce(ReduceKind::Max, sums, {1}));
  Value row = b.unsqueeze(sums, {1});
  Value isBelow = b.compare(ComparePredicate::Le, row, b.unsqueeze(chosen, {2}));
  Value position = b.reduce(ReduceKind::Sum, b.convert(isBelow, *type), {2}, /*keepDims=*/false);
  Value last = b.convert(b.binary(BinaryKind::Sub, b.sizeOf(x, 1), 1.0), *type);
  n.setResult(0, b.binary(BinaryKind::Min, position, last));
  return success();
}

//===----------------------------------------------------------------------===//
// Dropout
//===----------------------------------------------------------------------===//

/// When training an element is dropped with probability `ratio`, else scaled by 1 / (1 - ratio).
static LogicalResult importTrainingDropout(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0), isTraining = b.reshape(n.operand(2), ArrayRef<int64_t>());
  Type type = b.elementOf(x), wide = RandomStream::computeType(type);
  Value ratio = n.hasOperand(1) ? b.convert(b.reshape(n.operand(1), ArrayRef<int64_t>()), wide)
                                : b.scalar(wide, 0.5);
  Value numbers = RandomStream(n, b.shapeOf(x)).uniform(wide);
  Value stays = b.compare(ComparePredicate::Ge, numbers, ratio);
  stays = b.binary(BinaryKind::Or, stays, b.unary(UnaryKind::Not, isTraining));
  Value scaled = b.convert(x, wide);
  scaled = b.binary(BinaryKind::Div, scaled, b.binary(BinaryKind::Sub, b.scalar(wide, 1), ratio));
  scaled = b.select(isTraining, b.convert(scaled, type), x);
  n.setResult(0, b.select(stays, scaled, b.scalarLike(x, 0)));
  n.setResult(1, stays);
  return success();
}

/// Without training it is the identity, with a mask of ones.
static LogicalResult importDropout(NodeImport &n) {
  NNBuilder &b = n.b;
  auto training = n.constantInts(2);
  if (n.hasOperand(2) && !(training && training->front() == 0))
    return importTrainingDropout(n);
  n.setResult(0, n.operand(0));
  if (n.hasResult(1)) {
    Value zero = b.scalar(b.getF32Type(), 0);
    Value yes = b.compare(ComparePredicate::Eq, zero, b.scalar(b.getF32Type(), 0));
    n.setResult(1, b.expand(yes, b.shapeOf(n.operand(0))));
  }
  return success();
}

void optc::onnximport::registerRandom(HandlerRegistry &r) {
  r.add("RandomNormal", importNormal);
  r.add("RandomNormalLike", importNormal);
  r.add("RandomUniform", importUniform);
  r.add("RandomUniformLike", importUniform);
  r.add("Bernoulli", importBernoulli);
  r.add("Multinomial", importMultinomial);
  r.add("Dropout", importDropout);
}
