//===- Difference.h - how far two tensors are apart ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The measures of `optc compare`, for tensors of any type of numbers.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_DIFFERENCE_H
#define OPTC_DRIVER_DIFFERENCE_H

#include <cstdint>
#include <string>
#include <vector>

namespace optc::driver {

/// A tensor that lies somewhere else.
struct TensorView {
  int dtype = 0;
  std::vector<int64_t> dims;
  const void *data = nullptr;
};

struct Difference {
  /// Why there are no figures: other shapes, types that are no numbers. Else empty.
  std::string mismatch;
  /// Of all places where both values are finite.
  double maxAbs = 0;
  /// a.b / (|a| |b|); 1 where both are all zero.
  double cosine = 1;
  /// 10 log10(sum expected^2 / sum (expected - actual)^2) in dB; infinite without a difference.
  double snr = 0;
  /// Places where only one value is finite, or they are different infinities. Two NaNs agree.
  uint64_t otherNonFinite = 0;

  bool isIdentical() const { return mismatch.empty() && maxAbs == 0 && otherNonFinite == 0; }
  /// Worse ones are smaller: the signal to noise ratio, with what cannot be compared first.
  double quality() const;
};

Difference differenceOf(const TensorView &expected, const TensorView &actual);

} // namespace optc::driver

#endif // OPTC_DRIVER_DIFFERENCE_H
