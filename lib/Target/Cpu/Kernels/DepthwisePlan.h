//===- DepthwisePlan.h - sizes of tiles of a depthwise conv ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Asks DepthwiseCost.h for the register tile of a depthwise conv and divides the image into items.
// Depthwise.cpp writes the loops.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_DEPTHWISEPLAN_H
#define OPTC_TARGET_CPU_KERNELS_DEPTHWISEPLAN_H

#include "dialects/Kernel/Kernel.h"
#include "lib/Target/Cpu/Kernels/DepthwiseCost.h"

namespace optc::cpu {

struct DepthwisePlan {
  DepthwiseShape shape{};
  /// Whether all taps of the window are unrolled.
  bool unrolled = false;
  DepthwiseTile tile{};
  /// Places of a row that are an item, 0 for all.
  int64_t partPlaces = 0;

  static DepthwisePlan get(kernel::ConvOp op, const CpuLevel &level);
};

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_DEPTHWISEPLAN_H
