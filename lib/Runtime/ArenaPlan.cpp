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
#include <map>
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

/// The most bytes that are alive at one tick: no plan is smaller.
static int64_t lowerBound(const std::vector<int64_t> &rounded, const int64_t *lifetimes) {
  std::map<int64_t, int64_t> changes; // by tick
  for (size_t i = 0; i < rounded.size(); ++i) {
    changes[lifetimes[2 * i]] += rounded[i];
    changes[lifetimes[2 * i + 1] + 1] -= rounded[i];
  }
  int64_t alive = 0, most = 0;
  for (auto [tick, change] : changes)
    most = std::max(most, alive += change);
  return most;
}

/// Places buffers one after the other, each as low as it fits; returns the place in the order of
/// one that ends highest.
static size_t placeInOrder(const std::vector<int64_t> &rounded, const int64_t *lifetimes,
                           const std::vector<size_t> &order, ArenaPlan &plan) {
  plan.offsets.assign(rounded.size(), 0);
  plan.size = 0;
  std::vector<Placed> placed;
  size_t highest = 0;
  for (size_t position = 0; position < order.size(); ++position) {
    size_t i = order[position];
    if (rounded[i] == 0)
      continue;
    int64_t first = lifetimes[2 * i], last = lifetimes[2 * i + 1];
    int64_t begin = lowestGap(placed, rounded[i], first, last), end = begin + rounded[i];
    auto after = std::upper_bound(placed.begin(), placed.end(), begin,
                                  [](int64_t v, const Placed &p) { return v < p.begin; });
    placed.insert(after, {begin, end, first, last});
    plan.offsets[i] = begin;
    if (end > plan.size)
      plan.size = end, highest = position;
  }
  return highest;
}

/// The largest first, which is mostly the best there is. Else the buffer that had to go on top
/// comes first next time, and the smallest plan counts.
bool planArena(const std::vector<int64_t> &bytes, const int64_t *lifetimes, ArenaPlan &plan) {
  constexpr int attempts = 24;
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
  plan.lowerBound = lowerBound(rounded, lifetimes);
  size_t highest = placeInOrder(rounded, lifetimes, order, plan);
  for (int attempt = 1; attempt < attempts && plan.size > plan.lowerBound; ++attempt) {
    std::rotate(order.begin(), order.begin() + highest, order.begin() + highest + 1);
    ArenaPlan other;
    other.lowerBound = plan.lowerBound;
    highest = placeInOrder(rounded, lifetimes, order, other);
    if (other.size < plan.size)
      plan = std::move(other);
  }
  return true;
}

} // namespace optc::runtime
