//===- Budget.cpp - weights within so many bytes --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Budget.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Compress/Budget.h"

#include <map>

using namespace optc;
using namespace optc::compress;

namespace {
/// The sites of a weight.
struct SharedWeight {
  std::vector<size_t> sites;
  /// Of each level.
  std::vector<double> errors;
  std::vector<uint64_t> bytes;
  size_t level = 0;

  void describe(const Level &as);
};

/// The step of a weight to another level.
struct Step {
  SharedWeight *weight = nullptr;
  size_t level = 0;
  double gain = 0; ///< error per byte
};
} // namespace

void SharedWeight::describe(const Level &as) {
  std::map<int64_t, uint64_t> stored; // by the bits: a site may have to stay as it is
  double error = 0;
  for (size_t site : sites) {
    stored[as.plan.getBits(site)] = as.plan.getWeightBytes(site);
    error += as.errors[site];
  }
  uint64_t all = 0;
  for (auto [bits, count] : stored)
    all += count;
  errors.push_back(error);
  bytes.push_back(all);
}

/// The best that `room` is enough for.
static Step findStep(std::map<size_t, SharedWeight> &weights, uint64_t room) {
  Step best;
  for (auto &[number, weight] : weights)
    for (size_t level = weight.level + 1; level < weight.bytes.size(); ++level) {
      uint64_t before = weight.bytes[weight.level], after = weight.bytes[level];
      double gain = weight.errors[weight.level] - weight.errors[level];
      if (after > before + room)
        continue;
      gain /= after > before ? static_cast<double>(after - before) : 1;
      if (gain > best.gain)
        best = {&weight, level, gain};
    }
  return best;
}

Plan compress::chooseWithin(uint64_t bytes, const std::vector<Level> &levels) {
  Plan plan = levels.front().plan;
  std::map<size_t, SharedWeight> weights;
  for (size_t i = 0; i < plan.sites.size(); ++i)
    weights[plan.sites[i].weight].sites.push_back(i);
  uint64_t taken = 0;
  for (auto &[number, weight] : weights) {
    for (const Level &level : levels)
      weight.describe(level);
    taken += weight.bytes.front();
  }
  while (taken <= bytes) {
    Step step = findStep(weights, bytes - taken);
    if (!step.weight)
      break;
    taken += step.weight->bytes[step.level] - step.weight->bytes[step.weight->level];
    step.weight->level = step.level;
  }
  for (auto &[number, weight] : weights)
    for (size_t site : weight.sites) {
      const Plan &from = levels[weight.level].plan;
      plan.choices[site] = from.choices[site];
      if (site < plan.codes.size())
        plan.codes[site] = from.codes[site];
    }
  return plan;
}
