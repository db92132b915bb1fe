//===- Quantize.cpp - quantized tensors ----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Conversions between real and stored values: one scale per tensor, per position along an
// axis, or per block of positions.
//
//===----------------------------------------------------------------------===//
#include "dialects/QNN/QNN.h"
#include "lib/Import/Onnx/Importer.h"
#include "lib/Import/Onnx/Quantization.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::onnximport;
// ONNX's values are only named through NodeImport here.
using mlir::Value;

Value optc::onnximport::quantize(NNBuilder &b, Value x, Value scale, Value zeroPoint, Type type) {
  return b.make<qnn::QuantizeOp>(type, x, scale, zeroPoint);
}

Value optc::onnximport::requantize(NNBuilder &b, Value sums, Value scale, Value zeroPoint,
                                   Type type) {
  return b.make<qnn::RequantizeOp>(type, sums, scale, zeroPoint, DenseI64ArrayAttr());
}

Value optc::onnximport::alongAxis(NNBuilder &b, Value parameter, int64_t rank, int64_t axis) {
  RankedTensorType type = NNBuilder::typeOf(parameter);
  if (type.hasStaticShape() && type.getNumElements() == 1)
    return b.reshape(parameter, ArrayRef<int64_t>());
  SmallVector<int64_t> others;
  for (int64_t i = 0; i < rank; ++i)
    if (i != axis)
      others.push_back(i);
  return b.unsqueeze(parameter, others);
}

/// A parameter per block of `block` positions along the axis, repeated for each of them.
static Value alongBlocks(NNBuilder &b, Value parameter, Value like, int64_t axis, int64_t block) {
  int64_t rank = NNBuilder::rankOf(parameter);
  Value blocks = b.unsqueeze(parameter, {axis + 1});
  SmallVector<Value> wide, merged;
  for (int64_t i = 0; i < rank; ++i) {
    Value size = b.sizeOf(parameter, i);
    wide.push_back(size);
    if (i == axis) {
      wide.push_back(b.ints({block}));
      size = b.binary(BinaryKind::Mul, size, b.ints({block}));
    }
    merged.push_back(size);
  }
  Value repeated = b.reshape(b.expand(blocks, b.concat(wide, 0)), b.concat(merged, 0), true);
  // The last block may be smaller.
  return b.slice(repeated, axis, b.ints({0}), b.sizeOf(like, axis));
}

namespace {
/// The operands of QuantizeLinear and DequantizeLinear, broadcastable to x.
struct Parameters {
  Value x, scale, zeroPoint;
};
} // namespace

static FailureOr<Parameters> parametersOf(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  int64_t rank = NNBuilder::rankOf(x), block = n.intAttr("block_size");
  auto fit = [&](Value parameter) -> FailureOr<Value> {
    if (!parameter)
      return Value();
    bool isSingle =
        NNBuilder::rankOf(parameter) == 0 ||
        (NNBuilder::rankOf(parameter) == 1 && NNBuilder::typeOf(parameter).getDimSize(0) == 1);
    if (isSingle)
      return b.reshape(parameter, ArrayRef<int64_t>());
    int64_t axis = b.axisOf(x, n.intAttr("axis", 1));
    if (block > 0 && NNBuilder::rankOf(parameter) == rank)
      return alongBlocks(b, parameter, x, axis, block);
    if (NNBuilder::rankOf(parameter) != 1)
      return n.invalid("its scale has rank " + Twine(NNBuilder::rankOf(parameter)) +
                       " without a block_size");
    return alongAxis(b, parameter, rank, axis);
  };
  FailureOr<Value> scale = fit(n.operand(1)), zeroPoint = fit(n.operand(2));
  if (failed(scale) || failed(zeroPoint))
    return failure();
  return Parameters{x, *scale, *zeroPoint};
}

static LogicalResult importQuantizeLinear(NodeImport &n) {
  FailureOr<Parameters> p = parametersOf(n);
  FailureOr<Type> type = n.resultElementType(0);
  if (failed(p) || failed(type))
    return failure();
  if (!isa<IntegerType>(*type))
    return n.unsupported("quantization to floats is not supported");
  n.setResult(0, quantize(n.b, p->x, p->scale, p->zeroPoint, *type));
  return success();
}

static LogicalResult importDequantizeLinear(NodeImport &n) {
  FailureOr<Parameters> p = parametersOf(n);
  FailureOr<Type> type = n.resultElementType(0);
  if (failed(p) || failed(type))
    return failure();
  NNBuilder &b = n.b;
  if (NNBuilder::elementOf(p->x).getIntOrFloatBitWidth() > 16 &&
      p->zeroPoint) { // which is 0, by ONNX
    p->x = b.binary(BinaryKind::Sub, p->x, p->zeroPoint);
    p->zeroPoint = {};
  }
  n.setResult(0, b.make<qnn::DequantizeOp>(*type, p->x, p->scale, p->zeroPoint));
  return success();
}

QuantizedTensor optc::onnximport::quantizeDynamically(NNBuilder &b, Value x, Type type) {
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, NNBuilder::rankOf(x)));
  auto extreme = [&](ReduceKind kind) { return b.reduce(kind, x, axes, /*keepDims=*/false); };
  Value low = b.binary(BinaryKind::Min, extreme(ReduceKind::Min), 0.0);
  Value high = b.binary(BinaryKind::Max, extreme(ReduceKind::Max), 0.0);
  Value range = b.binary(BinaryKind::Sub, high, low);
  Value isZero = b.compare(ComparePredicate::Eq, range, b.scalarLike(range, 0));
  Value scale = b.select(isZero, b.scalarLike(range, 1), b.binary(BinaryKind::Div, range, 255.0));
  Value zero = b.binary(BinaryKind::Div, low, scale);
  zero = quantize(b, b.binary(BinaryKind::Sub, b.scalarLike(zero, 0), zero), b.scalarLike(zero, 1),
                  Value(), type);
  return {quantize(b, x, scale, zero, type), scale, zero};
}

static LogicalResult importDynamicQuantize(NodeImport &n) {
  FailureOr<Type> type = n.resultElementType(0);
  if (failed(type))
    return failure();
  QuantizedTensor quantized = quantizeDynamically(n.b, n.operand(0), *type);
  n.setResult(0, quantized.integers);
  n.setResult(1, quantized.scale);
  n.setResult(2, quantized.zeroPoint);
  return success();
}

void optc::onnximport::registerQuantize(HandlerRegistry &r) {
  r.add("QuantizeLinear", importQuantizeLinear);
  r.add("DequantizeLinear", importDequantizeLinear);
  r.add("DynamicQuantizeLinear", importDynamicQuantize);
}
