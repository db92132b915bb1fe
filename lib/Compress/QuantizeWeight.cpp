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

std::optional<WeightValues> WeightValues::read(ElementsAttr weight, int64_t outputAxis,
                                               int64_t channelAxis, ArrayRef<float> factors) {
  auto bytes = weight.getElementType().isF32() ? nn::copyConstantBytes(weight) : std::nullopt;
  if (!bytes)
    return std::nullopt;
  ArrayRef<int64_t> shape = weight.getShapedType().getShape();
  WeightValues result;
  result.origin = weight;
  result.outputs = shape[outputAxis];
  result.outputInner = llvm::product_of(shape.drop_front(outputAxis + 1));
  result.channels = shape[channelAxis];
  result.channelInner = llvm::product_of(shape.drop_front(channelAxis + 1));
  result.values.resize(weight.getNumElements());
  std::memcpy(result.values.data(), bytes->data(), result.values.size() * sizeof(float));
  for (auto [i, value] : llvm::enumerate(result.values)) {
    if (!factors.empty())
      value *= factors[result.getChannel(i)];
    if (!std::isfinite(value))
      return std::nullopt;
  }
  return result;
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

QuantizedWeight compress::quantizeWeight(const WeightValues &weight) {
  ArrayRef<int64_t> shape = weight.origin.getShapedType().getShape();
  auto type = RankedTensorType::get(shape, IntegerType::get(weight.origin.getContext(), 8));
  AsmResourceBlob blob = nn::allocateWeights(type);
  char *integers = blob.getMutableData().data();
  std::vector<SmallVector<float>> rows(weight.outputs);
  for (auto [i, value] : llvm::enumerate(weight.values))
    rows[weight.getOutput(i)].push_back(value);
  QuantizedWeight result;
  for (const SmallVector<float> &row : rows)
    result.scales.push_back(chooseScale(row));
  for (auto [i, value] : llvm::enumerate(weight.values))
    integers[i] = static_cast<char>(stepsOf(value, result.scales[weight.getOutput(i)]));
  result.integers = nn::makeWeights(type, std::move(blob), weight.origin);
  return result;
}

std::vector<double> compress::meanErrors(const WeightValues &weight,
                                         const QuantizedWeight &quantized, ArrayRef<double> means) {
  auto bytes = nn::copyConstantBytes(quantized.integers);
  std::vector<double> errors(weight.outputs);
  for (auto [i, value] : llvm::enumerate(weight.values)) {
    int64_t output = weight.getOutput(i);
    double real = double(quantized.scales[output]) * static_cast<int8_t>((*bytes)[i]);
    errors[output] += (real - value) * means[weight.getChannel(i)];
  }
  return errors;
}
