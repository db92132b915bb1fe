//===- BlockRounding.cpp - weights of a plan as codes in blocks ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See BlockRounding.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/BlockRounding.h"
#include "lib/Compress/Quantize.h"

#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <numeric>

namespace optc::driver {

using compress::BlockCodes;
using compress::Plan;
using compress::Site;

uint64_t BlockRounding::countBytes(const Plan &plan) {
  std::map<size_t, uint64_t> bytes; // those of this sample, and those of all
  for (const Site &site : plan.sites)
    if (site.value)
      bytes[*site.value] = 2 * sizeof(float) * static_cast<uint64_t>(site.depth * site.depth);
  uint64_t all = 0;
  for (auto [value, count] : bytes)
    all += count;
  return all;
}

void BlockRounding::look(Session &session) {
  optc_tensor tensor;
  for (size_t value = 0; value < sums.size(); ++value)
    if (session.findOutput(compress::gramName(value), tensor)) {
      const auto *seen = static_cast<const float *>(tensor.data);
      sums[value].resize(countElements(tensor));
      for (size_t i = 0; i < sums[value].size(); ++i)
        sums[value][i] += seen[i];
    }
}

/// Nothing (null), and the reason in the choice, if something is not finite.
std::shared_ptr<const BlockCodes> BlockRounding::round(Plan &plan, size_t site) const {
  constexpr double damping = 0.01;
  compress::SiteChoice &choice = plan.choices[site];
  static const std::vector<float> unknown;
  std::optional<size_t> value = plan.sites[site].value;
  const std::vector<float> &gram = value ? sums[*value] : unknown;
  auto matrix = compress::readBlockMatrix(module, site);
  if (!matrix)
    choice.reason = "its weight has numbers that are not finite";
  else if (!llvm::all_of(gram, [](float sum) { return std::isfinite(sum); }))
    choice.reason = "what it reads was not finite in calibration";
  choice.quantized = choice.reason.empty();
  if (!choice.quantized)
    return {};
  if (!gram.empty() && feedsBack)
    return std::make_shared<const BlockCodes>(
        compress::roundAgainstData(*matrix, plan.blocks, gram, damping));
  std::vector<float> importance;
  for (int64_t k = 0; !gram.empty() && k < matrix->depth; ++k)
    importance.push_back(gram[k * (matrix->depth + 1)]);
  return std::make_shared<const BlockCodes>(
      compress::roundBlocks(*matrix, plan.blocks, importance));
}

/// Products first: the rows that are gathered of a weight have no data to tell what counts.
void BlockRounding::roundAll(Plan &plan, Progress &progress) {
  std::vector<size_t> order(plan.sites.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_partition(order.begin(), order.end(),
                        [&](size_t i) { return plan.sites[i].value.has_value(); });
  plan.codes.resize(plan.sites.size());
  std::map<size_t, std::shared_ptr<const BlockCodes>> known;
  int done = 0;
  for (size_t i : order) {
    progress.stage(++done, int(order.size()), plan.sites[i].node);
    if (!plan.choices[i].quantized)
      continue;
    std::shared_ptr<const BlockCodes> &codes = known[plan.sites[i].weight];
    if (!codes)
      codes = round(plan, i);
    plan.codes[i] = codes;
  }
  sums.clear();
}

void BlockRounding::refine(Plan &plan, size_t site, int64_t bits) {
  plan.choices[site].bits = bits;
  std::shared_ptr<const BlockCodes> &codes = finer[{plan.sites[site].weight, bits}];
  if (!codes) // of so many bits the nearest are as good as any
    codes = std::make_shared<const BlockCodes>(
        compress::roundBlocks(*compress::readBlockMatrix(module, site), plan.formatOf(site), {}));
  plan.codes[site] = codes;
}

} // namespace optc::driver
