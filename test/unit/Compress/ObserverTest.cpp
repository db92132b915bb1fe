//===- ObserverTest.cpp - ranges of histograms --------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What calibration makes of numbers.
//
//===----------------------------------------------------------------------===//
#include "lib/Compress/Observer.h"
#include "lib/Compress/Plan.h"
#include <cmath>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <random>

using namespace optc::compress;

static std::vector<float> normal(size_t count, unsigned seed = 1) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> values;
  std::vector<float> result(count);
  for (float &value : result)
    value = values(generator);
  return result;
}

TEST(Observer, minmaxIsExact) {
  Observer observer;
  std::vector<float> values = {0.5f, -1e-3f, 700.25f, 3};
  observer.add(values.data(), values.size(), 2);
  Range range = observer.getRange(RangeMethod::MinMax);
  EXPECT_EQ(range.low, -1e-3f);
  EXPECT_EQ(range.high, 700.25f);
  EXPECT_EQ(observer.getCount(), 4u);
}

// The histogram widens when larger numbers come, in whatever order.
TEST(Observer, orderDoesNotMatter) {
  std::vector<float> values = normal(20000);
  values.push_back(40);
  Observer forth, back;
  forth.add(values.data(), values.size(), 1);
  std::vector<float> turned(values.rbegin(), values.rend());
  back.add(turned.data(), turned.size(), 1);
  for (RangeMethod method : {RangeMethod::Percentile, RangeMethod::Mse, RangeMethod::Entropy}) {
    EXPECT_EQ(forth.getRange(method).high, back.getRange(method).high) << nameOf(method);
    EXPECT_EQ(forth.getRange(method).low, back.getRange(method).low) << nameOf(method);
  }
}

// One of many numbers is ten times as large as the others: steps that fit these are worth more.
TEST(Observer, outliersAreCut) {
  std::vector<float> values = normal(400000);
  values.push_back(40);
  Observer observer;
  observer.add(values.data(), values.size(), 1);
  for (RangeMethod method : {RangeMethod::Percentile, RangeMethod::Mse}) {
    Range range = observer.getRange(method);
    EXPECT_LT(range.high, 30) << nameOf(method);
    EXPECT_GT(range.high, 2.5) << nameOf(method);
  }
}

TEST(Observer, zerosAloneAndNoFiniteNumbers) {
  Observer observer;
  std::vector<float> values = {0, 0, NAN, INFINITY};
  observer.add(values.data(), values.size(), 1);
  EXPECT_EQ(observer.getNonFinite(), 2u);
  for (RangeMethod method : {RangeMethod::MinMax, RangeMethod::Mse, RangeMethod::Entropy})
    EXPECT_EQ(observer.getRange(method).high, 0) << nameOf(method);
  EXPECT_GT(ValueScale::of(observer.getRange(RangeMethod::Mse)).scale, 0);
}

TEST(Observer, meansAreOfChannels) {
  Observer observer;
  std::vector<float> values = {1, 10, 3, 20};
  observer.add(values.data(), values.size(), 2);
  EXPECT_EQ(observer.getMeans(), (std::vector<double>{2, 15}));
}

TEST(ValueScale, rangesHoldZero) {
  ValueScale positive = ValueScale::of({2, 5.1});
  EXPECT_FLOAT_EQ(positive.scale, 5.1 / 255);
  EXPECT_EQ(positive.zeroPoint, 0);
  EXPECT_EQ(ValueScale::of({-3, -1}).zeroPoint, 255);
  EXPECT_EQ(ValueScale::of({-2, 1}).zeroPoint, 170);
}

TEST(Plan, survivesItsReport) {
  Plan plan;
  plan.sites = {{"a", "conv", 0, 0, 16}, {"b", "matmul", 1, 1, 8}};
  plan.choices = {{true, 0, "", 30}, {false, 0, "--keep", 0}};
  plan.values.resize(2);
  plan.values[0].scale = 0.1f;
  plan.values[0].zeroPoint = 7;
  optc::json::Value json;
  std::string why;
  ASSERT_TRUE(optc::json::parse(plan.toJson().dump(), json, why)) << why;
  Plan read = Plan::fromJson(json);
  ASSERT_EQ(read.sites.size(), 2u);
  EXPECT_EQ(read.values[0].scale, double(0.1f));
  EXPECT_EQ(read.values[0].zeroPoint, 7);
  EXPECT_TRUE(read.choices[0].quantized);
  EXPECT_FALSE(read.choices[1].quantized);
}

TEST(Plan, blocksSurviveTheReport) {
  Plan plan;
  plan.scheme = Scheme::Int4Weights;
  plan.blocks = {4, 64, true, false};
  plan.sites = {{"a", "matmul", 0, 0, 1024, 64},
                {"b", "gather", {}, 1, 1024, 64},
                {"c", "matmul", 1, 2, 1024, 64}};
  plan.choices = {{true, 0, "", 20}, {true, 8, "for the accuracy", 0}, {false, 0, "--keep", 0}};
  EXPECT_EQ(plan.getWeightBytes(0),
            1024u / 8 + 4 * 4); // and an f16 scale and zero for each of 4 blocks
  optc::json::Value json;
  std::string why;
  ASSERT_TRUE(optc::json::parse(plan.toJson().dump(), json, why)) << why;
  Plan read = Plan::fromJson(json);
  EXPECT_EQ(read.scheme, Scheme::Int4Weights);
  EXPECT_EQ(read.blocks.block, 64);
  EXPECT_TRUE(read.blocks.hasZeros);
  EXPECT_FALSE(read.blocks.roundsData);
  ASSERT_EQ(read.sites.size(), 3u);
  EXPECT_EQ(read.getBits(0), 4);
  EXPECT_EQ(read.getBits(1), 8);
  EXPECT_EQ(read.getBits(2), 32);
}
