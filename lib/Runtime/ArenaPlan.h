//===- ArenaPlan.h - offsets of buffers in the arena ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Places buffers with known sizes and lifetimes into one block of memory. Pure arithmetic;
// Context.cpp caches a plan per set of input shapes.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUNTIME_ARENAPLAN_H
#define OPTC_RUNTIME_ARENAPLAN_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace optc::runtime {

constexpr int64_t arenaAlignment = 64;

struct ArenaPlan {
  std::vector<int64_t> offsets; ///< bytes, multiples of arenaAlignment, one per buffer
  int64_t size = 0;             ///< bytes of the whole arena
  int64_t lowerBound = 0;       ///< the most bytes that are alive at one tick
};

/// `bytes` holds the size of each buffer, `lifetimes` its (first, last) tick, both inclusive.
/// The largest buffers are placed first, each at the lowest place that is free during its life.
/// Returns false when a size is negative or the sum leaves 64 bits.
bool planArena(const std::vector<int64_t> &bytes, const int64_t *lifetimes, ArenaPlan &plan);

} // namespace optc::runtime

#endif // OPTC_RUNTIME_ARENAPLAN_H
