//===- ClippedTaps.h - taps that meet more than a border ------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of a convolution whose input is given without its border of zeros, which taps of a window lie in
// the input, along one spatial dim. They are neighbours, [first, first + count), for the input is
// one piece; and they are the same for runs of neighbouring places.
//
// Example: 14 inputs with 12 zeros on both sides, 3 taps that are 12 apart. Places 0 and 1 have
// taps 1 and 2, places 2 to 11 tap 1 only, places 12 and 13 taps 0 and 1: 18 products instead
// of 42.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_CLIPPEDTAPS_H
#define OPTC_TARGET_CPU_KERNELS_CLIPPEDTAPS_H

#include "lib/Target/Cpu/Vector/LoopNest.h"

namespace optc::cpu {

/// One spatial dim: places and taps of the nest by iterator. Tap t of place p reads input
/// p * stride + t * dilation - before, where that is one of [0, inputs).
struct ClippedTaps {
  unsigned place, tap;
  int64_t taps, stride, dilation, before;
  mlir::OpFoldResult inputs;

  struct Range {
    mlir::OpFoldResult first, count;
    /// The place behind the last one that has the same taps.
    mlir::OpFoldResult end;
  };
  /// The taps of `place`, which is less than `places`.
  Range get(mlir::OpBuilder &builder, mlir::Location loc, mlir::OpFoldResult place,
            mlir::OpFoldResult places) const;
  /// At most so many runs of places have the same taps: each end of the range moves `taps` times.
  int64_t mostRuns() const { return 2 * taps + 1; }
  /// The lengths of these runs, each once, if all sizes are known; else nothing. Runs that there
  /// are not have a length of 0.
  llvm::SmallVector<int64_t> runLengths(mlir::OpFoldResult places) const;
};

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_CLIPPEDTAPS_H
