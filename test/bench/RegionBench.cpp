//===- RegionBench.cpp - cost of a parallel region ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the thread pool adds to a loop: regions of nothing, and how much of the ideal speed-up
// regions of a few microseconds reach. The goal is 0.5 us per region.
//
//     RegionBench [THREADS]
//
//===----------------------------------------------------------------------===//
#include "lib/Runtime/ThreadPool.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

using optc::runtime::ThreadPool;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int regions = 20000;

/// An item is `*data` additions, one after the other.
void spinItems(void *data, int64_t begin, int64_t end) {
  int64_t steps = *static_cast<int64_t *>(data) * (end - begin), value = 0;
  for (int64_t i = 0; i < steps; ++i) {
    value += i;
    asm volatile("" : "+r"(value));
  }
}

struct Times {
  double least, median; ///< us per region
};

/// Regions one after the other, as in a model.
template <typename F> Times measure(F region) {
  std::vector<double> times;
  for (int i = 0; i < regions; ++i) {
    auto start = Clock::now();
    region();
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  return {times.front(), times[times.size() / 2]};
}

} // namespace

int main(int argc, char **argv) {
  unsigned threads =
      argc > 1 ? unsigned(std::strtoul(argv[1], nullptr, 10)) : optc::runtime::usableCpus();
  if (threads < 1 || threads > 1024) {
    std::fprintf(stderr, "usage: RegionBench [THREADS]\n");
    return 2;
  }
  ThreadPool pool(threads - 1, /*avoidCaller=*/true);
  pool.followCaller();
  std::printf("%u threads, us per region: least, median\n", threads);
  for (uint32_t chunks : {2u, 4u, 8u, 16u}) {
    int64_t nothing = 0;
    Times empty = measure([&] { pool.run(spinItems, &nothing, chunks, chunks); });
    std::printf("empty, %2u chunks         %7.2f %7.2f\n", chunks, empty.least, empty.median);
  }
  for (int64_t each : {200, 500, 2000, 10000}) {
    constexpr int64_t items = 16;
    Times serial = measure([&] { spinItems(&each, 0, items); });
    Times shared = measure([&] { pool.run(spinItems, &each, items, items); });
    std::printf("%7.2f us of work         %7.2f %7.2f   speed-up %.2f\n", serial.least,
                shared.least, shared.median, serial.median / shared.median);
  }
  return 0;
}
