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

namespace optc::driver {

using compress::BlockCodes;
using compress::BlockMatrix;
using compress::Plan;
using compress::ProductSums;
using compress::Site;

static constexpr const char *roundingNames[] = {"nearest", "gptq", "qronos"};

const char *nameOf(Rounding rounding) { return roundingNames[static_cast<size_t>(rounding)]; }

std::optional<Rounding> roundingOf(std::string_view name) {
  for (Rounding each : {Rounding::Nearest, Rounding::Gptq, Rounding::Qronos})
    if (name == nameOf(each))
      return each;
  return std::nullopt;
}

/// Two sums, those of a sample, and what is solved with them.
uint64_t BlockRounding::countBytes(const Plan &plan) {
  constexpr uint64_t matrices = 4 * sizeof(float) + sizeof(double) + 2 * sizeof(float);
  uint64_t most = 0;
  for (const Site &site : plan.sites)
    if (site.value)
      most = std::max(most, matrices * static_cast<uint64_t>(site.depth * site.depth));
  return most;
}

/// Nothing, and the reason in the choice, if something is not finite.
std::optional<BlockMatrix> BlockRounding::read(size_t site) {
  auto matrix = compress::readBlockMatrix(module, site);
  if (!matrix) {
    plan.choices[site].quantized = false;
    plan.choices[site].reason = "its weight has numbers that are not finite";
  }
  return matrix;
}

/// What rows are gathered of: no data tell what counts in it. Where it is that of a product, too,
/// the codes are those of the product, so that it is stored once.
void BlockRounding::roundTables(bool ofProducts) {
  std::set<size_t> weights;
  for (const Site &site : plan.sites)
    if (site.value)
      weights.insert(site.weight);
  for (size_t i = 0; i < plan.sites.size(); ++i) {
    const Site &site = plan.sites[i];
    if (site.value || !plan.choices[i].quantized || weights.count(site.weight) != ofProducts)
      continue;
    Codes &codes = known[site.weight];
    if (!codes)
      if (auto matrix = read(i))
        codes = std::make_shared<const BlockCodes>(compress::roundBlocks(*matrix, plan.blocks, {}));
    plan.codes[i] = codes;
  }
}

void BlockRounding::roundProducts(size_t value, const ProductSums &sums, Rounding rounding) {
  // What corrects whole weights fits the samples more than what rounds them.
  double damping = rounding == Rounding::Qronos ? 0.1 : 0.01;
  std::optional<compress::Feedback> feedback;
  for (size_t i = 0; i < plan.sites.size(); ++i) {
    const Site &site = plan.sites[i];
    compress::SiteChoice &choice = plan.choices[i];
    if (site.value != value || !choice.quantized)
      continue;
    if (!sums.isFinite()) {
      choice.quantized = false;
      choice.reason = "what it reads was not finite in calibration";
      continue;
    }
    Codes &codes = known[site.weight];
    auto matrix = codes ? std::nullopt : read(i);
    if (matrix && rounding != Rounding::Nearest && sums.depth > 0 && !feedback)
      feedback.emplace(sums, damping);
    if (matrix)
      codes = std::make_shared<const BlockCodes>(
          feedback ? feedback->round(*matrix, plan.blocks)
                   : compress::roundBlocks(*matrix, plan.blocks, sums.getImportance()));
    plan.codes[i] = codes;
  }
}

void BlockRounding::roundAll(Progress &progress) {
  plan.codes.resize(plan.sites.size());
  auto count = static_cast<int>(plan.countValues());
  roundTables(/*ofProducts=*/false);
  for (int value = 0; value < count; ++value) {
    progress.stage(value + 1, count, "round");
    roundProducts(value, {}, Rounding::Nearest);
  }
  roundTables(/*ofProducts=*/true);
}

StreamWeight BlockRounding::weightOf(size_t site) const {
  StreamWeight weight{compress::weightOf(module, site), {}};
  if (plan.codes[site])
    weight.rounded = compress::valuesInOrder(module, site, *plan.codes[site], plan.formatOf(site));
  return weight;
}

Error BlockRounding::roundInOrder(Streams &streams, Rounding rounding, Progress &progress) {
  plan.codes.resize(plan.sites.size());
  roundTables(/*ofProducts=*/false);
  auto count = static_cast<int>(streams.countSegments());
  for (int value = 0; value < count; ++value) {
    progress.stage(value + 1, count, "round");
    if (Error error = streams.run(value, [&](size_t site) { return weightOf(site); }))
      return error;
    ProductSums sums;
    if (Error error = streams.sumProducts(value, sums))
      return error;
    if (rounding == Rounding::Gptq)
      sums.cross.clear();
    roundProducts(value, sums, rounding);
  }
  roundTables(/*ofProducts=*/true);
  return {};
}

void BlockRounding::refine(Plan &refined, size_t site, int64_t bits) {
  refined.choices[site].bits = bits;
  Codes &codes = finer[{refined.sites[site].weight, bits}];
  if (!codes) // of so many bits the nearest are as good as any
    codes = std::make_shared<const BlockCodes>(compress::roundBlocks(
        *compress::readBlockMatrix(module, site), refined.formatOf(site), {}));
  refined.codes[site] = codes;
}

} // namespace optc::driver
