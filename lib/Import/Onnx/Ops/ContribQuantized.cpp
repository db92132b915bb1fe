//===- ContribQuantized.cpp - quantized operators of ONNX Runtime -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The domain com.microsoft has operators on integers with their scales as operands, which its
// quantizer writes (QOperator). Those that are no products become their float operators between a
// dequantization and a quantization: no more than a loop over elements, once it is fused.
//
//===----------------------------------------------------------------------===//
#include "dialects/QNN/QNN.h"
#include "lib/Import/Onnx/Importer.h"
#include "lib/Import/Onnx/Quantization.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

/// The numbers that operand `first` stands for; its scale and zero point come behind it.
static Value realOperand(NodeImport &n, size_t first) {
  NNBuilder &b = n.b;
  Value scale = b.reshape(n.operand(first + 1), ArrayRef<int64_t>());
  Value zero = n.operand(first + 2);
  if (zero)
    zero = b.reshape(zero, ArrayRef<int64_t>());
  return b.make<qnn::DequantizeOp>(b.getF32Type(), n.operand(first), scale, zero);
}

/// Sets the result to integers of the scale and zero point that operands `first` and the next are.
static LogicalResult setQuantized(NodeImport &n, FailureOr<Value> real, size_t first, Type type) {
  if (failed(real))
    return failure();
  NNBuilder &b = n.b;
  Value scale = b.reshape(n.operand(first), ArrayRef<int64_t>()), zero = n.operand(first + 1);
  if (zero)
    zero = b.reshape(zero, ArrayRef<int64_t>());
  n.setResult(0, quantize(b, *real, scale, zero, type));
  return success();
}

static LogicalResult setLikeFirst(NodeImport &n, FailureOr<Value> real, size_t first) {
  return setQuantized(n, real, first, NNBuilder::elementOf(n.operand(0)));
}

template <BinaryKind kind> static LogicalResult importBinary(NodeImport &n) {
  Value lhs = realOperand(n, 0);
  return setLikeFirst(n, n.b.binary(kind, lhs, realOperand(n, 3)), 6);
}

/// An operator of one operand, by its name in ai.onnx.
static LogicalResult importUnary(NodeImport &n, StringRef op) {
  return setLikeFirst(n, n.importAs(op, {realOperand(n, 0)}, n.node.attributes), 3);
}

/// With `channels_last` the channels are behind the places.
static LogicalResult importPool(NodeImport &n, StringRef op) {
  NNBuilder &b = n.b;
  bool isLast = n.intAttr("channels_last") != 0;
  Value x = realOperand(n, 0);
  int64_t rank = b.rankOf(x);
  if (rank < 3)
    return n.invalid("its input has rank " + Twine(rank) + ", needed is at least 3");
  SmallVector<int64_t> toFirst = {0, rank - 1}, toLast = {0};
  for (int64_t i = 1; i + 1 < rank; ++i) {
    toFirst.push_back(i);
    toLast.push_back(i + 1);
  }
  toLast.push_back(1);
  FailureOr<Value> pooled =
      n.importAs(op, {isLast ? b.transpose(x, toFirst) : x}, n.node.attributes);
  if (succeeded(pooled) && isLast)
    pooled = b.transpose(*pooled, toLast);
  return setLikeFirst(n, pooled, 3);
}

static LogicalResult importConcat(NodeImport &n) {
  NNBuilder &b = n.b;
  SmallVector<Value> parts;
  for (size_t i = 2; i + 1 < n.numOperands(); i += 3)
    parts.push_back(realOperand(n, i));
  if (parts.empty())
    return n.invalid("it has nothing to concatenate");
  Value joined = b.concat(parts, b.axisOf(parts.front(), n.intAttr("axis")));
  return setQuantized(n, joined, 0, NNBuilder::elementOf(n.operand(2)));
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// sums * scale + bias in f32; the scale is one number, or one per column.
static Value realSums(NodeImport &n, Value sums, Value scale, Value bias) {
  NNBuilder &b = n.b;
  Value real = b.make<qnn::DequantizeOp>(b.getF32Type(), sums, scale, Value());
  return bias ? b.binary(BinaryKind::Add, real, bias) : real;
}

static Value scaleOf(NodeImport &n, Value data, Value weight) {
  return n.b.binary(BinaryKind::Mul, data, weight);
}

/// A, B, a_scale, b_scale, a_zero?, b_zero?, bias?
static LogicalResult importIntegerToFloat(NodeImport &n) {
  Value sums = integerMatmul(n.b, {n.operand(0), n.operand(4)}, {n.operand(1), n.operand(5)});
  n.setResult(0, realSums(n, sums, scaleOf(n, n.operand(2), n.operand(3)), n.operand(6)));
  return success();
}

/// A of floats, B, b_scale, b_zero?, bias?
static LogicalResult importDynamicMatmul(NodeImport &n) {
  Type type = IntegerType::get(n.b.getContext(), 8, IntegerType::Unsigned);
  QuantizedTensor data = quantizeDynamically(n.b, n.operand(0), type);
  Value sums = integerMatmul(n.b, {data.integers, data.zeroPoint}, {n.operand(1), n.operand(3)});
  n.setResult(0, realSums(n, sums, scaleOf(n, data.scale, n.operand(2)), n.operand(4)));
  return success();
}

/// A, a_scale, a_zero, B, b_scale, b_zero, C?, y_scale?, y_zero?
static LogicalResult importGemm(NodeImport &n) {
  NNBuilder &b = n.b;
  Value lhs = n.operand(0), rhs = n.operand(3);
  if (b.rankOf(lhs) != 2 || b.rankOf(rhs) != 2)
    return n.invalid("its operands must be matrices");
  if (n.intAttr("transA"))
    lhs = b.transpose(lhs, {1, 0});
  if (n.intAttr("transB"))
    rhs = b.transpose(rhs, {1, 0});
  Value sums = integerMatmul(b, {lhs, n.operand(2)}, {rhs, n.operand(5)});
  if (n.hasOperand(6))
    sums = b.binary(BinaryKind::Add, sums, n.operand(6));
  Value scale = scaleOf(n, n.operand(1), n.operand(4));
  if (double alpha = n.floatAttr("alpha", 1); alpha != 1)
    scale = b.binary(BinaryKind::Mul, scale, alpha);
  if (!n.hasOperand(7)) {
    n.setResult(0, realSums(n, sums, scale, Value()));
    return success();
  }
  Value zero = n.operand(8) ? b.reshape(n.operand(8), ArrayRef<int64_t>()) : Value();
  scale = b.binary(BinaryKind::Div, scale, b.reshape(n.operand(7), ArrayRef<int64_t>()));
  n.setResult(0, requantize(b, sums, scale, zero, b.elementOf(n.operand(0))));
  return success();
}

namespace optc::onnximport {
void registerContribQuantized(HandlerRegistry &registry) {
  auto add = [&](StringRef op, auto handler) {
    registry.add((Twine("com.microsoft:") + op).str(), handler);
  };
  add("QLinearAdd", importBinary<BinaryKind::Add>);
  add("QLinearMul", importBinary<BinaryKind::Mul>);
  add("QLinearSigmoid", [](NodeImport &n) { return importUnary(n, "Sigmoid"); });
  add("QLinearLeakyRelu", [](NodeImport &n) { return importUnary(n, "LeakyRelu"); });
  add("QLinearSoftmax", [](NodeImport &n) { return importUnary(n, "Softmax"); });
  add("QLinearAveragePool", [](NodeImport &n) { return importPool(n, "AveragePool"); });
  add("QLinearGlobalAveragePool", [](NodeImport &n) { return importPool(n, "GlobalAveragePool"); });
  add("QLinearConcat", importConcat);
  add("MatMulIntegerToFloat", importIntegerToFloat);
  add("DynamicQuantizeMatMul", importDynamicMatmul);
  add("QGemm", importGemm);
}
} // namespace optc::onnximport
