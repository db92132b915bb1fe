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
#include "dialects/NN/Weights.h"
#include "dialects/QNN/BlockCodes.h"
#include "lib/Import/Onnx/ConstantImport.h"
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
  Value repeated = b.expand(blocks, b.concat(wide, 0));
  repeated = b.reshape(repeated, b.concat(merged, 0), true);
  // The last block may be smaller.
  Value start = b.ints({0});
  return b.slice(repeated, axis, start, b.sizeOf(like, axis));
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
    if (block > 0 && NNBuilder::rankOf(parameter) == rank) {
      int64_t size = NNBuilder::typeOf(x).getDimSize(axis),
              blocks = NNBuilder::typeOf(parameter).getDimSize(axis);
      if (!ShapedType::isDynamic(size) && !ShapedType::isDynamic(blocks) &&
          llvm::divideCeil(size, block) != static_cast<uint64_t>(blocks))
        return n.invalid("its " + Twine(size) + " elements along axis " + Twine(axis) + " are " +
                         Twine(llvm::divideCeil(size, block)) + " blocks of " + Twine(block) +
                         ", its scales " + Twine(blocks));
      return alongBlocks(b, parameter, x, axis, block);
    }
    if (NNBuilder::rankOf(parameter) != 1)
      return n.invalid("its scale has rank " + Twine(NNBuilder::rankOf(parameter)) +
                       " without a block_size");
    return alongAxis(b, parameter, rank, axis);
  };
  FailureOr<Value> scale = fit(widenStored(b, n.operand(1))), zeroPoint = fit(n.operand(2));
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

/// The numbers of float4e2m1 in steps of 1/2, as bytes without a sign.
static constexpr double float4Step = 0.5;
static constexpr int8_t float4Zero = 64;
static SmallVector<int8_t> float4Codebook() {
  SmallVector<int8_t> codebook;
  for (int8_t sign : {1, -1})
    for (int8_t steps : {0, 1, 2, 3, 4, 6, 8, 12})
      codebook.push_back(static_cast<int8_t>(float4Zero + sign * steps));
  return codebook;
}

/// What a constant stands for that has a scale for each of the blocks that the axis is cut into: as
/// stored codes, whose blocks are neighbours. Null for others.
static Value dequantizeConstantBlocks(NodeImport &n, Type result) {
  NNBuilder &b = n.b;
  Value x = n.operand(0), scale = widenStored(b, n.operand(1)), zero = n.operand(2);
  int64_t rank = b.rankOf(x), block = n.intAttr("block_size");
  ElementsAttr constant = getConstantValue(x);
  if (!constant || block <= 0 || rank != 2 || b.rankOf(scale) != rank)
    return {};
  int64_t axis = b.axisOf(x, n.intAttr("axis", 1));
  ArrayRef<int64_t> shape = b.typeOf(x).getShape();
  unsigned bits = b.elementOf(x).getIntOrFloatBitWidth();
  qnn::BlockShape blocks{shape[1 - axis], shape[axis], bits, block};
  bool isFloat4 = isa<Float4E2M1FNType>(b.elementOf(x));
  std::optional<SmallVector<uint8_t, 0>> codes;
  if (blocks.depth % block == 0 && bits >= 2 && bits <= 8 && block % (32 / bits) == 0)
    codes = isFloat4 ? readBytes(constant) : qnn::readCodes(constant);
  if (!codes || b.typeOf(scale).getShape()[axis] != blocks.blocks())
    return {};
  Type code = IntegerType::get(b.getContext(), 8, IntegerType::Unsigned);
  double half = b.elementOf(x).isUnsignedInteger() ? 0 : 1 << (bits - 1);
  if (isFloat4) { // whose zero points are 0
    zero = b.scalar(code, float4Zero);
    scale = b.binary(BinaryKind::Mul, scale, float4Step);
    blocks.codebook = b.getDenseI8ArrayAttr(float4Codebook());
  } else if (zero) { // in more bits, where nothing is lost
    zero = b.binary(BinaryKind::Add, b.convert(zero, b.getI32Type()), half);
    zero = b.convert(zero, code);
  } else {
    zero = b.scalar(code, half);
  }
  if (axis == 0) {
    codes = qnn::transposeCodes(*codes, blocks.depth);
    scale = b.transpose(scale, {1, 0});
    if (b.rankOf(zero) == 2)
      zero = b.transpose(zero, {1, 0});
  }
  Value bytes = b.constant(qnn::packCodes(b.getContext(), *codes, blocks, constant));
  Value real =
      qnn::dequantizeBlocks(b, bytes, b.unsqueeze(scale, {2}),
                            b.rankOf(zero) == 2 ? b.unsqueeze(zero, {2}) : zero, blocks, result);
  return axis == 0 ? b.transpose(real, {1, 0}) : real;
}

/// What a constant of floats of few bits stands for, where the scales are constants, too: f32 of
/// any size, computed here. Null for others.
static Value dequantizeStored(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  if (!isStoredOnly(b.elementOf(x)))
    return {};
  ElementsAttr scales = getConstantValue(widenStored(b, n.operand(1)));
  auto scaleBytes =
      scales && scales.getElementType().isF32() ? copyConstantBytes(scales) : std::nullopt;
  ElementsAttr stored = getConstantValue(widenStored(b, x));
  auto bytes = stored && scaleBytes ? copyConstantBytes(stored) : std::nullopt;
  if (!bytes)
    return {};
  RankedTensorType type = cast<RankedTensorType>(stored.getType());
  int64_t rank = type.getRank(), block = n.intAttr("block_size"), count = scales.getNumElements();
  int64_t axis = count == 1 ? 0 : b.axisOf(x, n.intAttr("axis", 1)), inner = 1;
  for (int64_t d = axis + 1; d < rank; ++d)
    inner *= type.getDimSize(d);
  int64_t size = rank ? type.getDimSize(axis) : 1;
  int64_t blocks = block > 0 ? llvm::divideCeil(size, block) : size;
  int64_t wanted = block > 0 && size ? type.getNumElements() / size * blocks : size;
  if (count != 1 && count != wanted)
    return {};
  AsmResourceBlob blob = allocateWeights(type);
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    int64_t place = i / inner % size, at = count == 1 ? 0 : place;
    if (count != 1 && block > 0)
      at = (i / inner / size * blocks + place / block) * inner + i % inner;
    float value = 0, scale = 0;
    std::memcpy(&value, bytes->data() + i * sizeof(float), sizeof(float));
    std::memcpy(&scale, scaleBytes->data() + at * sizeof(float), sizeof(float));
    value *= scale;
    std::memcpy(blob.getMutableData().data() + i * sizeof(float), &value, sizeof(float));
  }
  return b.constant(makeWeights(type, std::move(blob), stored));
}

static LogicalResult importDequantizeLinear(NodeImport &n) {
  FailureOr<Type> type = n.resultElementType(0);
  if (Value real = succeeded(type) ? dequantizeConstantBlocks(n, *type) : Value()) {
    n.setResult(0, real);
    return success();
  }
  if (Value real = succeeded(type) ? dequantizeStored(n) : Value()) {
    n.setResult(0, n.b.convert(real, *type));
    return success();
  }
  FailureOr<Parameters> p = parametersOf(n);
  if (failed(p) || failed(type))
    return failure();
  NNBuilder &b = n.b;
  if (isStoredOnly(b.elementOf(p->x))) {
    Value real = b.convert(widenStored(b, p->x), *type);
    n.setResult(0, b.binary(BinaryKind::Mul, real, b.convert(p->scale, *type)));
    return success();
  }
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
  Value one = b.scalarLike(range, 1);
  Value scale = b.select(isZero, one, b.binary(BinaryKind::Div, range, 255.0));
  Value zero = b.binary(BinaryKind::Div, low, scale);
  zero = b.binary(BinaryKind::Sub, b.scalarLike(zero, 0), zero);
  zero = quantize(b, zero, b.scalarLike(zero, 1), Value(), type);
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
