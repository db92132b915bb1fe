//===- ThreadPool.cpp - worker threads of a context -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Claiming, spinning and sleeping. The two sleeps follow one pattern: announce the sleep,
// look once more, then wait on the futex; the other side changes the state, then looks for
// the announcement; both in sequentially consistent order, so one of the two sees the
// other.
//
//===----------------------------------------------------------------------===//
#include "lib/Runtime/ThreadPool.h"

#include <algorithm>
#include <climits>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#else
#include <ctime>
#endif

namespace optc::runtime {

static_assert(sizeof(std::atomic<uint32_t>) == 4, "futexes are 32 bits");

static void futexWait(std::atomic<uint32_t> &futex, uint32_t expected) {
  syscall(SYS_futex, &futex, FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}

static void futexWake(std::atomic<uint32_t> &futex, int count) {
  syscall(SYS_futex, &futex, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

#if defined(__x86_64__)
static uint64_t ticks() { return __rdtsc(); }
static constexpr uint64_t spinTicks = 125000; // 40 to 60 us at 2 to 3 GHz
static void relax() { _mm_pause(); }
#else
static uint64_t ticks() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return uint64_t(now.tv_sec) * 1000000000u + now.tv_nsec;
}
static constexpr uint64_t spinTicks = 50000; // ns
#if defined(__aarch64__)
static void relax() { __asm__ volatile("yield"); }
#else
static void relax() {}
#endif
#endif

unsigned usableCpus() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0)
    return std::max(1, CPU_COUNT(&set));
  return std::max(1L, sysconf(_SC_NPROCESSORS_ONLN));
}

ThreadPool::ThreadPool(unsigned count, bool avoid) : sections(count + 1), avoidCaller(avoid) {
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0 || CPU_COUNT(&allowed) < 2)
    avoidCaller = false;
  workers.reserve(count);
  for (unsigned i = 0; i < count; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, nullptr, threadMain, this) != 0)
      break;
    workers.push_back(thread);
  }
}

ThreadPool::~ThreadPool() {
  stop.store(true);
  wakeups.fetch_add(1);
  futexWake(wakeups, INT_MAX);
  for (pthread_t thread : workers)
    pthread_join(thread, nullptr);
}

void ThreadPool::followCaller() {
  if (!avoidCaller)
    return;
  int cpu = sched_getcpu();
  if (cpu == callerCpu || cpu < 0)
    return;
  callerCpu = cpu;
  cpu_set_t others = allowed;
  CPU_CLR(cpu, &others);
  if (CPU_COUNT(&others) == 0)
    return;
  for (pthread_t thread : workers)
    pthread_setaffinity_np(thread, sizeof(others), &others);
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// A section's word: generation, end of the chunks nobody has claimed, the first of them.
static constexpr unsigned fieldBits = 20;
static constexpr uint64_t field = (uint64_t(1) << fieldBits) - 1;
static uint32_t firstOf(uint64_t word) { return word & field; }
static uint32_t endOf(uint64_t word) { return (word >> fieldBits) & field; }

void ThreadPool::Section::open(Range part, std::memory_order order) {
  uint64_t generation = (word.load(std::memory_order_relaxed) >> 2 * fieldBits) + 1;
  word.store(generation << 2 * fieldBits | uint64_t(part.end) << fieldBits | uint64_t(part.begin),
             order);
}

bool ThreadPool::Section::hasWork() const {
  uint64_t now = word.load();
  return firstOf(now) < endOf(now);
}

bool ThreadPool::Section::claim(bool last, uint32_t &chunk) {
  uint64_t seen = word.load(std::memory_order_acquire);
  while (firstOf(seen) < endOf(seen)) {
    uint64_t left = last ? seen - (uint64_t(1) << fieldBits) : seen + 1;
    if (!word.compare_exchange_weak(seen, left, std::memory_order_acq_rel))
      continue;
    chunk = last ? endOf(left) : firstOf(seen);
    return true;
  }
  return false;
}

bool ThreadPool::claim(size_t self, uint32_t &chunk) {
  if (sections[self].claim(/*last=*/false, chunk))
    return true;
  for (size_t i = 1; i < sections.size(); ++i)
    if (sections[(self + i) % sections.size()].claim(/*last=*/true, chunk))
      return true;
  return false;
}

void ThreadPool::execute(uint32_t chunk) {
  Range range = chunkRange(trip, chunks, chunk);
  body(data, range.begin, range.end);
  finished.fetch_add(1);
}

void ThreadPool::run(Body newBody, void *newData, int64_t newTrip, uint32_t count) {
  if (count < 2 || workers.empty() || inLoop.exchange(true, std::memory_order_relaxed)) {
    newBody(newData, 0, newTrip);
    return;
  }
  body = newBody;
  data = newData;
  trip = newTrip;
  chunks = count;
  finished.store(0, std::memory_order_relaxed);
  size_t parts = std::min<size_t>(workers.size() + 1, count);
  for (size_t i = parts; i-- > 1;)
    sections[i].open(chunkRange(count, parts, i), std::memory_order_release);
  sections[0].open(chunkRange(count, parts, 0), std::memory_order_seq_cst);
  if (uint32_t asleep = sleepers.load()) {
    wakeups.fetch_add(1);
    futexWake(wakeups, std::min(asleep, count - 1));
  }
  uint32_t chunk;
  while (claim(0, chunk))
    execute(chunk);
  waitForFinish(count);
  inLoop.store(false, std::memory_order_relaxed);
}

void ThreadPool::waitForFinish(uint32_t count) {
  for (uint64_t start = ticks(); ticks() - start < spinTicks; relax())
    if (finished.load(std::memory_order_acquire) == count)
      return;
  callerSleeps.store(1);
  for (uint32_t done; (done = finished.load()) != count;)
    futexWait(finished, done);
  callerSleeps.store(0);
}

//===----------------------------------------------------------------------===//
// Workers
//===----------------------------------------------------------------------===//

void *ThreadPool::threadMain(void *pool) {
  auto *shared = static_cast<ThreadPool *>(pool);
  shared->workerLoop(1 + shared->started.fetch_add(1));
  return nullptr;
}

void ThreadPool::workerLoop(size_t self) {
  uint64_t idleSince = ticks();
  while (!stop.load(std::memory_order_relaxed)) {
    uint32_t chunk;
    if (claim(self, chunk)) {
      execute(chunk);
      if (callerSleeps.load())
        futexWake(finished, 1);
      idleSince = ticks();
    } else if (ticks() - idleSince < spinTicks) {
      relax();
    } else {
      sleepUntilWork();
      idleSince = ticks();
    }
  }
}

void ThreadPool::sleepUntilWork() {
  uint32_t seen = wakeups.load();
  sleepers.fetch_add(1);
  bool any = std::any_of(sections.begin(), sections.end(),
                         [](const Section &section) { return section.hasWork(); });
  if (!any && !stop.load())
    futexWait(wakeups, seen);
  sleepers.fetch_sub(1);
}

} // namespace optc::runtime
