//===- BlockWeightTest.cpp - a weight as codes of few bits --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "lib/Compress/Feedback.h"
#include "lib/Support/HalfFloat.h"

#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace optc;
using namespace optc::compress;

namespace {

BlockMatrix randomMatrix(int64_t rows, int64_t depth, uint32_t seed = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  BlockMatrix matrix{std::vector<float>(rows * depth), rows, depth};
  for (float &value : matrix.values)
    value = normal(random);
  return matrix;
}

double errorOf(const BlockMatrix &matrix, const BlockCodes &codes, const BlockFormat &format) {
  double sum = 0;
  for (int64_t row = 0; row < matrix.rows; ++row) {
    std::vector<float> real = codes.getRow(row, matrix.depth, format);
    for (int64_t k = 0; k < matrix.depth; ++k)
      sum += std::pow(double(real[k]) - matrix.values[row * matrix.depth + k], 2);
  }
  return sum / double(matrix.values.size());
}

/// sum over rows of e^T gram e.
double errorInProducts(const BlockMatrix &matrix, const BlockCodes &codes,
                       const BlockFormat &format, const std::vector<float> &gram) {
  double sum = 0;
  for (int64_t row = 0; row < matrix.rows; ++row) {
    std::vector<float> real = codes.getRow(row, matrix.depth, format);
    for (int64_t k = 0; k < matrix.depth; ++k)
      real[k] -= matrix.values[row * matrix.depth + k];
    for (int64_t i = 0; i < matrix.depth; ++i)
      for (int64_t j = 0; j < matrix.depth; ++j)
        sum += double(real[i]) * gram[i * matrix.depth + j] * real[j];
  }
  return sum;
}

/// x^T y.
std::vector<float> productOf(const BlockMatrix &x, const BlockMatrix &y) {
  std::vector<float> sums(x.depth * x.depth);
  for (int64_t row = 0; row < x.rows; ++row)
    for (int64_t i = 0; i < x.depth; ++i)
      for (int64_t j = 0; j < x.depth; ++j)
        sums[i * x.depth + j] += x.values[row * x.depth + i] * y.values[row * x.depth + j];
  return sums;
}

std::vector<float> gramOf(const BlockMatrix &data) { return productOf(data, data); }

BlockCodes roundAgainst(const std::vector<float> &gram, const BlockMatrix &matrix,
                        const BlockFormat &format) {
  return Feedback({matrix.depth, gram, {}}, 0.01).round(matrix, format);
}

} // namespace

TEST(BlockWeight, whatLiesOnTheGridIsExact) {
  for (bool hasZeros : {false, true}) {
    BlockFormat format{4, 32, hasZeros, false};
    BlockMatrix matrix{std::vector<float>(64), 2, 32};
    for (int i = 0; i < 64; ++i) // 16 steps of an eighth; with zeros from 2 on
      matrix.values[i] = float(i % 16 - (hasZeros ? -16 : 8)) / 8;
    BlockCodes codes = roundBlocks(matrix, format, {});
    EXPECT_EQ(errorOf(matrix, codes, format), 0) << hasZeros;
    EXPECT_EQ(codes.zeros.size(), hasZeros ? 2u : 0u);
  }
}

TEST(BlockWeight, searchBeatsTheWholeRange) {
  BlockMatrix matrix = randomMatrix(64, 64);
  BlockFormat format{4, 32, false, false};
  double range = 0;
  for (int64_t block = 0; block < 128; ++block) {
    const float *values = matrix.values.data() + block * 32;
    float most = 0;
    for (int i = 0; i < 32; ++i)
      most = std::max(most, std::fabs(values[i]));
    for (int i = 0; i < 32; ++i)
      range += std::pow(std::nearbyint(values[i] / (most / 7)) * (most / 7) - values[i], 2);
  }
  double found = errorOf(matrix, roundBlocks(matrix, format, {}), format);
  EXPECT_LT(found, 0.8 * range / 4096);
  format.hasZeros = true;
  EXPECT_LT(errorOf(matrix, roundBlocks(matrix, format, {}), format), found);
  format = {8, 32, false, false};
  EXPECT_LT(errorOf(matrix, roundBlocks(matrix, format, {}), format), found / 100);
}

TEST(BlockWeight, importantColumnsAreExacter) {
  BlockMatrix matrix = randomMatrix(32, 32);
  BlockFormat format{4, 32, false, false};
  std::vector<float> importance(32, 1);
  importance[5] = 1000;
  auto errorAt = [&](const BlockCodes &codes) {
    double sum = 0;
    for (int64_t row = 0; row < 32; ++row)
      sum += std::pow(codes.getRow(row, 32, format)[5] - matrix.values[row * 32 + 5], 2);
    return sum;
  };
  EXPECT_LT(errorAt(roundBlocks(matrix, format, importance)),
            errorAt(roundBlocks(matrix, format, {})) / 4);
}

TEST(BlockWeight, oddBlocks) {
  for (bool hasZeros : {false, true}) {
    BlockFormat format{4, 32, hasZeros, false};
    BlockMatrix matrix{std::vector<float>(4 * 32), 4, 32};
    std::fill_n(matrix.values.begin() + 32, 32, 3.0f);   // all alike
    std::fill_n(matrix.values.begin() + 64, 32, 1e-40f); // below what an f16 holds
    matrix.values[96] = 1e6f;                            // more than it holds
    BlockCodes codes = roundBlocks(matrix, format, {});
    for (float value : codes.getRow(0, 32, format))
      EXPECT_EQ(value, 0);
    for (float value : codes.getRow(1, 32, format))
      EXPECT_NEAR(value, 3, 0.003);
    for (float value : codes.getRow(2, 32, format))
      EXPECT_NEAR(value, 0, 1e-30);
    for (float value : codes.getRow(3, 32, format))
      EXPECT_TRUE(std::isfinite(value));
  }
}

TEST(BlockWeight, errorsOfOthersAreMadeUpFor) {
  BlockMatrix matrix = randomMatrix(48, 64), data = randomMatrix(256, 64, 2);
  for (int64_t row = 0; row < data.rows; ++row) // neighbours are alike
    for (int64_t k = 1; k < 64; ++k)
      data.values[row * 64 + k] =
          0.9f * data.values[row * 64 + k - 1] + 0.3f * data.values[row * 64 + k];
  std::vector<float> gram = gramOf(data);
  for (bool hasZeros : {false, true}) {
    BlockFormat format{4, 32, hasZeros, false};
    double nearest = errorInProducts(matrix, roundBlocks(matrix, format, {}), format, gram);
    double fed = errorInProducts(matrix, roundAgainst(gram, matrix, format), format, gram);
    EXPECT_LT(fed, nearest / 2) << hasZeros;
  }
}

/// Of the squares of y W^T - x Q^T, the sum.
double errorBehind(const BlockMatrix &x, const BlockMatrix &y, const BlockMatrix &matrix,
                   const BlockCodes &codes, const BlockFormat &format) {
  double sum = 0;
  for (int64_t row = 0; row < matrix.rows; ++row) {
    std::vector<float> made = codes.getRow(row, matrix.depth, format);
    for (int64_t i = 0; i < x.rows; ++i) {
      double off = 0;
      for (int64_t k = 0; k < x.depth; ++k)
        off += double(y.values[i * x.depth + k]) * matrix.values[row * x.depth + k] -
               double(x.values[i * x.depth + k]) * made[k];
      sum += off * off;
    }
  }
  return sum;
}

TEST(BlockWeight, errorsOfLayersBeforeAreMadeUpFor) {
  BlockMatrix matrix = randomMatrix(40, 64), y = randomMatrix(512, 64, 2), x = y;
  for (int64_t row = 0; row < y.rows; ++row) // what comes before mixes neighbours
    for (int64_t k = 0; k < 64; ++k)
      x.values[row * 64 + k] += 0.2f * y.values[row * 64 + (k + 1) % 64];
  for (bool hasZeros : {false, true}) {
    BlockFormat format{4, 32, hasZeros, false};
    ProductSums sums{64, gramOf(x), {}};
    double alone = errorBehind(x, y, matrix, Feedback(sums, 0.01).round(matrix, format), format);
    sums.cross = productOf(x, y);
    double both = errorBehind(x, y, matrix, Feedback(sums, 0.01).round(matrix, format), format);
    EXPECT_LT(both, alone / 2) << hasZeros;
    sums.cross = sums.gram; // nothing comes before
    EXPECT_EQ(Feedback(sums, 0.01).round(matrix, format).codes,
              roundAgainst(sums.gram, matrix, format).codes);
  }
}

TEST(BlockWeight, codebooksThatAreLearned) {
  // Of four numbers: a codebook that has them makes no errors.
  BlockMatrix matrix = randomMatrix(64, 64);
  for (float &value : matrix.values)
    value = value < -0.5f ? -1.0f : value < 0 ? -0.3f : value < 0.5f ? 0.2f : 0.7f;
  auto errorWith = [&](Codebook codebook) {
    BlockFormat format{4, 32, false, false, codebook};
    BlockCodes codes = roundBlocks(matrix, format, {});
    EXPECT_EQ(codes.codebook.size(), codebook == Codebook::None ? 0u : 16u);
    EXPECT_TRUE(std::is_sorted(codes.codebook.begin(), codes.codebook.end()));
    return errorOf(matrix, codes, format);
  };
  EXPECT_LT(errorWith(Codebook::Learned), errorWith(Codebook::Normal) / 4);
  EXPECT_LT(errorWith(Codebook::Learned), errorWith(Codebook::None) / 4);
}

TEST(BlockWeight, codebooksOfOddBlocks) {
  BlockFormat format{4, 32, false, false, Codebook::Learned};
  BlockMatrix matrix{std::vector<float>(3 * 32), 3, 32};
  std::fill_n(matrix.values.begin() + 32, 32, 3.0f); // all alike
  matrix.values[64] = 1e6f;                          // more than an f16 holds
  BlockCodes codes = roundBlocks(matrix, format, {});
  for (float value : codes.getRow(0, 32, format))
    EXPECT_EQ(value, 0);
  for (float value : codes.getRow(1, 32, format))
    EXPECT_NEAR(value, 3, 0.003);
  for (float value : codes.getRow(2, 32, format))
    EXPECT_TRUE(std::isfinite(value));
}

TEST(BlockWeight, dataThatSayNothing) {
  BlockMatrix matrix = randomMatrix(8, 32);
  BlockFormat format{4, 32, false, false};
  std::vector<float> gram(32 * 32); // of zeros
  double nearest = errorOf(matrix, roundBlocks(matrix, format, {}), format);
  EXPECT_LT(errorOf(matrix, roundAgainst(gram, matrix, format), format), 1.5 * nearest);
  gram[0] = 1; // of one column
  EXPECT_LT(errorOf(matrix, roundAgainst(gram, matrix, format), format), 2 * nearest);
}
