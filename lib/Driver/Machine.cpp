//===- Machine.cpp - what this machine can do -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loops are written so that no compiler option changes what they measure: the multiply-adds
// are single instructions on independent registers, enough of them to hide their latency.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Machine.h"
#include "lib/Runtime/ThreadPool.h"
#include "lib/Support/Cpu.h"
#include "lib/Support/Unroll.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace optc::driver {

namespace {

using Clock = std::chrono::steady_clock;

/// Seconds from the first start to the last end of `work(thread)` on all threads, which start
/// together.
double timeTogether(unsigned threads, const std::function<void(unsigned)> &work) {
  std::atomic<unsigned> waiting{threads};
  std::vector<Clock::time_point> starts(threads), ends(threads);
  auto run = [&](unsigned thread) {
    waiting.fetch_sub(1);
    while (waiting.load() != 0)
      if (threads > 1)
        std::this_thread::yield();
    starts[thread] = Clock::now();
    work(thread);
    ends[thread] = Clock::now();
  };
  std::vector<std::thread> others;
  for (unsigned thread = 1; thread < threads; ++thread)
    others.emplace_back(run, thread);
  run(0);
  for (std::thread &other : others)
    other.join();
  std::chrono::duration<double> time =
      *std::max_element(ends.begin(), ends.end()) - *std::min_element(starts.begin(), starts.end());
  return std::max(time.count(), 1e-9);
}

//===----------------------------------------------------------------------===//
// Multiply-adds
//===----------------------------------------------------------------------===//

struct MultiplyAddLoop {
  const char *vectors;
  double (*run)(int64_t steps); ///< returns the floating-point operations done
};

#if defined(__x86_64__)

typedef float Vector256 __attribute__((vector_size(32)));
typedef float Vector512 __attribute__((vector_size(64)));

constexpr int chains = 12; // two units with a latency of four or five

__attribute__((target("avx2,fma"), noinline)) double multiplyAdd256(int64_t steps) {
  Vector256 sums[chains] = {}, factor = {};
  for (int64_t i = 0; i < steps; ++i) {
    OPTC_UNROLL
    for (Vector256 &sum : sums)
      asm volatile("vfmadd213ps %1, %1, %0" : "+x"(sum) : "x"(factor));
  }
  return 2.0 * 8 * chains * steps;
}

__attribute__((target("avx512f"), noinline)) double multiplyAdd512(int64_t steps) {
  Vector512 sums[chains] = {}, factor = {};
  for (int64_t i = 0; i < steps; ++i) {
    OPTC_UNROLL
    for (Vector512 &sum : sums)
      asm volatile("vfmadd213ps %1, %1, %0" : "+v"(sum) : "v"(factor));
  }
  return 2.0 * 16 * chains * steps;
}

bool runs(const char *level) { return Cpu::here().runs(*findCpuLevel(level)); }

std::vector<MultiplyAddLoop> multiplyAddLoops() {
  std::vector<MultiplyAddLoop> loops;
  if (runs("x86-64-v3"))
    loops.push_back({"AVX2", multiplyAdd256});
  if (runs("x86-64-v4"))
    loops.push_back({"AVX-512", multiplyAdd512});
  return loops;
}

#else

std::vector<MultiplyAddLoop> multiplyAddLoops() { return {}; }

#endif

void measureMultiplyAdds(MachineLimits &limits) {
  constexpr int tries = 20;
  constexpr int64_t steps = 300000; // a few milliseconds
  for (const MultiplyAddLoop &loop : multiplyAddLoops())
    for (int i = 0; i < tries; ++i) {
      std::atomic<double> work{0};
      double seconds = timeTogether(limits.threads, [&](unsigned) {
        double done = loop.run(steps);
        work.store(done);
      });
      double rate = work.load() * limits.threads / seconds / 1e9;
      if (rate > limits.gflops) {
        limits.gflops = rate;
        limits.vectors = loop.vectors;
      }
    }
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

typedef uint64_t Words __attribute__((vector_size(32)));

constexpr size_t blockBytes = 512;

#if defined(__x86_64__)
__attribute__((target("avx2"), noinline))
#else
__attribute__((noinline))
#endif
void readAll(const char *data, size_t bytes) {
  constexpr size_t registers = 8;
  Words sums[registers] = {};
  for (const char *end = data + bytes; data < end; data += blockBytes) {
    OPTC_UNROLL
    for (size_t i = 0; i < blockBytes / sizeof(Words); ++i)
      sums[i % registers] ^= reinterpret_cast<const Words *>(data)[i];
  }
  for (Words &sum : sums)
    asm volatile("" : : "m"(sum));
}

/// Several times what the caches hold: a piece is gone from them when its turn comes again.
size_t memoryToRead() {
  constexpr size_t least = size_t(128) << 20, most = size_t(512) << 20;
  long cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
  return std::clamp(size_t(std::max(cache, 0L)) * 4, least, most);
}

bool canReadVectors() {
#if defined(__x86_64__)
  return runs("x86-64-v3");
#else
  return true;
#endif
}

void measureMemory(MachineLimits &limits) {
  constexpr int rounds = 4;
  constexpr size_t hugePage = size_t(2) << 20, pieceBytes = size_t(16) << 20;
  if (!canReadVectors())
    return;
  size_t bytes = memoryToRead(), pieces = bytes / pieceBytes;
  size_t each = pieceBytes / limits.threads / blockBytes * blockBytes;
  void *mapped =
      mmap(nullptr, bytes + hugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED)
    return;
  madvise(mapped, bytes + hugePage, MADV_HUGEPAGE);
  uintptr_t aligned = (reinterpret_cast<uintptr_t>(mapped) + hugePage - 1) / hugePage * hugePage;
  char *data = reinterpret_cast<char *>(aligned);
  for (size_t at = 0; at < bytes; at += 4096) // pages of zeros would all be one page
    data[at] = 1;
  for (size_t i = 0; i < rounds * pieces; ++i) {
    const char *piece = data + i % pieces * pieceBytes;
    double seconds = timeTogether(limits.threads,
                                  [&](unsigned thread) { readAll(piece + thread * each, each); });
    double rate = double(each) * limits.threads / seconds / 1e9;
    limits.gbytesPerSecond = std::max(limits.gbytesPerSecond, rate);
  }
  munmap(mapped, bytes + hugePage);
}

} // namespace

MachineLimits measureMachine(unsigned threads) {
  MachineLimits limits;
  unsigned cpus = runtime::usableCpus();
  limits.threads = threads ? std::min(threads, cpus) : cpus;
  measureMultiplyAdds(limits);
  measureMemory(limits);
  return limits;
}

} // namespace optc::driver
