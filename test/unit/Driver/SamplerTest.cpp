//===- SamplerTest.cpp - the next token, and texts that end a text ---------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shares of many choices against probabilities; stops in pieces of any size.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Sampler.h"
#include "lib/Driver/StopFilter.h"
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace optc::driver;

static std::vector<double> sharesOf(const SamplerOptions &options,
                                    const std::vector<float> &scores) {
  constexpr int times = 20000;
  Sampler sampler(options);
  std::vector<double> shares(scores.size());
  for (int i = 0; i < times; ++i)
    shares[sampler.choose(scores.data(), scores.size())] += 1.0 / times;
  return shares;
}

static const std::vector<float> scores = {std::log(0.1f), std::log(0.4f), std::log(0.2f),
                                          std::log(0.3f)};

TEST(Sampler, choosesByProbability) {
  SamplerOptions options;
  options.temperature = 1;
  std::vector<double> shares = sharesOf(options, scores);
  for (size_t i = 0; i < scores.size(); ++i)
    EXPECT_NEAR(shares[i], std::exp(scores[i]), 0.015);
  options.temperature = 0.5; // squares of them
  shares = sharesOf(options, scores);
  for (size_t i = 0; i < scores.size(); ++i)
    EXPECT_NEAR(shares[i], std::exp(2 * scores[i]) / 0.30, 0.015);
}

TEST(Sampler, leavesOutWhatIsUnlikely) {
  auto of = [](uint64_t topK, double topP, double minP) {
    SamplerOptions options;
    options.temperature = 1;
    options.topK = topK, options.topP = topP, options.minP = minP;
    return sharesOf(options, scores);
  };
  for (const std::vector<double> &shares : {of(2, 1, 0), of(0, 0.65, 0), of(0, 1, 0.6)}) {
    EXPECT_NEAR(shares[1], 4.0 / 7, 0.015);
    EXPECT_NEAR(shares[3], 3.0 / 7, 0.015);
  }
  EXPECT_NEAR(of(0, 0, 0)[1], 1, 1e-9); // one is left always
}

TEST(Sampler, takesTheLargest) {
  Sampler sampler({});
  std::vector<float> equal = {1, 3, 3, std::nanf(""), -std::numeric_limits<float>::infinity()};
  EXPECT_EQ(sampler.choose(equal.data(), equal.size()), 1u);
  SamplerOptions options;
  options.repetitionPenalty = 2;
  Sampler penalizing(options);
  penalizing.accept(1);
  penalizing.accept(1000000); // of no score
  EXPECT_EQ(penalizing.choose(equal.data(), equal.size()), 2u);
  std::vector<float> negative = {-2, -1.5f, -4};
  EXPECT_EQ(penalizing.choose(negative.data(), negative.size()), 0u);
}

TEST(StopFilter, nothingOfAStopLeaves) {
  const std::string text = "one two<enthree<end>four";
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    StopFilter filter({"<end>", "", "fourth"});
    std::string out;
    for (size_t i = 0; i < text.size(); i += piece) {
      out += filter.push(text.substr(i, piece));
      EXPECT_EQ(text.compare(0, out.size(), out), 0);
    }
    EXPECT_TRUE(filter.isStopped());
    EXPECT_EQ(out + filter.finish(), "one two<enthree") << piece;
  }
}

TEST(StopFilter, whatIsHeldBackComesAtLast) {
  StopFilter filter({"<end>"});
  EXPECT_EQ(filter.push("a <en"), "a ");
  EXPECT_EQ(filter.push("d"), "");
  EXPECT_EQ(filter.finish(), "<end");
  EXPECT_FALSE(filter.isStopped());
}

TEST(StopFilter, theFirstOfSeveral) {
  StopFilter filter({"cd", "bc"});
  EXPECT_EQ(filter.push("abcd"), "a");
  EXPECT_TRUE(filter.isStopped());
}
