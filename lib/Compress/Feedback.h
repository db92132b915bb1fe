//===- Feedback.h - codes that make up for errors in products -----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// No MLIR here. Codes of a weight W are such that X Q^T comes close to Y W^T, where Y is what the
// product reads in the model and X what it reads in what was made of the model so far.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_COMPRESS_FEEDBACK_H
#define OPTC_COMPRESS_FEEDBACK_H

#include "lib/Compress/BlockWeight.h"

namespace optc::compress {

/// Sums over all rows x of X, and y of Y, that calibration showed.
struct ProductSums {
  int64_t depth = 0;
  std::vector<float> gram;  ///< x x^T [depth, depth]
  std::vector<float> cross; ///< x y^T [depth, depth], or empty: that is the same

  bool isFinite() const;
  /// Of each column, the sum of squares.
  std::vector<float> getImportance() const;
};

/// Without `cross` that is GPTQ (E. Frantar et al., 2023; as nearest plane: J. Chen et al., 2025):
/// column by column, the most important first, each code makes up for the errors of those before
/// it. With it the weights that are rounded so are first those of the least error in front of X,
/// W + (Y - X)^T X (X^T X)^-1 applied to W, as in Qronos (S. Zhang et al., 2025), whose first step
/// goes there for all columns but one. Scales are those of the least squared error. Codes are
/// improved at last by coordinate descent: column by column, each gets what is best beside the
/// present others (K. Behdin et al., QuantEase, 2023).
class Feedback {
public:
  /// `damping` is relative to the mean of the diagonal of the gram matrix.
  Feedback(const ProductSums &sums, double damping);

  BlockCodes round(const BlockMatrix &matrix, const BlockFormat &format) const;

private:
  void roundRows(const BlockMatrix &matrix, const BlockFormat &format, BlockCodes &codes) const;
  void improveRows(const BlockMatrix &matrix, const BlockFormat &format, BlockCodes &codes) const;
  /// The weights that are best in front of X if they need not be rounded.
  BlockMatrix corrected(const BlockMatrix &matrix) const;

  int64_t depth;
  std::vector<float> importance;
  std::vector<int64_t> order; ///< of columns
  /// Of the damped gram matrix H = U D D U^T in that order, with U unit upper triangular: U[j][i]
  /// at (i, j), j < i, and D; empty if H is not positive.
  std::vector<float> factor;
  std::vector<float> diagonal;
  std::vector<float> damped;     ///< H in that order
  std::vector<float> difference; ///< x (y - x)^T in that order, or empty
};

} // namespace optc::compress

#endif // OPTC_COMPRESS_FEEDBACK_H
