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
static void relax() {}
#endif

unsigned usableCpus() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0)
    return std::max(1, CPU_COUNT(&set));
  return std::max(1L, sysconf(_SC_NPROCESSORS_ONLN));
}

ThreadPool::ThreadPool(unsigned count, bool avoid) : avoidCaller(avoid) {
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

static constexpr uint64_t field = (1u << 20) - 1;
static uint64_t nextOf(uint64_t word) { return word & field; }
static uint64_t countOf(uint64_t word) { return (word >> 20) & field; }

bool ThreadPool::claim(uint32_t &ticket, uint32_t &count) {
  uint64_t seen = word.load(std::memory_order_acquire);
  while (nextOf(seen) < countOf(seen))
    if (word.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel)) {
      ticket = nextOf(seen);
      count = countOf(seen);
      return true;
    }
  return false;
}

void ThreadPool::execute(uint32_t ticket, uint32_t count) {
  Range range = chunkRange(trip, count, ticket);
  body(data, range.begin, range.end);
  finished.fetch_add(1);
}

void ThreadPool::run(Body newBody, void *newData, int64_t newTrip, uint32_t chunks) {
  if (chunks < 2 || workers.empty() || inLoop.exchange(true, std::memory_order_relaxed)) {
    newBody(newData, 0, newTrip);
    return;
  }
  body = newBody;
  data = newData;
  trip = newTrip;
  finished.store(0, std::memory_order_relaxed);
  uint64_t generation = (word.load(std::memory_order_relaxed) >> 40) + 1;
  word.store(generation << 40 | uint64_t(chunks) << 20);
  if (uint32_t asleep = sleepers.load()) {
    wakeups.fetch_add(1);
    futexWake(wakeups, std::min(asleep, chunks - 1));
  }
  uint32_t ticket, count;
  while (claim(ticket, count))
    execute(ticket, count);
  waitForFinish(chunks);
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
  static_cast<ThreadPool *>(pool)->workerLoop();
  return nullptr;
}

void ThreadPool::workerLoop() {
  uint64_t idleSince = ticks();
  while (!stop.load(std::memory_order_relaxed)) {
    uint32_t ticket, count;
    if (claim(ticket, count)) {
      execute(ticket, count);
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
  uint64_t now = word.load();
  if (nextOf(now) >= countOf(now) && !stop.load())
    futexWait(wakeups, seen);
  sleepers.fetch_sub(1);
}

} // namespace optc::runtime
