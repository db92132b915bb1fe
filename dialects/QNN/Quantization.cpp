//===- Quantization.cpp - scales and zero points ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Quantization.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/QNN/Quantization.h"
#include "dialects/NN/ConstantFold.h"
#include "dialects/NN/Weights.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

std::pair<int64_t, int64_t> qnn::boundsOf(Type type) {
  unsigned bits = type.getIntOrFloatBitWidth();
  int64_t half = int64_t(1) << (bits - 1);
  return type.isUnsignedInteger() ? std::pair(int64_t(0), 2 * half - 1)
                                  : std::pair(-half, half - 1);
}

bool qnn::isByte(Value value) {
  auto type = dyn_cast<IntegerType>(cast<TensorType>(value.getType()).getElementType());
  return type && type.getWidth() == 8;
}

std::optional<SmallVector<double>> qnn::numbersOf(ElementsAttr constant) {
  if (auto floats = readFloats(constant))
    return floats;
  auto ints = readInts(constant);
  if (!ints)
    return std::nullopt;
  return llvm::map_to_vector(*ints, [](int64_t value) { return static_cast<double>(value); });
}

std::optional<double> qnn::numberOf(Value parameter) {
  if (!parameter)
    return 0;
  ElementsAttr attr = getConstantValue(parameter);
  auto numbers = attr && attr.getNumElements() == 1 ? numbersOf(attr) : std::nullopt;
  return numbers ? std::optional(numbers->front()) : std::nullopt;
}

bool qnn::areEqual(Value a, Value b) {
  if (a == b)
    return true;
  std::optional<double> left = numberOf(a), right = numberOf(b);
  if (left && right)
    return *left == *right;
  return a && b && getConstantValue(a) && getConstantValue(a) == getConstantValue(b);
}

bool qnn::isPerTensor(Value parameter) {
  auto type = dyn_cast_or_null<RankedTensorType>(parameter ? parameter.getType() : Type());
  return !parameter || (type && type.hasStaticShape() && type.getNumElements() == 1);
}
