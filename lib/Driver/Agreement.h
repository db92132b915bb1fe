//===- Agreement.h - two models on the same samples -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How far what one model says is what another says.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_AGREEMENT_H
#define OPTC_DRIVER_AGREEMENT_H

#include "lib/Driver/Session.h"

namespace optc::driver {

/// A float output of a run.
struct Output {
  std::string name;
  std::vector<int64_t> dims;
  std::vector<float> values;

  /// The length of the last dim, of which what is scored are the elements.
  size_t getRowLength() const;
  /// How many rows there are; none where a row would be one number.
  size_t countRows() const;
};
using Outputs = std::vector<Output>;

/// Reads them, but the states of a decoder: those that are an input's successor, with all of its
/// sizes but one, which grows. If there are no others they are read.
Outputs readOutputs(Session &session);

class Agreement {
public:
  /// A run of the model and one of what stands for it.
  void add(const Outputs &expected, const Outputs &actual);
  /// 10 log10(sum expected^2 / sum (expected - actual)^2), in dB.
  double getSqnr() const;
  double getMeanCosine() const { return samples ? cosines / static_cast<double>(samples) : 1; }
  uint64_t getSamples() const { return samples; }

private:
  uint64_t samples = 0;
  double cosines = 0, signal = 0, noise = 0;
};

/// Of all numbers of two runs.
double cosineOf(const Outputs &expected, const Outputs &actual);

} // namespace optc::driver

#endif // OPTC_DRIVER_AGREEMENT_H
