//===- DropTest.cpp - what a model loses to another -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shares, pairs, means and rises, and their bounds.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Drop.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace optc::driver;

using Kind = Drop::Kind;

static constexpr double confidence = 0.95;

static Drop ofRows(int rows, int lost, int won, Kind kind) {
  Drop drop(kind);
  for (int i = 0; i < rows; ++i) {
    SampleLoss sample;
    sample.rows = 1;
    sample.lost = i < lost;
    sample.won = i >= lost && i < lost + won;
    sample.model = 1 - sample.won;
    sample.made = 1 - sample.lost;
    drop.add(sample);
  }
  return drop;
}

static Drop ofShare(int rows, int different) { return ofRows(rows, different, 0, Kind::Share); }

TEST(Drop, sharesHaveWilsonsBounds) {
  Drop drop = ofShare(200, 4);
  EXPECT_DOUBLE_EQ(drop.get(), 0.02);
  // By hand: (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n), z = 1.6448536.
  EXPECT_NEAR(drop.getUpperBound(confidence), 0.043803, 1e-5);
  EXPECT_NEAR(drop.getLowerBound(confidence), 0.009010, 1e-5);
}

TEST(Drop, fewSamplesShowLittle) {
  EXPECT_GT(ofShare(100, 0).getUpperBound(confidence), 0.02);
  EXPECT_LT(ofShare(300, 0).getUpperBound(confidence), 0.01);
  auto missing = ofShare(100, 0).missingFor(0.01, confidence);
  ASSERT_TRUE(missing);
  EXPECT_LE(ofShare(100 + int(*missing), 0).getUpperBound(confidence), 0.01);
  EXPECT_GT(*missing, 150u);
}

TEST(Drop, noNumberOfSamplesMendsTooLargeADrop) {
  EXPECT_FALSE(ofShare(100, 5).missingFor(0.01, confidence));
  EXPECT_EQ(ofShare(100, 5).ofEqual(100).get(), 0);
}

/// By brute force over the likelihood of the share of won rows, in numpy.
TEST(Drop, pairsHaveTangosBounds) {
  struct Case {
    int rows, lost, won;
    double lower, upper;
  };
  for (const Case &c :
       {Case{200, 7, 3, -0.0068302, 0.0503965}, Case{200, 3, 7, -0.0503965, 0.0068302},
        Case{100, 0, 0, -0.0263427, 0.0263427}, Case{60, 5, 0, 0.0365910, 0.1614706},
        Case{60, 0, 5, -0.1614706, -0.0365910}, Case{500, 20, 20, -0.0213824, 0.0213824}}) {
    Drop drop = ofRows(c.rows, c.lost, c.won, Kind::Paired);
    EXPECT_NEAR(drop.get(), double(c.lost - c.won) / c.rows, 1e-12);
    EXPECT_NEAR(drop.getUpperBound(confidence), c.upper, 1e-6) << c.rows << ' ' << c.lost;
    EXPECT_NEAR(drop.getLowerBound(confidence), c.lower, 1e-6) << c.rows << ' ' << c.lost;
  }
}

/// What no row shows is not certain: no lost row is as Wilson's bound of none, and every other pair
/// puts the bound up.
TEST(Drop, pairsThatAgreeClaimNoMoreThanTheyShow) {
  Drop equal = ofRows(50, 0, 0, Kind::Paired);
  EXPECT_NEAR(equal.getUpperBound(confidence), ofShare(50, 0).getUpperBound(confidence), 1e-9);
  EXPECT_GT(ofRows(50, 1, 1, Kind::Paired).getUpperBound(confidence),
            equal.getUpperBound(confidence));
  Drop all = ofRows(50, 50, 0, Kind::Paired);
  EXPECT_NEAR(all.getUpperBound(confidence), 1, 1e-9);
  EXPECT_EQ(Drop(Kind::Paired).getUpperBound(confidence), 1);
  auto missing = equal.missingFor(0.01, confidence);
  ASSERT_TRUE(missing);
  EXPECT_LE(ofRows(50 + int(*missing), 0, 0, Kind::Paired).getUpperBound(confidence), 0.01);
}

TEST(Drop, pairsTellOfBoth) {
  Drop drop = ofRows(200, 7, 3, Kind::Paired);
  EXPECT_DOUBLE_EQ(drop.getFigures().model, 197 / 200.0);
  EXPECT_DOUBLE_EQ(drop.getFigures().made, 193 / 200.0);
}

static SampleLoss lossOf(double rows, double model, double made) {
  SampleLoss sample;
  sample.rows = rows;
  sample.model = model;
  sample.made = made;
  sample.loss = made - model;
  return sample;
}

TEST(Drop, risesAreOfPlacesAndTheirBoundsOfSamples) {
  Drop drop(Kind::Rise);
  drop.add(lossOf(10, 20, 21));
  EXPECT_TRUE(std::isinf(drop.getUpperBound(confidence))); // one sample shows nothing of others
  drop.add(lossOf(30, 90, 91.5));
  drop.add(lossOf(20, 50, 50.2));
  double mean = 2.7 / 60;
  EXPECT_NEAR(drop.get(), std::exp(mean) - 1, 1e-12);
  EXPECT_NEAR(drop.getFigures().model, std::exp(160.0 / 60), 1e-9);
  EXPECT_NEAR(drop.getFigures().made, std::exp(162.7 / 60), 1e-9);
  // The ratio estimator: sqrt(k/(k-1) sum (d_i - m n_i)^2) / sum n_i.
  double error = std::sqrt(1.5 * (std::pow(1 - 10 * mean, 2) + std::pow(1.5 - 30 * mean, 2) +
                                  std::pow(0.2 - 20 * mean, 2))) /
                 60;
  EXPECT_NEAR(drop.getUpperBound(confidence), std::exp(mean + 1.6448536 * error) - 1, 1e-7);
  EXPECT_NEAR(drop.getLowerBound(confidence), std::exp(mean - 1.6448536 * error) - 1, 1e-7);
  EXPECT_EQ(drop.ofEqual(3).get(), 0);
  EXPECT_EQ(drop.ofEqual(3).getUpperBound(confidence), 0);
}

TEST(Drop, scoresHaveNoBounds) {
  Drop drop = Drop::ofScores({0.8, 0.6});
  EXPECT_FALSE(drop.hasBounds());
  EXPECT_NEAR(drop.get(), 0.25, 1e-12);
  EXPECT_NEAR(drop.getUpperBound(confidence), 0.25, 1e-12);
  EXPECT_NEAR(Drop::ofScores({-2, -3}).get(), 0.5, 1e-12); // losses with the sign turned
  EXPECT_FALSE(drop.missingFor(0.5, confidence));
  EXPECT_EQ(drop.ofEqual(0).get(), 0);
}

TEST(Drop, samplesThatWereNotRunCount) {
  EXPECT_NEAR(ofShare(40, 20).ofEqual(400).getUpperBound(confidence),
              ofShare(400, 0).getUpperBound(confidence), 1e-12);
  EXPECT_NEAR(ofRows(40, 20, 1, Kind::Paired).ofEqual(400).getUpperBound(confidence),
              ofRows(400, 0, 0, Kind::Paired).getUpperBound(confidence), 1e-9);
}
