//===- DifferenceTest.cpp - measures of compare ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Figures worked out by hand; what the formulas do at their edges.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Difference.h"
#include "lib/Support/HalfFloat.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace optc;
using namespace optc::driver;

namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();
constexpr float notANumber = std::numeric_limits<float>::quiet_NaN();

Difference floats(std::vector<float> expected, std::vector<float> actual) {
  int64_t count = expected.size();
  return differenceOf({1, {count}, expected.data()}, {1, {int64_t(actual.size())}, actual.data()});
}

TEST(Difference, ByHand) {
  Difference difference = floats({3, 4, 0}, {3, 4, 5});
  EXPECT_EQ(difference.maxAbs, 5);
  EXPECT_NEAR(difference.cosine, 25 / (5 * std::sqrt(50.0)), 1e-12);
  EXPECT_NEAR(difference.snr, 0, 1e-12); // 25 against 25
  EXPECT_EQ(difference.quality(), difference.snr);
  EXPECT_FALSE(difference.isIdentical());
  EXPECT_NEAR(floats({10, 0}, {11, 0}).snr, 20, 1e-12);
}

TEST(Difference, Edges) {
  Difference same = floats({1, -2}, {1, -2});
  EXPECT_TRUE(same.isIdentical());
  EXPECT_EQ(same.snr, infinite);
  EXPECT_NEAR(same.cosine, 1, 1e-15);
  EXPECT_TRUE(floats({}, {}).isIdentical());
  Difference zeros = floats({0, 0}, {0, 0});
  EXPECT_TRUE(zeros.isIdentical());
  EXPECT_EQ(zeros.cosine, 1);
  Difference fromZero = floats({0, 0}, {0, 1});
  EXPECT_EQ(fromZero.snr, -infinite);
  EXPECT_EQ(fromZero.cosine, 0);
  EXPECT_EQ(floats({1, 2}, {0, 0}).cosine, 0);
  EXPECT_NEAR(floats({1, 2}, {-1, -2}).cosine, -1, 1e-12);
}

/// NaNs agree with each other, infinities with those of the same sign.
TEST(Difference, NonFinite) {
  EXPECT_TRUE(floats({notANumber, infinite, 1}, {notANumber, infinite, 1}).isIdentical());
  Difference difference = floats({notANumber, infinite, 1, 2}, {1, -infinite, notANumber, 2});
  EXPECT_EQ(difference.otherNonFinite, 3u);
  EXPECT_EQ(difference.maxAbs, 0);
  EXPECT_EQ(difference.quality(), -infinite);
  EXPECT_FALSE(difference.isIdentical());
}

TEST(Difference, ShapesAndTypes) {
  float f[] = {1, 2};
  EXPECT_EQ(differenceOf({1, {2}, f}, {1, {2, 1}, f}).mismatch,
            "expected float[2], got float[2,1]");
  EXPECT_EQ(differenceOf({14, {1}, f}, {14, {1}, f}).mismatch,
            "cannot compare complex64[1] with complex64[1]");
  EXPECT_EQ(differenceOf({1, {2}, f}, {1, {3}, f}).quality(), -infinite);
  uint16_t half[] = {halfOfFloat(1), halfOfFloat(2.5f)},
           bfloat[] = {bfloat16OfFloat(1), bfloat16OfFloat(2)};
  double d[] = {1, 2.5};
  int64_t i[] = {1, 2};
  uint8_t bytes[] = {1, 2};
  EXPECT_TRUE(differenceOf({11, {2}, d}, {10, {2}, half}).isIdentical());
  EXPECT_TRUE(differenceOf({1, {2}, f}, {16, {2}, bfloat}).isIdentical());
  EXPECT_TRUE(differenceOf({7, {2}, i}, {2, {2}, bytes}).isIdentical());
  EXPECT_EQ(differenceOf({1, {2}, f}, {11, {2}, d}).maxAbs, 0.5);
}

} // namespace
