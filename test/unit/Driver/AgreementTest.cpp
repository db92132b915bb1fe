//===- AgreementTest.cpp - how much two models agree --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shares, cosines and their bounds.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Agreement.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace optc::driver;

/// Rows of two, of which `different` are the other way round.
static Agreement ofRows(int rows, int different) {
  Agreement agreement(Metric::Top1);
  for (int i = 0; i < rows; ++i) {
    Outputs actual = {{i < different ? 0.0f : 1.0f, 0.5f}};
    agreement.add({{1, 0.5f}}, actual, {2});
  }
  return agreement;
}

TEST(Agreement, sharesHaveWilsonsBounds) {
  Agreement agreement = ofRows(200, 4);
  EXPECT_DOUBLE_EQ(agreement.getDrop(), 0.02);
  // By hand: (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n), z = 1.6448536.
  EXPECT_NEAR(agreement.getUpperBound(0.95), 0.043803, 1e-5);
  EXPECT_NEAR(agreement.getLowerBound(0.95), 0.009010, 1e-5);
}

TEST(Agreement, fewSamplesShowLittle) {
  EXPECT_GT(ofRows(100, 0).getUpperBound(0.95), 0.02);
  EXPECT_LT(ofRows(300, 0).getUpperBound(0.95), 0.01);
  auto missing = ofRows(100, 0).missingFor(0.01, 0.95);
  ASSERT_TRUE(missing);
  EXPECT_LE(ofRows(100 + int(*missing), 0).getUpperBound(0.95), 0.01);
  EXPECT_GT(*missing, 150u);
}

TEST(Agreement, noNumberOfSamplesMendsTooLargeADrop) {
  EXPECT_FALSE(ofRows(100, 5).missingFor(0.01, 0.95));
  EXPECT_EQ(ofRows(100, 5).ofEqual().getDrop(), 0);
}

TEST(Agreement, cosinesAreOfWholeOutputs) {
  Agreement agreement(Metric::Cosine);
  agreement.add({{1, 0}, {0, 1}}, {{1, 0}, {0, 1}}, {2, 2});
  agreement.add({{1, 0}, {1, 0}}, {{1, 0}, {0, 1}}, {2, 2});
  EXPECT_DOUBLE_EQ(agreement.getMeanCosine(), 0.75);
  EXPECT_DOUBLE_EQ(agreement.getDrop(), 0.25);
  EXPECT_GT(agreement.getUpperBound(0.95), 0.25);
}

TEST(Agreement, zerosAgreeWithZeros) {
  Agreement agreement(Metric::Cosine);
  agreement.add({{0, 0}}, {{0, 0}}, {2});
  EXPECT_EQ(agreement.getDrop(), 0);
  agreement.add({{0, 0}}, {{1, 0}}, {2});
  EXPECT_EQ(agreement.getDrop(), 0.5);
  EXPECT_TRUE(std::isfinite(agreement.getUpperBound(0.95)));
}

TEST(Agreement, divergencesAreOfRowsAsScores) {
  Agreement agreement(Metric::Divergence);
  // Softmax of {0, log 3} is {1/4, 3/4}; shifted scores are the same; of {0, 0} it is {1/2, 1/2}.
  float third = std::log(3.0f);
  agreement.add({{0, third, 5, 5 + third}}, {{0, third, 0, third}}, {2});
  EXPECT_NEAR(agreement.getDrop(), 0, 1e-7);
  agreement.add({{0, third}}, {{0, 0}}, {2});
  double expected = 0.25 * std::log(0.5) + 0.75 * std::log(1.5);
  EXPECT_NEAR(agreement.getDrop(), expected / 2, 1e-6);
  EXPECT_GT(agreement.getUpperBound(0.95), agreement.getDrop());
  EXPECT_EQ(agreement.ofEqual().getDrop(), 0);
  EXPECT_FALSE(agreement.missingFor(expected / 4, 0.95));
}
