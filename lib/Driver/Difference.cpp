//===- Difference.cpp - how far two tensors are apart ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Difference.h. Sums are in double: exact enough for 2^50 terms of half precision noise.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Difference.h"
#include "lib/Driver/Tensor.h"
#include "lib/Driver/TensorElements.h"

#include <cmath>
#include <limits>

namespace optc::driver {

double Difference::quality() const {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  return mismatch.empty() && otherNonFinite == 0 ? snr : -infinite;
}

namespace {
/// Sums over pairs of elements.
struct Sums {
  double maxAbs = 0, products = 0, expectedSquares = 0, actualSquares = 0, errorSquares = 0;
  uint64_t otherNonFinite = 0;

  void add(double expected, double actual) {
    if (!std::isfinite(expected) || !std::isfinite(actual)) {
      bool isSame = expected == actual || (std::isnan(expected) && std::isnan(actual));
      otherNonFinite += !isSame;
      return;
    }
    double error = expected - actual;
    maxAbs = std::max(maxAbs, std::fabs(error));
    products += expected * actual;
    expectedSquares += expected * expected;
    actualSquares += actual * actual;
    errorSquares += error * error;
  }
};
} // namespace

static Difference finish(const Sums &sums) {
  Difference result;
  result.maxAbs = sums.maxAbs;
  result.otherNonFinite = sums.otherNonFinite;
  double norms = std::sqrt(sums.expectedSquares) * std::sqrt(sums.actualSquares);
  if (norms > 0)
    result.cosine = std::min(1.0, sums.products / norms);
  else if (sums.expectedSquares != sums.actualSquares)
    result.cosine = 0;
  // An error where all is zero has no ratio: worse than any.
  constexpr double infinite = std::numeric_limits<double>::infinity();
  result.snr = sums.errorSquares == 0 ? infinite
               : sums.expectedSquares == 0
                   ? -infinite
                   : 10 * std::log10(sums.expectedSquares / sums.errorSquares);
  return result;
}

Difference differenceOf(const TensorView &expected, const TensorView &actual) {
  Difference result;
  if (expected.dims != actual.dims) {
    result.mismatch = "expected " + typeText(expected.dtype, expected.dims) + ", got " +
                      typeText(actual.dtype, actual.dims);
    return result;
  }
  int64_t count = bytesOf(expected.dims, 1);
  Sums sums;
  bool areNumbers = false;
  withElements(expected.dtype, expected.data, [&](auto *left) {
    areNumbers = withElements(actual.dtype, actual.data, [&](auto *right) {
      for (int64_t i = 0; i < count; ++i)
        sums.add(static_cast<double>(left[i]), static_cast<double>(right[i]));
    });
  });
  if (areNumbers)
    return finish(sums);
  result.mismatch = "cannot compare " + typeText(expected.dtype, expected.dims) + " with " +
                    typeText(actual.dtype, actual.dims);
  return result;
}

} // namespace optc::driver
