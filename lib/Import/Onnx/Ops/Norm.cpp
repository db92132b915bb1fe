//===- Norm.cpp - softmax and normalizations -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Softmax, and normalizations as nn.normalize with scale and bias around it.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Importer.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

// [quote softmax]
template <bool isLog> static LogicalResult importSoftmax(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  int64_t axis = b.axisOf(x, n.intAttr("axis", -1));
  n.setResult(0, b.make<SoftmaxOp>(b.elementOf(x), x, axis, isLog));
  return success();
}
// [end quote]

static Value normalize(NNBuilder &b, NormKind kind, Value x, ArrayRef<int64_t> axes,
                       double epsilon) {
  return b.make<NormalizeOp>(b.elementOf(x), kind, x, axes, llvm::APFloat(epsilon));
}

static Value scaleAndShift(NNBuilder &b, Value x, Value scale, Value shift) {
  if (scale)
    x = b.binary(BinaryKind::Mul, x, scale);
  return shift ? b.binary(BinaryKind::Add, x, shift) : x;
}

static SmallVector<int64_t> axesFrom(Value x, int64_t first) {
  return llvm::to_vector(llvm::seq<int64_t>(first, NNBuilder::rankOf(x)));
}

/// The shape [1, C, 1..] under which a vector of channels goes with [N, C, ..].
static Value perChannel(NNBuilder &b, Value vector, int64_t rank) {
  SmallVector<int64_t> shape(std::max<int64_t>(rank - 1, 1), 1);
  shape.front() = -1;
  return b.reshape(vector, shape);
}

namespace {
/// Over some axes, which stay with size 1; at least in f32.
struct Statistics {
  Value mean, variance;
};
} // namespace

static Statistics statisticsOf(NNBuilder &b, Value x, ArrayRef<int64_t> axes) {
  Value wide = b.elementOf(x).isF64() ? x : b.convert(x, b.getF32Type()), count = b.ints({1});
  for (int64_t dim : axes)
    count = b.binary(BinaryKind::Mul, count, b.sizeOf(x, dim));
  count = b.convert(b.reshape(count, ArrayRef<int64_t>()), b.elementOf(wide));
  auto meanOf = [&](Value value) {
    return b.binary(BinaryKind::Div, b.reduce(ReduceKind::Sum, value, axes), count);
  };
  Value mean = meanOf(wide), centered = b.binary(BinaryKind::Sub, wide, mean);
  return {mean, meanOf(b.binary(BinaryKind::Mul, centered, centered))};
}

/// LayerNormalization's results 1 and 2: the mean and 1 / sqrt(variance + epsilon), in f32.
static void setStatistics(NodeImport &n, Value x, int64_t axis) {
  NNBuilder &b = n.b;
  Statistics found = statisticsOf(b, x, axesFrom(x, axis));
  Value shifted = b.binary(BinaryKind::Add, found.variance, n.floatAttr("epsilon", 1e-5));
  n.setResult(1, found.mean);
  n.setResult(2, b.unary(UnaryKind::Reciprocal, b.unary(UnaryKind::Sqrt, shifted)));
}

template <NormKind kind> static LogicalResult importLayerNorm(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  int64_t axis = b.axisOf(x, n.intAttr("axis", -1));
  Value result = normalize(b, kind, x, axesFrom(x, axis), n.floatAttr("epsilon", 1e-5));
  Value shift = kind == NormKind::MeanVariance ? n.operand(2) : Value();
  n.setResult(0, scaleAndShift(b, result, n.operand(1), shift));
  if (n.hasResult(1) || n.hasResult(2))
    setStatistics(n, x, axis);
  return success();
}

static LogicalResult importInstanceNorm(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  int64_t rank = b.rankOf(x);
  if (rank < 3)
    return n.invalid("its input has rank " + Twine(rank) + ", needed is at least 3");
  Value result =
      normalize(b, NormKind::MeanVariance, x, axesFrom(x, 2), n.floatAttr("epsilon", 1e-5));
  Value scale = perChannel(b, n.operand(1), rank);
  n.setResult(0, scaleAndShift(b, result, scale, perChannel(b, n.operand(2), rank)));
  return success();
}

/// [N, C, ..] as [N, groups, rest], normalized over the rest.
static LogicalResult importGroupNorm(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  int64_t rank = b.rankOf(x), groups = n.intAttr("num_groups");
  if (rank < 2 || groups < 1)
    return n.invalid(Twine(groups) + " groups of an input of rank " + Twine(rank));
  Value grouped = b.reshape(x, {0, groups, -1});
  Value result = normalize(b, NormKind::MeanVariance, grouped, {2}, n.floatAttr("epsilon", 1e-5));
  result = b.reshape(result, b.shapeOf(x), /*allowZero=*/true);
  Value scale = perChannel(b, n.operand(1), rank);
  n.setResult(0, scaleAndShift(b, result, scale, perChannel(b, n.operand(2), rank)));
  return success();
}

/// Training: the statistics are those of x; results 1 and 2 are what the model has seen so far,
/// momentum * operand + (1 - momentum) * statistic.
static LogicalResult importTrainingBatchNorm(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  Type element = b.elementOf(x);
  int64_t rank = b.rankOf(x);
  SmallVector<int64_t> axes = axesFrom(x, 1);
  axes[0] = 0;
  Value wide = element.isF64() ? x : b.convert(x, b.getF32Type());
  auto channels = [&](size_t index) {
    return perChannel(b, b.convert(n.operand(index), b.elementOf(wide)), rank);
  };
  Value result = normalize(b, NormKind::MeanVariance, wide, axes, n.floatAttr("epsilon", 1e-5));
  Value scale = channels(1);
  n.setResult(0, b.convert(scaleAndShift(b, result, scale, channels(2)), element));
  if (!n.hasResult(1) && !n.hasResult(2))
    return success();
  Statistics found = statisticsOf(b, x, axes);
  double momentum = n.floatAttr("momentum", 0.9);
  Value current[] = {found.mean, found.variance};
  for (auto [i, seen] : llvm::enumerate(current)) {
    Value before = n.operand(3 + i);
    Value kept = b.binary(BinaryKind::Mul, b.convert(before, b.elementOf(wide)), momentum);
    Value added = b.binary(BinaryKind::Mul, b.squeeze(seen, axes), 1 - momentum);
    n.setResult(1 + i, b.convert(b.binary(BinaryKind::Add, kept, added), b.elementOf(before)));
  }
  return success();
}

/// (x - mean) / sqrt(var + epsilon) * scale + bias as x * factor + offset.
static LogicalResult importBatchNorm(NodeImport &n) {
  NNBuilder &b = n.b;
  if (b.rankOf(n.operand(0)) < 2 && n.intAttr("training_mode"))
    return n.invalid("its input has rank " + Twine(b.rankOf(n.operand(0))) +
                     ", needed is at least 2");
  if (n.intAttr("training_mode"))
    return importTrainingBatchNorm(n);
  Value x = n.operand(0), scale = n.operand(1), bias = n.operand(2), mean = n.operand(3),
        variance = n.operand(4);
  Type element = b.elementOf(x);
  Value deviation =
      b.unary(UnaryKind::Sqrt, b.binary(BinaryKind::Add, variance, n.floatAttr("epsilon", 1e-5)));
  Value factor = b.binary(BinaryKind::Div, b.convert(scale, b.elementOf(deviation)), deviation);
  Value offset = b.convert(bias, b.elementOf(mean));
  offset = b.binary(BinaryKind::Sub, offset, b.binary(BinaryKind::Mul, mean, factor));
  int64_t rank = b.rankOf(x);
  factor = perChannel(b, b.convert(factor, element), rank);
  n.setResult(0, scaleAndShift(b, x, factor, perChannel(b, b.convert(offset, element), rank)));
  return success();
}

static LogicalResult importMeanVariance(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  SmallVector<int64_t> axes = n.intsAttr("axes");
  if (axes.empty())
    axes = {0, 2, 3};
  for (int64_t &axis : axes)
    axis = b.axisOf(x, axis);
  llvm::sort(axes);
  n.setResult(0, normalize(b, NormKind::MeanVariance, x, axes, 1e-9));
  return success();
}

/// x divided by its 1- or 2-norm along an axis; 0 where that is 0.
static LogicalResult importLpNorm(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  int64_t axis = b.axisOf(x, n.intAttr("axis", -1));
  bool isAbsolute = n.intAttr("p", 2) == 1;
  Value parts = isAbsolute ? b.unary(UnaryKind::Abs, x) : b.binary(BinaryKind::Mul, x, x);
  Value norm = b.reduce(ReduceKind::Sum, parts, {axis});
  if (!isAbsolute)
    norm = b.unary(UnaryKind::Sqrt, norm);
  Value isZero = b.compare(ComparePredicate::Eq, norm, b.scalarLike(norm, 0));
  n.setResult(0, b.binary(BinaryKind::Div, x, b.select(isZero, b.scalarLike(norm, 1), norm)));
  return success();
}

namespace optc::onnximport {
void registerNorm(HandlerRegistry &registry) {
  registry.add("Softmax", importSoftmax<false>);
  registry.add("LogSoftmax", importSoftmax<true>);
  registry.add("LayerNormalization", importLayerNorm<NormKind::MeanVariance>);
  registry.add("RMSNormalization", importLayerNorm<NormKind::RootMeanSquare>);
  registry.add("InstanceNormalization", summing<importInstanceNorm>);
  registry.add("GroupNormalization", summing<importGroupNorm>);
  registry.add("BatchNormalization", importBatchNorm);
  registry.add("LpNormalization", summing<importLpNorm>);
  registry.add("MeanVarianceNormalization", summing<importMeanVariance>);
}
} // namespace optc::onnximport
