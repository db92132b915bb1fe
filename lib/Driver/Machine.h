//===- Machine.h - what this machine can do -------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The two limits that `optc bench` sets its figures against, measured in about a quarter of a
// second: how fast f32 multiply-adds run in registers, and how fast memory can be read.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_MACHINE_H
#define OPTC_DRIVER_MACHINE_H

namespace optc::driver {

struct MachineLimits {
  unsigned threads = 1;
  double gflops = 0;          ///< f32, a multiply-add is two; 0: not known
  double gbytesPerSecond = 0; ///< reads of memory beyond the caches, in huge pages; 0: not known
  const char *vectors = "";   ///< the instructions that were fastest: "AVX2"
};

/// Measures with that many threads at a time, at most one per CPU (0: as many). Takes the best of
/// several short tries, as other work on the machine only ever slows them down.
MachineLimits measureMachine(unsigned threads);

} // namespace optc::driver

#endif // OPTC_DRIVER_MACHINE_H
