//===- Budget.h - weights within so many bytes ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which weights get more bits where there is room for some.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_COMPRESS_BUDGET_H
#define OPTC_COMPRESS_BUDGET_H

#include "lib/Compress/Plan.h"

namespace optc::compress {

/// Of sites that are not as the others are.
inline constexpr const char *sizeReason = "as the size allows";

/// A plan, and the noise of each of its sites relative to the signal, as powers.
struct Level {
  Plan plan;
  std::vector<double> errors;
};

/// Of each weight the level that makes the sum of all errors small, in so many bytes: the first,
/// which has to fit, or one that is larger. Where most error goes per byte is raised first. Sites
/// that share a weight share the level, so that it is stored once.
Plan chooseWithin(uint64_t bytes, const std::vector<Level> &levels);

} // namespace optc::compress

#endif // OPTC_COMPRESS_BUDGET_H
