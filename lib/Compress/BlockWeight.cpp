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
#include "lib/Compress/BlockGrid.h"
#include "lib/Support/HalfFloat.h"

#include "llvm/Support/Parallel.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace optc;
using namespace optc::compress;

/// The largest number of a codebook.
static constexpr double largestValue = 127;

namespace {

/// The grid of a block.
class GridSearch {
public:
  GridSearch(const float *values, const float *importance, const BlockFormat &format,
             const CodeTable *table)
      : values(values), importance(importance), format(format), table(table) {}

  Grid run();

private:
  double weightOf(int64_t i) const { return importance ? importance[i] : 1; }
  /// Tries ranges a little smaller and larger than that of the values.
  void tryRanges(double low, double high);
  void consider(Grid grid);
  /// The grid of the least error for the codes that `grid` gives.
  Grid refit(const Grid &grid) const;
  Grid stored(double scale, double zero) const;

  const float *values, *importance;
  const BlockFormat &format;
  const CodeTable *table;
  Grid best;
  double least = std::numeric_limits<double>::infinity();
};

} // namespace

Grid GridSearch::stored(double scale, double zero) const {
  Grid grid;
  grid.table = table;
  grid.scale = floatOfHalf(halfOfFloat(static_cast<float>(scale)));
  grid.zero = format.hasZeros ? floatOfHalf(halfOfFloat(static_cast<float>(zero)))
                              : static_cast<float>(format.middle());
  return std::isfinite(grid.scale) && std::isfinite(grid.zero) ? grid : Grid{0, 0, table};
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
    uint8_t nearest = grid.codeOf(values[i], format.codes());
    double weight = weightOf(i), code = format.hasZeros ? nearest : grid.stepsOf(nearest);
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

void GridSearch::tryRanges(double low, double high) {
  constexpr int tries = 20;
  constexpr double narrowest = 0.7, step = 0.025;
  double extreme = std::fabs(low) > std::fabs(high) ? low : high;
  double middle = table ? -largestValue : format.middle();
  for (int i = 0; i < tries; ++i) {
    double share = narrowest + step * i;
    Grid grid;
    if (format.hasZeros) {
      double scale = share * (high - low) / static_cast<double>(format.codes() - 1);
      double center = (high + low) / 2;
      if (scale == 0) // all alike: the code 1 of the scale that they are
        grid = stored(extreme, 0);
      else
        grid = stored(scale, static_cast<double>(format.codes() - 1) / 2 - center / scale);
    } else {
      grid = stored(-share * extreme / middle, 0);
    }
    consider(grid);
    constexpr int refits = 2;
    for (int j = 0; j < refits && grid.scale != 0; ++j)
      consider(grid = refit(grid));
  }
}

Grid GridSearch::run() {
  auto [low, high] = std::minmax_element(values, values + format.block);
  if (*low == 0 && *high == 0)
    return stored(0, format.middle());
  tryRanges(*low, *high);
  if (table) // whose two sides are not alike
    tryRanges(-double(*high), -double(*low));
  return best;
}

//===----------------------------------------------------------------------===//
// Codebooks
//===----------------------------------------------------------------------===//

static constexpr const char *codebookNames[] = {"none", "nf4", "learned"};

const char *compress::nameOf(Codebook codebook) {
  return codebookNames[static_cast<size_t>(codebook)];
}

std::optional<Codebook> compress::codebookOf(std::string_view name) {
  for (Codebook each : {Codebook::None, Codebook::Normal, Codebook::Learned})
    if (name == nameOf(each))
      return each;
  return std::nullopt;
}

/// The 16 numbers of NF4 in steps of 1/127.
static std::vector<int8_t> normalCodebook() {
  return {-127, -88, -67, -50, -36, -23, -12, 0, 10, 20, 31, 43, 56, 71, 92, 127};
}

/// Those of the least squared error found by turns: the codes of all blocks, then for each code
/// the mean of what has it (S. Lloyd, 1982). Of large matrices some rows tell enough.
static std::vector<int8_t> learnCodebook(const BlockMatrix &matrix, const BlockFormat &format,
                                         const std::vector<float> &importance) {
  constexpr int64_t enoughBlocks = 4096, turns = 8;
  int64_t blocks = matrix.depth / format.block;
  int64_t rows = std::clamp<int64_t>(enoughBlocks / std::max<int64_t>(blocks, 1), 1, matrix.rows);
  std::vector<int8_t> codebook = normalCodebook();
  for (int64_t turn = 0; turn < turns; ++turn) {
    CodeTable table(codebook);
    std::vector<double> sums(codebook.size()), counts(codebook.size());
    for (int64_t i = 0; i < rows * blocks; ++i) {
      int64_t row = i / blocks * matrix.rows / rows, first = i % blocks * format.block;
      const float *values = matrix.values.data() + row * matrix.depth + first;
      const float *weights = importance.empty() ? nullptr : importance.data() + first;
      Grid grid = GridSearch(values, weights, format, &table).run();
      for (int64_t k = 0; k < format.block && grid.scale != 0; ++k) {
        uint8_t code = grid.codeOf(values[k], format.codes());
        double scale = grid.scale, weight = weights ? weights[k] : 1;
        sums[code] += weight * scale * values[k];
        counts[code] += weight * scale * scale;
      }
    }
    // What is largest stays so: scales are free.
    std::vector<double> means(codebook.begin(), codebook.end());
    double most = 0;
    for (size_t code = 0; code < means.size(); ++code) {
      if (counts[code] > 0)
        means[code] = sums[code] / counts[code];
      most = std::max(most, std::fabs(means[code]));
    }
    std::vector<int8_t> next;
    for (double mean : means)
      next.push_back(static_cast<int8_t>(std::nearbyint(mean / most * largestValue)));
    std::sort(next.begin(), next.end());
    if (next == codebook)
      break;
    codebook = std::move(next);
  }
  return codebook;
}

//===----------------------------------------------------------------------===//
// Matrices
//===----------------------------------------------------------------------===//

std::vector<float> BlockCodes::getRow(int64_t row, int64_t depth, const BlockFormat &format) const {
  std::vector<float> values(depth);
  BlockGrids grids(*this, format, depth);
  for (int64_t k = 0; k < depth; ++k)
    values[k] = grids.at(row, k).valueOf(codes[row * depth + k]);
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
  if (format.codebook != Codebook::None)
    result.codebook = format.codebook == Codebook::Normal
                          ? normalCodebook()
                          : learnCodebook(matrix, format, importance);
  BlockGrids grids(result, format, matrix.depth);
  llvm::parallelFor(0, matrix.rows, [&](size_t row) {
    for (int64_t block = 0; block < blocks; ++block) {
      int64_t first = block * format.block;
      const float *values = matrix.values.data() + row * matrix.depth + first;
      Grid grid = GridSearch(values, importance.empty() ? nullptr : importance.data() + first,
                             format, grids.getTable())
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
