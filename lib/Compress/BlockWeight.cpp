//===- BlockWeight.cpp - a weight as codes of few bits ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See BlockWeight.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Compress/BlockWeight.h"
#include "lib/Support/HalfFloat.h"

#include "llvm/Support/Parallel.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace optc;
using namespace optc::compress;

namespace {

/// What the codes of a block are multiplied with, as it is stored.
struct Grid {
  float scale = 0, zero = 0;

  uint8_t codeOf(float value, int64_t codes) const {
    if (scale == 0)
      return static_cast<uint8_t>(codes / 2);
    float steps = std::nearbyint(value / scale + zero);
    return static_cast<uint8_t>(std::clamp(steps, 0.0f, static_cast<float>(codes - 1)));
  }
  float valueOf(uint8_t code) const { return (static_cast<float>(code) - zero) * scale; }
};

/// The grid of a block.
class GridSearch {
public:
  GridSearch(const float *values, const float *importance, const BlockFormat &format)
      : values(values), importance(importance), format(format) {}

  Grid run();

private:
  double weightOf(int64_t i) const { return importance ? importance[i] : 1; }
  void consider(Grid grid);
  /// The grid of the least error for the codes that `grid` gives.
  Grid refit(const Grid &grid) const;
  Grid stored(double scale, double zero) const;

  const float *values, *importance;
  const BlockFormat &format;
  Grid best;
  double least = std::numeric_limits<double>::infinity();
};

} // namespace

Grid GridSearch::stored(double scale, double zero) const {
  Grid grid;
  grid.scale = floatOfHalf(halfOfFloat(static_cast<float>(scale)));
  grid.zero = format.hasZeros ? floatOfHalf(halfOfFloat(static_cast<float>(zero)))
                              : static_cast<float>(format.middle());
  return std::isfinite(grid.scale) && std::isfinite(grid.zero) ? grid : Grid();
}

void GridSearch::consider(Grid grid) {
  double error = 0;
  for (int64_t i = 0; i < format.block; ++i) {
    double off = grid.valueOf(grid.codeOf(values[i], format.codes())) - values[i];
    error += weightOf(i) * off * off;
  }
  if (error < least)
    least = error, best = grid;
}

/// Weighted least squares of value = scale * code + offset; of a fixed zero without the offset.
Grid GridSearch::refit(const Grid &grid) const {
  double sum = 0, codes = 0, squares = 0, mean = 0, products = 0;
  for (int64_t i = 0; i < format.block; ++i) {
    double weight = weightOf(i), code = grid.codeOf(values[i], format.codes());
    if (!format.hasZeros)
      code -= format.middle();
    sum += weight;
    codes += weight * code;
    squares += weight * code * code;
    mean += weight * values[i];
    products += weight * code * values[i];
  }
  if (!format.hasZeros)
    return squares > 0 ? stored(products / squares, 0) : grid;
  double spread = sum * squares - codes * codes;
  if (!(spread > 0))
    return grid;
  double scale = (sum * products - codes * mean) / spread;
  return scale != 0 ? stored(scale, (codes * scale - mean) / sum / scale) : grid;
}

Grid GridSearch::run() {
  auto [low, high] = std::minmax_element(values, values + format.block);
  float extreme = std::fabs(*low) > std::fabs(*high) ? *low : *high;
  if (extreme == 0)
    return stored(0, format.middle());
  // Ranges a little smaller and larger than that of the values.
  constexpr int tries = 20;
  constexpr double narrowest = 0.7, step = 0.025;
  for (int i = 0; i < tries; ++i) {
    double share = narrowest + step * i;
    Grid grid;
    if (format.hasZeros) {
      double scale = share * (double(*high) - *low) / static_cast<double>(format.codes() - 1);
      double center = (double(*high) + *low) / 2;
      if (scale == 0) // all alike: the code 1 of the scale that they are
        grid = stored(extreme, 0);
      else
        grid = stored(scale, static_cast<double>(format.codes() - 1) / 2 - center / scale);
    } else {
      grid = stored(-share * extreme / format.middle(), 0);
    }
    consider(grid);
    constexpr int refits = 2;
    for (int j = 0; j < refits && grid.scale != 0; ++j)
      consider(grid = refit(grid));
  }
  return best;
}

/// That of a block by its number.
static Grid gridOf(const BlockCodes &codes, const BlockFormat &format, int64_t block) {
  return {floatOfHalf(codes.scales[block]), codes.zeros.empty()
                                                ? static_cast<float>(format.middle())
                                                : floatOfHalf(codes.zeros[block])};
}

std::vector<float> BlockCodes::getRow(int64_t row, int64_t depth, const BlockFormat &format) const {
  std::vector<float> values(depth);
  for (int64_t k = 0; k < depth; ++k) {
    int64_t block = row * (depth / format.block) + k / format.block;
    values[k] = gridOf(*this, format, block).valueOf(codes[row * depth + k]);
  }
  return values;
}

/// No column counts for nothing: what calibration did not show may be there later. Empty for none.
static std::vector<float> leastImportance(std::vector<float> importance) {
  constexpr double least = 0.01;
  double sum = std::accumulate(importance.begin(), importance.end(), 0.0);
  if (!(sum > 0))
    return {};
  for (float &each : importance)
    each += static_cast<float>(least * sum / static_cast<double>(importance.size()));
  return importance;
}

BlockCodes compress::roundBlocks(const BlockMatrix &matrix, const BlockFormat &format,
                                 const std::vector<float> &counts) {
  BlockCodes result;
  std::vector<float> importance = leastImportance(counts);
  int64_t blocks = matrix.depth / format.block;
  result.codes.resize(matrix.values.size());
  result.scales.resize(matrix.rows * blocks);
  if (format.hasZeros)
    result.zeros.resize(result.scales.size());
  llvm::parallelFor(0, matrix.rows, [&](size_t row) {
    for (int64_t block = 0; block < blocks; ++block) {
      int64_t first = block * format.block;
      const float *values = matrix.values.data() + row * matrix.depth + first;
      Grid grid =
          GridSearch(values, importance.empty() ? nullptr : importance.data() + first, format)
              .run();
      result.scales[row * blocks + block] = halfOfFloat(grid.scale);
      if (format.hasZeros)
        result.zeros[row * blocks + block] = halfOfFloat(grid.zero);
      for (int64_t i = 0; i < format.block; ++i)
        result.codes[row * matrix.depth + first + i] = grid.codeOf(values[i], format.codes());
    }
  });
  return result;
}

//===----------------------------------------------------------------------===//
// Against data
//===----------------------------------------------------------------------===//

/// Of a symmetric positive matrix H [n, n], row-major, the lower triangle of R^T, H being R R^T
/// with an upper triangular R; each row divided by its diagonal element. False if H is not
/// positive.
static bool factorize(std::vector<double> &matrix, int64_t n) {
  // The last row of R^T first: R[i][j] = (H[i][j] - sum over k > j of R[i][k] R[j][k]) / R[j][j].
  // In place, R[i][j] at (j, i).
  for (int64_t j = n; j-- > 0;) {
    double *row = matrix.data() + j * n;
    if (!(row[j] > 0))
      return false;
    double diagonal = std::sqrt(row[j]);
    for (int64_t i = 0; i <= j; ++i)
      row[i] /= diagonal;
    // Takes what this column of R is worth off what is left.
    llvm::parallelFor(0, j, [&](size_t i) {
      double *left = matrix.data() + i * n;
      double factor = row[i];
      for (size_t k = 0; k <= i; ++k)
        left[k] -= factor * row[k];
    });
  }
  for (int64_t j = 0; j < n; ++j)
    for (int64_t i = 0; i < j; ++i)
      matrix[j * n + i] /= matrix[j * n + j];
  return true;
}

BlockCodes compress::roundAgainstData(const BlockMatrix &matrix, const BlockFormat &format,
                                      const std::vector<float> &gram, double damping) {
  int64_t depth = matrix.depth;
  std::vector<float> importance(depth);
  double trace = 0;
  for (int64_t k = 0; k < depth; ++k)
    trace += importance[k] = gram[k * depth + k];
  BlockCodes result = roundBlocks(matrix, format, importance);
  double more = std::max(damping * trace / static_cast<double>(depth),
                         double(std::numeric_limits<float>::min()));
  std::vector<int64_t> order(depth);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return importance[a] > importance[b]; });
  std::vector<double> factor(depth * depth);
  for (int64_t i = 0; i < depth; ++i)
    for (int64_t j = 0; j <= i; ++j)
      factor[i * depth + j] = double(gram[order[i] * depth + order[j]]) + (i == j ? more : 0);
  if (!factorize(factor, depth))
    return result;
  std::vector<float> feedback(factor.begin(), factor.end());
  factor = {};
  // Some rows at a time, that what is fed back is read once for all of them.
  constexpr int64_t together = 16;
  int64_t blocks = depth / format.block;
  llvm::parallelFor(0, (matrix.rows + together - 1) / together, [&](size_t group) {
    int64_t first = static_cast<int64_t>(group) * together;
    int64_t count = std::min(together, matrix.rows - first);
    std::vector<float> errors(depth * together);
    for (int64_t i = 0; i < depth; ++i) {
      float owed[together] = {};
      const float *row = feedback.data() + i * depth;
      for (int64_t j = 0; j < i; ++j)
        for (int64_t r = 0; r < together; ++r)
          owed[r] += row[j] * errors[j * together + r];
      int64_t column = order[i];
      for (int64_t r = 0; r < count; ++r) {
        int64_t at = (first + r) * depth + column;
        Grid grid = gridOf(result, format, (first + r) * blocks + column / format.block);
        uint8_t code = grid.codeOf(matrix.values[at] + owed[r], format.codes());
        result.codes[at] = code;
        errors[i * together + r] = matrix.values[at] - grid.valueOf(code);
      }
    }
  });
  return result;
}
