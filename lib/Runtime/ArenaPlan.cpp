//===- ArenaPlan.cpp - offsets of buffers in the arena --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// First fit, largest first. Example: sizes 64, 128, 64 with lives 0-1, 1-2, 2-3 give
// offsets 128, 0, 128: the first and the last buffer share their place.
//
//===----------------------------------------------------------------------===//
#include "lib/Runtime/ArenaPlan.h"

#include <algorithm>
#include <numeric>

namespace optc::runtime {

namespace {
struct Placed {
  int64_t begin, end, first, last;
};
} // namespace

/// The lowest offset where `size` bytes are free from tick `first` to `last`; `placed` is sorted
/// by begin.
static int64_t lowestGap(const std::vector<Placed> &placed, int64_t size, int64_t first,
                         int64_t last) {
  int64_t at = 0;
  for (const Placed &other : placed) {
    if (other.last < first || last < other.first)
      continue;
    if (other.begin - at >= size)
      break;
    at = std::max(at, other.end);
  }
  return at;
}

bool planArena(const std::vector<int64_t> &bytes, const int64_t *lifetimes, ArenaPlan &plan) {
  size_t count = bytes.size();
  std::vector<int64_t> rounded(count);
  int64_t sum = 0; // bounds every offset below
  for (size_t i = 0; i < count; ++i) {
    if (bytes[i] < 0 || __builtin_add_overflow(bytes[i], arenaAlignment - 1, &rounded[i]))
      return false;
    rounded[i] &= -arenaAlignment;
    if (__builtin_add_overflow(sum, rounded[i], &sum))
      return false;
  }
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return rounded[a] > rounded[b]; });

  plan.offsets.assign(count, 0);
  plan.size = 0;
  std::vector<Placed> placed;
  for (size_t i : order) {
    if (rounded[i] == 0)
      break;
    int64_t first = lifetimes[2 * i], last = lifetimes[2 * i + 1];
    int64_t begin = lowestGap(placed, rounded[i], first, last), end = begin + rounded[i];
    auto after = std::upper_bound(placed.begin(), placed.end(), begin,
                                  [](int64_t v, const Placed &p) { return v < p.begin; });
    placed.insert(after, {begin, end, first, last});
    plan.offsets[i] = begin;
    plan.size = std::max(plan.size, end);
  }
  return true;
}

} // namespace optc::runtime
