//===- IntegerProducts.cpp - products of quantized integers -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See IntegerProducts.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/QNN/IntegerProducts.h"
#include "dialects/NN/ConstantFold.h"
#include "dialects/NN/Weights.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::qnn;

static Value toI32(NNBuilder &b, Value value) { return b.convert(value, b.getI32Type()); }

/// A zero point as i32; null if it is 0.
static Value zeroPointOf(NNBuilder &b, const StoredIntegers &stored) {
  if (!stored.zeroPoint)
    return {};
  Value zero = toI32(b, stored.zeroPoint);
  ElementsAttr known = getConstantValue(zero);
  auto values = known ? readInts(known) : std::nullopt;
  if (values && llvm::all_of(*values, [](int64_t value) { return value == 0; }))
    return {};
  RankedTensorType type = NNBuilder::typeOf(zero);
  return type.getRank() == 1 && type.getDimSize(0) == 1 ? b.reshape(zero, ArrayRef<int64_t>())
                                                        : zero;
}

/// Constant weights with a sign, which processors multiply best: w - z = (w - 128) - (z - 128).
static StoredIntegers withSign(NNBuilder &b, StoredIntegers weight) {
  ElementsAttr known = getConstantValue(weight.value);
  RankedTensorType type = NNBuilder::typeOf(weight.value);
  auto bytes = known ? copyConstantBytes(known) : std::nullopt;
  if (!bytes || !type.getElementType().isUnsignedInteger(8))
    return weight;
  auto signedType = RankedTensorType::get(type.getShape(), b.getI8Type());
  AsmResourceBlob blob = allocateWeights(signedType);
  llvm::transform(*bytes, blob.getMutableData().data(),
                  [](char byte) { return static_cast<char>(byte ^ 0x80); });
  Value zero = weight.zeroPoint ? toI32(b, weight.zeroPoint) : b.scalar(b.getI32Type(), 0);
  return {b.constant(makeWeights(signedType, std::move(blob), known)),
          b.binary(BinaryKind::Sub, zero, 128.0)};
}

/// The sums of a weight over `axes`, which are kept as sizes of 1.
static Value sumOf(NNBuilder &b, Value weight, ArrayRef<int64_t> axes) {
  ElementsAttr known = getConstantValue(weight);
  RankedTensorType type = NNBuilder::typeOf(weight);
  auto bytes = known && known.getElementType().isSignlessInteger(8) ? copyConstantBytes(known)
                                                                    : std::nullopt;
  if (!bytes)
    return b.reduce(ReduceKind::Sum, toI32(b, weight), axes);
  SmallVector<int64_t> shape(type.getShape()), strides(shape.size(), 0);
  for (int64_t axis : axes)
    shape[axis] = 1;
  int64_t count = 1;
  for (size_t i = shape.size(); i-- > 0; count *= shape[i])
    strides[i] = shape[i] == 1 ? 0 : count;
  SmallVector<int64_t> sums(count, 0), position(shape.size(), 0);
  int64_t at = 0;
  for (char byte : *bytes) {
    sums[at] += static_cast<int8_t>(byte);
    for (size_t i = shape.size(); i-- > 0;) {
      at += strides[i];
      if (++position[i] < type.getDimSize(i))
        break;
      at -= strides[i] * position[i];
      position[i] = 0;
    }
  }
  return b.constant(makeInts(RankedTensorType::get(shape, b.getI32Type()), sums));
}

/// from - a * c.
static Value takeOff(NNBuilder &b, Value from, Value a, Value c) {
  return b.binary(BinaryKind::Sub, from, b.binary(BinaryKind::Mul, a, c));
}

Value qnn::buildIntegerMatmul(NNBuilder &b, StoredIntegers lhs, StoredIntegers rhs) {
  rhs = withSign(b, rhs);
  Value lhsZero = zeroPointOf(b, lhs), rhsZero = zeroPointOf(b, rhs);
  if (lhsZero && b.rankOf(lhsZero) == 1) // one per row
    lhsZero = b.unsqueeze(lhsZero, {1});
  Value sums = b.make<MatmulOp>(b.getI32Type(), lhs.value, rhs.value);
  if (lhsZero)
    sums = takeOff(b, sums, sumOf(b, rhs.value, {b.rankOf(rhs.value) - 2}), lhsZero);
  if (!rhsZero)
    return sums;
  int64_t last = b.rankOf(lhs.value) - 1;
  Value data = b.reduce(ReduceKind::Sum, toI32(b, lhs.value), {last});
  if (lhsZero)
    data = takeOff(b, data, toI32(b, b.sizeOf(lhs.value, last)), lhsZero);
  return takeOff(b, sums, data, rhsZero);
}

/// Puts `border` around the spatial dims, instead of the pads.
static Value padWith(NNBuilder &b, Value input, ConvWindows &windows, Value border) {
  size_t rank = windows.strides.size();
  SmallVector<int64_t> pads(2 * (rank + 2), 0);
  for (size_t i = 0; i < rank; ++i) {
    pads[1 + i] = windows.pads[i];
    pads[rank + 3 + i] = windows.pads[rank + i];
  }
  windows.pads.assign(2 * rank, 0);
  if (llvm::all_of(pads, [](int64_t pad) { return pad == 0; }))
    return input;
  return b.make<PadOp>(b.elementOf(input), PadMode::Constant, input, b.ints(pads), border);
}

Value qnn::buildIntegerConv(NNBuilder &b, StoredIntegers input, StoredIntegers filter,
                            const ConvWindows &original) {
  ConvWindows windows = original;
  filter = withSign(b, filter);
  Value dataZero = zeroPointOf(b, input), weightZero = zeroPointOf(b, filter), data = input.value;
  if (dataZero)
    data = padWith(b, data, windows, b.convert(dataZero, b.elementOf(data)));
  auto convolve = [&](Value weights) {
    return b.make<ConvOp>(b.getI32Type(), data, weights, windows.strides, windows.dilations,
                          windows.pads, windows.group);
  };
  Value sums = convolve(filter.value);
  RankedTensorType type = NNBuilder::typeOf(filter.value);
  auto axes = llvm::to_vector(llvm::seq<int64_t>(1, type.getRank()));
  if (dataZero)
    sums = takeOff(b, sums, b.squeeze(sumOf(b, filter.value, axes), axes), dataZero);
  if (!weightZero)
    return sums;
  // What each output's window holds.
  Value held = convolve(b.constant(
      DenseElementsAttr::get(RankedTensorType::get(type.getShape(), b.getI8Type()), int8_t(1))));
  int64_t count = type.getDimSize(0) == 0 ? 0 : type.getNumElements() / type.getDimSize(0);
  if (dataZero)
    held = takeOff(b, held, b.scalar(b.getI32Type(), static_cast<double>(count)), dataZero);
  return takeOff(b, sums, held, weightZero);
}
