//===- QuantizeWeight.cpp - a constant weight as integers ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See QuantizeWeight.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Compress/QuantizeWeight.h"
#include "dialects/NN/Weights.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace optc;
using namespace optc::compress;

namespace {
/// The elements of a tensor as [outer][axis][inner].
struct Strides {
  int64_t outer = 1, size, inner = 1;

  Strides(ArrayRef<int64_t> shape, int64_t axis)
      : outer(llvm::product_of(shape.take_front(axis))), size(shape[axis]),
        inner(llvm::product_of(shape.drop_front(axis + 1))) {}
  int64_t at(int64_t o, int64_t position, int64_t i) const {
    return (o * size + position) * inner + i;
  }
};
} // namespace

static std::optional<std::vector<float>> readWeight(ElementsAttr weight) {
  auto bytes = weight.getElementType().isF32() ? nn::copyConstantBytes(weight) : std::nullopt;
  if (!bytes)
    return std::nullopt;
  std::vector<float> values(weight.getNumElements());
  std::memcpy(values.data(), bytes->data(), values.size() * sizeof(float));
  if (!llvm::all_of(values, [](float value) { return std::isfinite(value); }))
    return std::nullopt;
  return values;
}

static int8_t stepsOf(float value, float scale) {
  return static_cast<int8_t>(std::clamp(std::nearbyint(value / scale), -127.0f, 127.0f));
}

/// Some outliers may saturate if that is better for all.
static float chooseScale(ArrayRef<float> values) {
  float most = 0;
  for (float value : values)
    most = std::max(most, std::fabs(value));
  if (!std::isnormal(most / 127))
    return 1;
  float best = most / 127;
  double lowest = std::numeric_limits<double>::infinity();
  for (int part = 100; part >= 70; part -= 2) {
    float scale = most / 127 * static_cast<float>(part) / 100;
    double error = 0;
    for (float value : values) {
      double off = value - double(scale) * stepsOf(value, scale);
      error += off * off;
    }
    if (error < lowest)
      lowest = error, best = scale;
  }
  return best;
}

std::optional<QuantizedWeight> compress::quantizeWeight(ElementsAttr weight, int64_t axis) {
  auto values = readWeight(weight);
  if (!values)
    return std::nullopt;
  ArrayRef<int64_t> shape = weight.getShapedType().getShape();
  Strides strides(shape, axis);
  auto type = RankedTensorType::get(shape, IntegerType::get(weight.getContext(), 8));
  AsmResourceBlob blob = nn::allocateWeights(type);
  char *integers = blob.getMutableData().data();
  QuantizedWeight result;
  for (int64_t position = 0; position < strides.size; ++position) {
    SmallVector<float> row;
    for (int64_t o = 0; o < strides.outer; ++o)
      for (int64_t i = 0; i < strides.inner; ++i)
        row.push_back((*values)[strides.at(o, position, i)]);
    float scale = chooseScale(row);
    result.scales.push_back(scale);
    const float *next = row.begin();
    for (int64_t o = 0; o < strides.outer; ++o)
      for (int64_t i = 0; i < strides.inner; ++i)
        integers[strides.at(o, position, i)] = static_cast<char>(stepsOf(*next++, scale));
  }
  result.integers = nn::makeWeights(type, std::move(blob), weight);
  return result;
}

std::vector<double> compress::meanErrors(ElementsAttr weight, const QuantizedWeight &quantized,
                                         int64_t axis, int64_t channelAxis,
                                         ArrayRef<double> means) {
  auto values = readWeight(weight);
  auto bytes = nn::copyConstantBytes(quantized.integers);
  ArrayRef<int64_t> shape = weight.getShapedType().getShape();
  Strides outputs(shape, axis), channels(shape, channelAxis);
  std::vector<double> errors(outputs.size);
  for (size_t i = 0; i < values->size(); ++i) {
    int64_t output = static_cast<int64_t>(i) / outputs.inner % outputs.size;
    int64_t channel = static_cast<int64_t>(i) / channels.inner % channels.size;
    double real = double(quantized.scales[output]) * static_cast<int8_t>((*bytes)[i]);
    errors[output] += (real - (*values)[i]) * means[channel];
  }
  return errors;
}
