//===- Observer.cpp - what a value was in calibration -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Observer.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Compress/Observer.h"
#include <algorithm>
#include <cmath>

using namespace optc::compress;

static constexpr const char *names[] = {"minmax", "percentile", "mse", "entropy"};

const char *optc::compress::nameOf(RangeMethod method) { return names[size_t(method)]; }

std::optional<RangeMethod> optc::compress::rangeMethodOf(std::string_view name) {
  for (size_t i = 0; i < std::size(names); ++i)
    if (name == names[i])
      return RangeMethod(i);
  return std::nullopt;
}

void Observer::widen(float magnitude) {
  if (width == 0)
    width = std::ldexp(1.0, std::ilogb(magnitude) + 1) / half;
  while (magnitude >= width * half) {
    std::vector<uint64_t> wide(bins.size());
    for (int64_t i = 0; i < half; ++i) {
      wide[half + i / 2] += bins[half + i];
      wide[half - 1 - i / 2] += bins[half - 1 - i];
    }
    bins = std::move(wide);
    width *= 2;
  }
}

void Observer::add(const float *values, size_t number, size_t channelCount) {
  channels.resize(channelCount);
  for (size_t i = 0; i < number; ++i) {
    float value = values[i];
    if (!std::isfinite(value)) {
      ++nonFinite;
      continue;
    }
    ++count;
    Channel &channel = channels[i % channelCount];
    channel.sum += value;
    channel.squares += double(value) * value;
    channel.least = std::min(channel.least, value);
    channel.most = std::max(channel.most, value);
    // What an activation cut off is most of it, and stays what it is.
    if (value == 0) {
      ++zeros;
      continue;
    }
    least = std::min(least, value);
    most = std::max(most, value);
    if (width == 0 || std::fabs(value) >= width * half)
      widen(std::fabs(value));
    ++bins[half + static_cast<int64_t>(std::floor(value / width))];
  }
  places += number / channelCount;
}

std::vector<double> Observer::getMeans() const {
  std::vector<double> means;
  for (const Channel &channel : channels)
    means.push_back(channel.sum / static_cast<double>(std::max<uint64_t>(places, 1)));
  return means;
}

double Observer::getMeanError(const Range &range) const {
  return errorOf({std::min(range.low, 0.0), std::max(range.high, 0.0)}) /
         static_cast<double>(std::max<uint64_t>(count, 1));
}

double Observer::center(size_t bin) const {
  return (static_cast<double>(bin) - half + 0.5) * width;
}

/// Without `share` of the numbers at either end.
Range Observer::clipped(double share) const {
  Range range{least, most};
  auto limit = static_cast<uint64_t>(share * static_cast<double>(count));
  uint64_t below = 0, above = 0;
  for (size_t i = 0; i < half; ++i) {
    below += bins[i];
    if (below > limit)
      break;
    range.low = std::max<double>(range.low, center(i) + width / 2);
  }
  for (size_t i = bins.size() - 1; i >= half; --i) {
    above += bins[i];
    if (above > limit)
      break;
    range.high = std::min<double>(range.high, center(i) - width / 2);
  }
  return range;
}

double Observer::errorOf(const Range &range) const {
  double step = (range.high - range.low) / 255, error = 0;
  for (size_t i = 0; i < bins.size(); ++i) {
    if (!bins[i])
      continue;
    double value = center(i), beyond = value - std::clamp(value, range.low, range.high);
    // Within the range the error is spread over a step, if that is wider than the bin.
    double own = beyond != 0 ? beyond * beyond : step > width ? step * step / 12 : 0;
    error += own * static_cast<double>(bins[i]);
  }
  return error;
}

/// Of the histogram with all steps made one each from that without.
double Observer::divergenceOf(const Range &range) const {
  constexpr int64_t steps = 256;
  double step = (range.high - range.low) / (steps - 1);
  std::vector<double> mass(steps), places(steps);
  auto stepOf = [&](double value) {
    double at = std::nearbyint((std::clamp(value, range.low, range.high) - range.low) / step);
    return std::clamp<int64_t>(static_cast<int64_t>(at), 0, steps - 1);
  };
  for (size_t i = 0; i < bins.size(); ++i)
    if (bins[i]) {
      mass[stepOf(center(i))] += static_cast<double>(bins[i]);
      places[stepOf(center(i))] += 1;
    }
  double divergence = 0, all = static_cast<double>(std::max<uint64_t>(count - zeros, 1));
  for (size_t i = 0; i < bins.size(); ++i) {
    if (!bins[i])
      continue;
    double value = center(i), p = static_cast<double>(bins[i]) / all;
    int64_t at = stepOf(value);
    // What is cut off stands at the end, which is not where it was.
    bool isCut = value < range.low - step || value > range.high + step;
    double q = mass[at] / places[at] / all;
    divergence += p * std::log(p / q) + (isCut ? p : 0);
  }
  return divergence;
}

/// Both ends come in by the same share.
template <typename Cost> Range Observer::cheapest(Cost cost) const {
  Range all{least, most}, best = all;
  double lowest = cost(all);
  for (int part = 99; part >= 20; --part) {
    Range range{all.low * part / 100, all.high * part / 100};
    double found = cost(range);
    if (found < lowest)
      lowest = found, best = range;
  }
  return best;
}

Range Observer::getRange(RangeMethod method) const {
  if (least == most)
    return {least, most};
  switch (method) {
  case RangeMethod::MinMax:
    break;
  case RangeMethod::Percentile:
    return clipped(1e-4);
  case RangeMethod::Mse:
    return cheapest([&](const Range &range) { return errorOf(range); });
  case RangeMethod::Entropy:
    return cheapest([&](const Range &range) { return divergenceOf(range); });
  }
  return {least, most};
}
