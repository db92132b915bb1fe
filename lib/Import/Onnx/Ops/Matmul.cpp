//===- Matmul.cpp - matrix products --------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MatMul, Gemm and their integer forms as nn.matmul.
//
//===----------------------------------------------------------------------===//
#include "dialects/QNN/IntegerProducts.h"
#include "lib/Import/Onnx/Importer.h"
#include "lib/Import/Onnx/Quantization.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

/// numpy's matmul: vectors become matrices for `multiply`, and their dims are dropped from the
/// result.
static Value matmulOf(NNBuilder &b, Value lhs, Value rhs,
                      function_ref<Value(Value lhs, Value rhs)> multiply) {
  bool isRow = b.rankOf(lhs) == 1, isColumn = b.rankOf(rhs) == 1;
  Value rows = isRow ? b.unsqueeze(lhs, {0}) : lhs;
  Value result = multiply(rows, isColumn ? b.unsqueeze(rhs, {1}) : rhs);
  int64_t rank = b.rankOf(result);
  SmallVector<int64_t> dropped;
  if (isRow)
    dropped.push_back(rank - 2);
  if (isColumn)
    dropped.push_back(rank - 1);
  return dropped.empty() ? result : b.squeeze(result, dropped);
}

Value optc::onnximport::integerMatmul(NNBuilder &b, qnn::StoredIntegers lhs,
                                      qnn::StoredIntegers rhs) {
  return matmulOf(b, lhs.value, rhs.value, [&](Value left, Value right) {
    return qnn::buildIntegerMatmul(b, {left, lhs.zeroPoint}, {right, rhs.zeroPoint});
  });
}

static LogicalResult importMatmul(NodeImport &n) {
  n.setResult(0, matmulOf(n.b, n.operand(0), n.operand(1), [&](Value lhs, Value rhs) {
                return n.b.make<MatmulOp>(n.b.elementOf(lhs), lhs, rhs);
              }));
  return success();
}

static LogicalResult importGemm(NodeImport &n) {
  NNBuilder &b = n.b;
  Value lhs = n.operand(0), rhs = n.operand(1), bias = n.operand(2);
  if (b.rankOf(lhs) != 2 || b.rankOf(rhs) != 2)
    return n.invalid("its operands must be matrices");
  if (n.intAttr("transA"))
    lhs = b.transpose(lhs, {1, 0});
  if (n.intAttr("transB"))
    rhs = b.transpose(rhs, {1, 0});
  Value result = b.make<MatmulOp>(b.elementOf(lhs), lhs, rhs);
  double alpha = n.floatAttr("alpha", 1), beta = n.floatAttr("beta", 1);
  if (alpha != 1)
    result = b.binary(BinaryKind::Mul, result, alpha);
  if (bias && beta != 0) {
    if (beta != 1)
      bias = b.binary(BinaryKind::Mul, bias, beta);
    result = b.binary(BinaryKind::Add, result, bias);
  }
  n.setResult(0, result);
  return success();
}

static LogicalResult importMatmulInteger(NodeImport &n) {
  n.setResult(0, integerMatmul(n.b, {n.operand(0), n.operand(2)}, {n.operand(1), n.operand(3)}));
  return success();
}

/// (a - aZero) * (b - bZero) summed in i32, times aScale * bScale / yScale. Scales are scalars,
/// one per row of a and y, or one per column of b.
static LogicalResult importQLinearMatmul(NodeImport &n) {
  NNBuilder &b = n.b;
  FailureOr<Type> type = n.resultElementType(0);
  if (failed(type))
    return failure();
  Value sums = integerMatmul(b, {n.operand(0), n.operand(2)}, {n.operand(3), n.operand(5)});
  int64_t rank = b.rankOf(sums);
  auto perRow = [&](Value scale) {
    scale = b.convert(scale, b.getF32Type());
    return b.rankOf(scale) == 1 ? alongAxis(b, scale, rank, std::max<int64_t>(rank - 2, 0)) : scale;
  };
  Value columns = b.convert(n.operand(4), b.getF32Type());
  if (b.rankOf(columns) == 1)
    columns = alongAxis(b, columns, rank, std::max<int64_t>(rank - 1, 0));
  Value scale = b.binary(BinaryKind::Mul, perRow(n.operand(1)), columns);
  scale = b.binary(BinaryKind::Div, scale, perRow(n.operand(6)));
  Value zeroPoint = n.operand(7);
  if (zeroPoint && b.rankOf(zeroPoint) == 1)
    zeroPoint = alongAxis(b, zeroPoint, rank, std::max<int64_t>(rank - 2, 0));
  n.setResult(0, requantize(b, sums, scale, zeroPoint, *type));
  return success();
}

namespace optc::onnximport {
void registerMatmul(HandlerRegistry &registry) {
  registry.add("MatMul", importMatmul);
  registry.add("Gemm", importGemm);
  registry.add("MatMulInteger", importMatmulInteger);
  registry.add("QLinearMatMul", importQLinearMatmul);
}
} // namespace optc::onnximport
