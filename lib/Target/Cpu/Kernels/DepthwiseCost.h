//===- DepthwiseCost.h - which tiles suit a depthwise conv ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The choice of a register tile and of the vectors' width for a depthwise convolution whose taps
// are unrolled, by an estimate of its time. Nothing is measured at compile time, so that equal
// models give equal artifacts.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_DEPTHWISECOST_H
#define OPTC_TARGET_CPU_KERNELS_DEPTHWISECOST_H

#include "lib/Target/Host/CpuLevel.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace optc::cpu {

/// The last two dims of the window and of its strides (1 where there is one dim), and the taps of
/// all dims; places of the result and channels.
struct DepthwiseShape {
  int64_t windowRows, windowPlaces, taps;
  int64_t strideRows, stridePlaces;
  int64_t rows, places, channels;
  /// Whether tiles may have several image rows.
  bool sharesRows;
  /// Whether numbers are bf16 that are multiplied in pairs.
  bool isPaired = false;
};

/// Taps of a window, in row-major order, that are multiplied at once.
struct TapStep {
  int64_t first;
  std::optional<int64_t> second;
};

/// All taps. Pairs are below each other: the taps of a window's row share what they read with other
/// places. In an odd last row they are side by side.
llvm::SmallVector<TapStep> getTapSteps(const DepthwiseShape &shape);

/// Image rows and neighbouring places of a tile; channels of a vector; image rows of an item.
struct DepthwiseTile {
  int64_t rows, places, lanes, blockRows;
};

/// Cycles for the whole convolution.
double estimateDepthwise(const DepthwiseShape &shape, const DepthwiseTile &tile,
                         const CpuLevel &level);

DepthwiseTile chooseDepthwise(const DepthwiseShape &shape, const CpuLevel &level);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_DEPTHWISECOST_H
