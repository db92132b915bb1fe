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
#ifndef OPTC_TARGET_CPU_EMIT_DEPTHWISECOST_H
#define OPTC_TARGET_CPU_EMIT_DEPTHWISECOST_H

#include "lib/Target/Cpu/Isa.h"

namespace optc::cpu {

/// The last two dims of the window and of its strides (1 where there is one dim), and the taps of all
/// dims; places of the result and channels.
struct DepthwiseShape {
  int64_t windowRows, windowPlaces, taps;
  int64_t strideRows, stridePlaces;
  int64_t rows, places, channels;
  /// Whether tiles may have several image rows.
  bool sharesRows;
};

/// Image rows and neighbouring places of a tile; channels of a vector; image rows of an item.
struct DepthwiseTile {
  int64_t rows, places, lanes, blockRows;
};

/// Cycles for the whole convolution.
double estimateDepthwise(const DepthwiseShape &shape, const DepthwiseTile &tile, const CpuLevel &level);

DepthwiseTile chooseDepthwise(const DepthwiseShape &shape, const CpuLevel &level);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_EMIT_DEPTHWISECOST_H
