//===- BenchProfile.h - the table of kernels of optc bench ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Collects the profile of a context over many runs, and shows it: time, share, rates and what
// bounds each kernel.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_BENCHPROFILE_H
#define OPTC_DRIVER_BENCHPROFILE_H

#include "lib/Driver/Machine.h"
#include "optc/runtime.hpp"

#include <vector>

namespace optc::driver {

/// The names of a kernel's nodes in at most `width` columns: the first as it is, of the others what
/// follows the part they have in common with it.
std::string shortNodes(const std::string &nodes, size_t width);

class BenchProfile {
public:
  /// Takes over one run of the context, which took so long, and resets its profile. Of the times of
  /// a kernel, and of what a run needs outside of kernels, the shortest is kept.
  void addRun(rt::Context &context, double milliseconds);
  /// The work of a run, as the kernels told it.
  optc_work work() const;

  /// A table. `total` is the time of a run in ms.
  void print(const MachineLimits &limits, double total) const;
  /// The value of "profile" in the JSON of bench.
  std::string json(const MachineLimits &limits, double total) const;

private:
  std::vector<optc_kernel_profile> kernels; ///< of the runs so far, the best each
  std::vector<size_t> bySeconds() const;
  double outside = 0; ///< ms
  /// By how much a run of `total` ms is longer than the best times, which are of different runs.
  double spread(double total) const;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_BENCHPROFILE_H
