//===- Feedback.cpp - codes that make up for errors in products ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Feedback.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Compress/Feedback.h"
#include "lib/Compress/BlockGrid.h"

#include "llvm/Support/Parallel.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace optc;
using namespace optc::compress;

/// Rows of weights that are worked on together, so that what all of them read is read once.
static constexpr int64_t together = 16;

bool ProductSums::isFinite() const {
  auto finite = [](float sum) { return std::isfinite(sum); };
  return std::all_of(gram.begin(), gram.end(), finite) &&
         std::all_of(cross.begin(), cross.end(), finite);
}

std::vector<float> ProductSums::getImportance() const {
  std::vector<float> importance(gram.empty() ? 0 : depth);
  for (size_t k = 0; k < importance.size(); ++k)
    importance[k] = gram[k * (depth + 1)];
  return importance;
}

/// Of a symmetric positive matrix H [n, n], row-major, the lower triangle of R^T, H being R R^T
/// with an upper triangular R; each row but its diagonal divided by that. False if H is not
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

Feedback::Feedback(const ProductSums &sums, double damping)
    : depth(sums.depth), importance(sums.getImportance()), order(sums.depth) {
  double trace = std::accumulate(importance.begin(), importance.end(), 0.0);
  double more = std::max(damping * trace / static_cast<double>(depth),
                         double(std::numeric_limits<float>::min()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return importance[a] > importance[b]; });
  std::vector<double> matrix(depth * depth);
  for (int64_t i = 0; i < depth; ++i)
    for (int64_t j = 0; j <= i; ++j)
      matrix[i * depth + j] = double(sums.gram[order[i] * depth + order[j]]) + (i == j ? more : 0);
  if (!factorize(matrix, depth))
    return;
  factor.assign(matrix.begin(), matrix.end());
  damped.resize(depth * depth);
  for (int64_t i = 0; i < depth; ++i) {
    diagonal.push_back(factor[i * (depth + 1)]);
    for (int64_t j = 0; j < depth; ++j)
      damped[i * depth + j] = sums.gram[order[i] * depth + order[j]];
    damped[i * (depth + 1)] += static_cast<float>(more);
  }
  if (sums.cross.empty())
    return;
  difference.resize(depth * depth);
  for (int64_t i = 0; i < depth; ++i)
    for (int64_t j = 0; j < depth; ++j) {
      int64_t at = order[i] * depth + order[j];
      difference[i * depth + j] = sums.cross[at] - sums.gram[at];
    }
}

namespace {
/// Some rows of a matrix, column by column in an order: [depth, together].
class Rows {
public:
  Rows(int64_t first, int64_t count, const std::vector<int64_t> &order)
      : first(first), count(count), order(order), values(order.size() * together) {}

  void read(const BlockMatrix &matrix) {
    for (size_t i = 0; i < order.size(); ++i)
      for (int64_t r = 0; r < count; ++r)
        at(i)[r] = matrix.values[(first + r) * matrix.depth + order[i]];
  }
  float *at(size_t column) { return values.data() + column * together; }
  /// Adds the columns [begin, end), each times its factor.
  void addTo(float *sums, const float *factors, int64_t begin, int64_t end) const {
    for (int64_t j = begin; j < end; ++j)
      for (int64_t r = 0; r < together; ++r)
        sums[r] += factors[j] * values[j * together + r];
  }

  /// Adds to each of so many columns what its factor makes of `addend`.
  void addScaled(const float *addend, const float *factors, int64_t columns) {
    for (int64_t j = 0; j < columns; ++j)
      for (int64_t r = 0; r < together; ++r)
        values[j * together + r] += factors[j] * addend[r];
  }

  int64_t first, count;

private:
  const std::vector<int64_t> &order;
  std::vector<float> values;
};
} // namespace

/// Calls `work` for all rows of a matrix, some together.
static void forRows(const BlockMatrix &matrix, const std::vector<int64_t> &order,
                    llvm::function_ref<void(Rows &)> work) {
  llvm::parallelFor(0, (matrix.rows + together - 1) / together, [&](size_t group) {
    int64_t first = static_cast<int64_t>(group) * together;
    Rows rows(first, std::min(together, matrix.rows - first), order);
    work(rows);
  });
}

/// For each row w, w + z with H z = x (y - x)^T w: U u = that, then D u' = u, U^T z = u' / D.
BlockMatrix Feedback::corrected(const BlockMatrix &matrix) const {
  BlockMatrix result = matrix;
  forRows(matrix, order, [&](Rows &rows) {
    rows.read(matrix);
    Rows found(rows.first, rows.count, order);
    for (int64_t i = 0; i < depth; ++i)
      rows.addTo(found.at(i), difference.data() + i * depth, 0, depth);
    for (int64_t k = depth; k-- > 0;) {
      float owed[together];
      for (int64_t r = 0; r < together; ++r)
        owed[r] = -found.at(k)[r];
      found.addScaled(owed, factor.data() + k * depth, k);
    }
    for (int64_t i = 0; i < depth; ++i) {
      float owed[together] = {};
      found.addTo(owed, factor.data() + i * depth, 0, i);
      for (int64_t r = 0; r < together; ++r)
        found.at(i)[r] = found.at(i)[r] / (diagonal[i] * diagonal[i]) - owed[r];
      for (int64_t r = 0; r < rows.count; ++r)
        result.values[(rows.first + r) * depth + order[i]] += found.at(i)[r];
    }
  });
  return result;
}

/// Column by column, with what is owed for those before.
void Feedback::roundRows(const BlockMatrix &matrix, const BlockFormat &format,
                         BlockCodes &codes) const {
  BlockGrids grids(codes, format, depth);
  forRows(matrix, order, [&](Rows &errors) {
    for (int64_t i = 0; i < depth; ++i) {
      float owed[together] = {};
      errors.addTo(owed, factor.data() + i * depth, 0, i);
      for (int64_t r = 0; r < errors.count; ++r) {
        int64_t row = errors.first + r, at = row * depth + order[i];
        Grid grid = grids.at(row, order[i]);
        codes.codes[at] = grid.codeOf(matrix.values[at] + owed[r], format.codes());
        errors.at(i)[r] = matrix.values[at] - grid.valueOf(codes.codes[at]);
      }
    }
  });
}

/// With slopes (w - q)^T H, the best value of a column is q + slope / its diagonal element.
void Feedback::improveRows(const BlockMatrix &matrix, const BlockFormat &format,
                           BlockCodes &codes) const {
  constexpr int turns = 2;
  BlockGrids grids(codes, format, depth);
  forRows(matrix, order, [&](Rows &slopes) {
    Rows errors(slopes.first, slopes.count, order);
    for (int64_t i = 0; i < depth; ++i)
      for (int64_t r = 0; r < errors.count; ++r) {
        int64_t row = errors.first + r, at = row * depth + order[i];
        errors.at(i)[r] = matrix.values[at] - grids.at(row, order[i]).valueOf(codes.codes[at]);
      }
    for (int64_t i = 0; i < depth; ++i)
      errors.addTo(slopes.at(i), damped.data() + i * depth, 0, depth);
    for (int64_t i = 0; i < turns * depth; ++i) {
      const float *column = damped.data() + i % depth * depth;
      float changes[together] = {};
      bool isChanged = false;
      for (int64_t r = 0; r < slopes.count; ++r) {
        int64_t row = slopes.first + r, k = order[i % depth];
        uint8_t &code = codes.codes[row * depth + k];
        Grid grid = grids.at(row, k);
        float value = grid.valueOf(code),
              best = value + slopes.at(i % depth)[r] / column[i % depth];
        code = grid.codeOf(best, format.codes());
        changes[r] = value - grid.valueOf(code);
        isChanged |= changes[r] != 0;
      }
      if (isChanged)
        slopes.addScaled(changes, column, depth);
    }
  });
}

BlockCodes Feedback::round(const BlockMatrix &matrix, const BlockFormat &format) const {
  if (factor.empty())
    return roundBlocks(matrix, format, importance);
  std::optional<BlockMatrix> moved;
  if (!difference.empty())
    moved = corrected(matrix);
  const BlockMatrix &wanted = moved ? *moved : matrix;
  BlockCodes codes = roundBlocks(wanted, format, importance);
  roundRows(wanted, format, codes);
  improveRows(wanted, format, codes);
  return codes;
}
