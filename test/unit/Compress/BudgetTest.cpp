//===- BudgetTest.cpp - weights within so many bytes ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which weights get more bits, beside all that could be chosen.
//
//===----------------------------------------------------------------------===//
#include "lib/Compress/Budget.h"
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace optc::compress;

/// Weights of so many numbers, as codes of 4 and of 8 bits, and as floats.
static std::vector<Level> levelsOf(const std::vector<size_t> &weights,
                                   const std::vector<uint64_t> &counts,
                                   const std::vector<double> &errors) {
  Level few;
  few.plan.scheme = Scheme::Int4Weights;
  few.plan.blocks = blockFormatOf(few.plan.scheme);
  for (size_t i = 0; i < weights.size(); ++i) {
    Site site;
    site.weight = weights[i];
    site.weightBytes = counts[weights[i]] * sizeof(float);
    few.plan.sites.push_back(site);
  }
  few.plan.choices.resize(weights.size());
  few.errors = errors;
  Level more = few, all = few;
  for (size_t i = 0; i < weights.size(); ++i) {
    more.plan.choices[i].bits = 8;
    more.errors[i] /= 200;
    all.plan.choices[i].quantized = false;
    all.errors[i] = 0;
  }
  return {few, more, all};
}

static double errorOf(const Plan &plan, const std::vector<Level> &levels) {
  double sum = 0;
  for (size_t i = 0; i < plan.sites.size(); ++i)
    sum += levels[plan.getBits(i) == 4 ? 0 : plan.getBits(i) == 8 ? 1 : 2].errors[i];
  return sum;
}

TEST(Budget, theWorstPerByteIsRaisedFirst) {
  auto levels = levelsOf({0, 1}, {1024, 1024}, {0.001, 0.01});
  uint64_t least = levels[0].plan.countBytes().second;
  EXPECT_EQ(chooseWithin(least, levels).countOfBits(4), 2u);
  Plan plan = chooseWithin(least + 512, levels); // 4 bits more of one of them
  EXPECT_EQ(plan.getBits(0), 4);
  EXPECT_EQ(plan.getBits(1), 8);
  EXPECT_EQ(chooseWithin(uint64_t(1) << 20, levels).countOfBits(32), 2u);
}

TEST(Budget, sitesOfAWeightShareItsBits) {
  auto levels = levelsOf({0, 1, 0}, {1024, 1024}, {0.006, 0.01, 0.006});
  Plan plan = chooseWithin(levels[0].plan.countBytes().second + 512, levels);
  EXPECT_EQ(plan.getBits(0), 8);
  EXPECT_EQ(plan.getBits(2), 8);
  EXPECT_EQ(plan.getBits(1), 4);
}

TEST(Budget, whatStaysAsItIsCounts) {
  auto levels = levelsOf({0, 1}, {1024, 1024}, {0.01, 0.01});
  for (Level &level : levels) {
    level.plan.choices[0].quantized = false;
    level.errors[0] = 0;
  }
  uint64_t least = levels[0].plan.countBytes().second;
  EXPECT_EQ(least, 4096u + 512 + 64);
  Plan plan = chooseWithin(least + 512, levels);
  EXPECT_EQ(plan.getBits(0), 32);
  EXPECT_EQ(plan.getBits(1), 8);
}

/// What is chosen fits, and is hardly worse than the best of all.
TEST(Budget, drawnWeightsAreCloseToTheBest) {
  std::mt19937 random(3);
  std::uniform_int_distribution<int> blocks(1, 40);
  std::uniform_real_distribution<double> exponents(-3, -1), share(0, 1);
  constexpr size_t count = 6, ways = 729;
  double ours = 0, best = 0;
  for (int round = 0; round < 50; ++round) {
    std::vector<size_t> weights;
    std::vector<uint64_t> counts;
    std::vector<double> errors;
    for (size_t i = 0; i < count; ++i) {
      weights.push_back(i);
      counts.push_back(uint64_t(blocks(random)) * 32);
      errors.push_back(std::pow(10, exponents(random)));
    }
    auto levels = levelsOf(weights, counts, errors);
    uint64_t least = levels[0].plan.countBytes().second, most = levels[2].plan.countBytes().second;
    auto bytes = least + uint64_t(share(random) * double(most - least) / 2);
    Plan chosen = chooseWithin(bytes, levels);
    EXPECT_LE(chosen.countBytes().second, bytes);
    double smallest = INFINITY;
    for (size_t way = 0; way < ways; ++way) {
      Plan plan = levels[0].plan;
      size_t rest = way;
      for (size_t i = 0; i < count; ++i, rest /= 3)
        plan.choices[i] = levels[rest % 3].plan.choices[i];
      if (plan.countBytes().second <= bytes)
        smallest = std::min(smallest, errorOf(plan, levels));
    }
    EXPECT_GE(errorOf(chosen, levels), smallest * 0.999999);
    ours += errorOf(chosen, levels);
    best += smallest;
  }
  EXPECT_LT(ours, 1.1 * best);
}
