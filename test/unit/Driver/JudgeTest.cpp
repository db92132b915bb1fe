//===- JudgeTest.cpp - two models on the same samples ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How far outputs are apart, and what the teacher makes of it.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Judge.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace optc::driver;

/// Outputs of rows of two.
static Outputs of(std::vector<std::vector<float>> all) {
  Outputs outputs;
  for (std::vector<float> &values : all)
    outputs.push_back({"y", {int64_t(values.size()) / 2, 2}, std::move(values)});
  return outputs;
}

TEST(Agreement, cosinesAreOfWholeOutputs) {
  Agreement agreement;
  agreement.add(of({{1, 0}, {0, 1}}), of({{1, 0}, {0, 1}}));
  EXPECT_TRUE(std::isinf(agreement.getSqnr()));
  agreement.add(of({{1, 0}, {1, 0}}), of({{1, 0}, {0, 1}}));
  EXPECT_DOUBLE_EQ(agreement.getMeanCosine(), 0.75);
  EXPECT_NEAR(agreement.getSqnr(), 10 * std::log10(4 / 2.0), 1e-9);
  EXPECT_EQ(agreement.getSamples(), 2u);
}

TEST(Agreement, zerosAgreeWithZeros) {
  EXPECT_EQ(cosineOf(of({{0, 0}}), of({{0, 0}})), 1);
  EXPECT_EQ(cosineOf(of({{0, 0}}), of({{1, 0}})), 0);
}

TEST(Judge, rowsWhoseLargestElementIsAnotherAreLost) {
  auto judge = makeTeacher(Metric::Top1);
  SampleLoss loss = judge->judge(0, of({{1, 0, 0, 1}, {1, 2}}), of({{0.6f, 0.5f, 1, 0}, {0, 2}}));
  EXPECT_EQ(loss.rows, 3);
  EXPECT_EQ(loss.lost, 1);
  EXPECT_EQ(judge->getKind(), Drop::Kind::Share);
  EXPECT_EQ(judge->judge(0, {{"y", {3}, {1, 2, 3}}}, {{"y", {3}, {1, 2, 3}}}).rows, 1);
  EXPECT_EQ(judge->judge(0, {{"y", {3, 1}, {1, 2, 3}}}, {{"y", {3, 1}, {3, 2, 1}}}).rows, 0);
}

TEST(Judge, samplesCountTheSameInCosines) {
  auto judge = makeTeacher(Metric::Cosine);
  SampleLoss loss = judge->judge(0, of({{1, 0, 1, 0}}), of({{1, 0, 0, 1}}));
  EXPECT_EQ(loss.rows, 1);
  EXPECT_DOUBLE_EQ(loss.loss, 0.5);
}

TEST(Judge, divergencesAreOfRowsAsScores) {
  auto judge = makeTeacher(Metric::Divergence);
  // Softmax of {0, log 3} is {1/4, 3/4}; shifted scores are the same; of {0, 0} it is {1/2, 1/2}.
  float third = std::log(3.0f);
  SampleLoss same = judge->judge(0, of({{0, third, 5, 5 + third}}), of({{0, third, 0, third}}));
  EXPECT_NEAR(same.loss, 0, 1e-7);
  SampleLoss other = judge->judge(0, of({{0, third, 0, third}}), of({{0, 0, 0, third}}));
  double expected = 0.25 * std::log(0.5) + 0.75 * std::log(1.5);
  EXPECT_NEAR(other.loss, expected / 2, 1e-6);
  EXPECT_EQ(other.rows, 1);
}
