//===- Balance.cpp - channels of unlike sizes ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Balance.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Compress/Balance.h"
#include "lib/Compress/QuantizeWeight.h"
#include "lib/Compress/Sites.h"
#include <cmath>

using namespace mlir;
using namespace optc;
using namespace optc::compress;

namespace {

/// A value and the weights that it is multiplied with.
class Balancer {
public:
  Balancer(const Observer &observer, std::vector<WeightValues> weights);

  void run(RangeMethod method, ValueScale &scale);

private:
  std::vector<float> factorsFor(double exponent) const;
  compress::Range rangeFor(ArrayRef<float> factors) const;
  /// The mean squared error of an output, summed over outputs; `dataError` is that of an element of
  /// the data.
  double errorOf(ArrayRef<float> factors, double dataError) const;

  const Observer &observer;
  std::vector<WeightValues> weights;
  /// Of the weights, by channel.
  std::vector<double> largest;
};

} // namespace

Balancer::Balancer(const Observer &observer, std::vector<WeightValues> weights)
    : observer(observer), weights(std::move(weights)), largest(observer.getChannels().size()) {
  for (const WeightValues &weight : this->weights)
    for (auto [i, value] : llvm::enumerate(weight.values)) {
      double &most = largest[weight.getChannel(i)];
      most = std::max(most, std::fabs(double(value)));
    }
}

std::vector<float> Balancer::factorsFor(double exponent) const {
  const std::vector<Observer::Channel> &channels = observer.getChannels();
  std::vector<float> factors(channels.size(), 1);
  double logs = 0;
  size_t count = 0;
  for (auto [factor, channel, weight] : llvm::zip_equal(factors, channels, largest)) {
    double data = std::max(-double(channel.least), double(channel.most));
    if (!(data > 0) || !(weight > 0))
      continue;
    factor = static_cast<float>(std::pow(data, exponent) / std::pow(weight, 1 - exponent));
    logs += std::log(double(factor));
    ++count;
  }
  // Around 1, that nothing gets out of range.
  auto middle =
      static_cast<float>(std::exp(logs / static_cast<double>(std::max<size_t>(count, 1))));
  constexpr float most = 1e4f;
  for (float &factor : factors)
    if (factor != 1)
      factor = std::clamp(factor / middle, 1 / most, most);
  return factors;
}

compress::Range Balancer::rangeFor(ArrayRef<float> factors) const {
  compress::Range range;
  for (auto [channel, factor] : llvm::zip_equal(observer.getChannels(), factors)) {
    range.low = std::min(range.low, double(channel.least) / factor);
    range.high = std::max(range.high, double(channel.most) / factor);
  }
  return range;
}

double Balancer::errorOf(ArrayRef<float> factors, double dataError) const {
  double error = 0;
  auto places = static_cast<double>(std::max<uint64_t>(observer.getPlaces(), 1));
  for (const WeightValues &weight : weights) {
    std::vector<double> steps(weight.outputs);
    for (auto [i, value] : llvm::enumerate(weight.values)) {
      double &step = steps[weight.getOutput(i)];
      step = std::max(step, std::fabs(double(value) * factors[weight.getChannel(i)]) / 127);
    }
    for (auto [i, value] : llvm::enumerate(weight.values)) {
      int64_t c = weight.getChannel(i);
      double scaled = double(value) * factors[c], step = steps[weight.getOutput(i)];
      double power = observer.getChannels()[c].squares / places / (double(factors[c]) * factors[c]);
      error += dataError * scaled * scaled + step * step / 12 * power;
    }
  }
  return error;
}

void Balancer::run(RangeMethod method, ValueScale &scale) {
  // Gains that are smaller are not worth a product per element.
  constexpr double worth = 0.8;
  std::vector<float> ones(observer.getChannels().size(), 1);
  double least = worth * errorOf(ones, observer.getMeanError(observer.getRange(method)));
  for (double exponent : {0.25, 0.5, 0.75}) {
    std::vector<float> factors = factorsFor(exponent);
    compress::Range range = rangeFor(factors);
    double step = (range.high - range.low) / 255, error = errorOf(factors, step * step / 12);
    if (!(error < least))
      continue;
    least = error;
    std::vector<double> means = std::move(scale.means);
    scale = ValueScale::of(range);
    scale.means = std::move(means);
    scale.factors = std::move(factors);
    scale.isBalanced = true;
  }
}

void compress::balanceChannels(ModuleOp module, ArrayRef<Observer> observers, RangeMethod method,
                               Plan &plan) {
  std::vector<std::vector<WeightValues>> weights(plan.values.size());
  std::vector<bool> isWhole(plan.values.size(), true);
  for (auto [i, op] : llvm::enumerate(sitesOf(entryOf(module)))) {
    size_t value = *plan.sites[i].value;
    SiteWeight weight = *SiteWeight::match(op);
    auto values = weight.readsAllChannels(op) ? WeightValues::read(weight.constant.getValue(),
                                                                   weight.outputs, weight.channels)
                                              : std::nullopt;
    bool fits =
        values && values->channels == static_cast<int64_t>(observers[value].getChannels().size());
    isWhole[value] = isWhole[value] && fits;
    if (fits)
      weights[value].push_back(std::move(*values));
  }
  for (size_t value = 0; value < plan.values.size(); ++value)
    if (isWhole[value] && !weights[value].empty() && observers[value].getNonFinite() == 0)
      Balancer(observers[value], std::move(weights[value])).run(method, plan.values[value]);
}
