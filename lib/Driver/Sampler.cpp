//===- Sampler.cpp - the next token --------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Sampler.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace optc::driver {

/// A number in [0, 1), the same on all machines.
static double uniform(std::mt19937_64 &random) {
  constexpr int unused = 11;
  constexpr double steps = 9007199254740992.0; // 2^53
  return static_cast<double>(random() >> unused) / steps;
}

uint32_t Sampler::choose(const float *scores, size_t count) {
  std::vector<float> values(scores, scores + count);
  for (float &value : values)
    if (std::isnan(value))
      value = -std::numeric_limits<float>::infinity();
  auto penalty = static_cast<float>(options.repetitionPenalty);
  if (penalty != 1)
    for (uint32_t token : seen)
      if (token < count)
        values[token] = values[token] > 0 ? values[token] / penalty : values[token] * penalty;
  if (options.temperature == 0)
    return static_cast<uint32_t>(std::max_element(values.begin(), values.end()) - values.begin());
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  size_t kept = options.topK ? std::min<size_t>(options.topK, count) : count;
  auto isLarger = [&](uint32_t a, uint32_t b) {
    return values[a] != values[b] ? values[a] > values[b] : a < b;
  };
  std::partial_sort(order.begin(), order.begin() + kept, order.end(), isLarger);
  std::vector<double> odds(kept);
  double sum = 0;
  for (size_t i = 0; i < kept; ++i)
    sum += odds[i] = std::exp((double(values[order[i]]) - values[order[0]]) / options.temperature);
  double covered = 0;
  size_t last = 0;
  while (last < kept && odds[last] >= options.minP && (last == 0 || covered < options.topP * sum))
    covered += odds[last++];
  double place = uniform(random) * covered;
  for (size_t i = 0; i + 1 < last; ++i) {
    place -= odds[i];
    if (place < 0)
      return order[i];
  }
  return order[std::max<size_t>(last, 1) - 1];
}

} // namespace optc::driver
