//===- ThreadPool.h - worker threads of a context -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs a loop on several threads. Built for loops of a few microseconds on machines that
// also do other work: chunks are claimed one by one, the caller claims too, and it never
// waits for a worker that has claimed nothing.
//
// The state of a loop is one atomic word: generation, number of chunks, next chunk. A
// claim is a compare-and-swap that adds one. As the count is in the word, a worker that
// slept through the end of a loop cannot claim a chunk of the next one by an old count; as
// a chunk once claimed keeps the loop open until it is finished, the fields that describe
// the loop do not change while anyone reads them. Idle workers spin for some 50
// microseconds and then sleep.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUNTIME_THREADPOOL_H
#define OPTC_RUNTIME_THREADPOOL_H

#include <atomic>
#include <cstdint>
#include <pthread.h>
#include <sched.h>
#include <vector>

namespace optc::runtime {

/// Items [begin, end) of a loop.
struct Range {
  int64_t begin, end;
};

/// Chunk `index` of `count` that cover [0, trip): the first trip % count have one item more.
inline Range chunkRange(int64_t trip, int64_t count, int64_t index) {
  int64_t each = trip / count, more = trip % count;
  int64_t begin = index * each + (index < more ? index : more);
  return {begin, begin + each + (index < more)};
}

class ThreadPool {
public:
  using Body = void (*)(void *data, int64_t begin, int64_t end);
  static constexpr uint32_t maxChunks = (1u << 20) - 1;

  /// Starts `workers` threads, fewer if the system refuses. With `avoidCaller`, workers stay off
  /// the CPU the caller runs on: a scheduler otherwise likes to put both on one.
  ThreadPool(unsigned workers, bool avoidCaller);
  ~ThreadPool();
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;

  unsigned workerCount() const { return workers.size(); }

  /// Once before a row of loops: moves workers away if the caller has changed its CPU.
  void followCaller();

  /// Calls body on `chunks` ranges (at least one, at most maxChunks and trip) that cover [0, trip),
  /// and returns when all are done. Called from within a body it runs everything itself.
  void run(Body body, void *data, int64_t trip, uint32_t chunks);

private:
  static void *threadMain(void *pool);
  bool claim(uint32_t &ticket, uint32_t &count);
  void execute(uint32_t ticket, uint32_t count);
  void waitForFinish(uint32_t count);
  void workerLoop();
  void sleepUntilWork();

  alignas(64) std::atomic<uint64_t> word{0};     ///< generation:24, count:20, next:20
  alignas(64) std::atomic<uint32_t> finished{0}; ///< chunks done, a futex
  std::atomic<uint32_t> callerSleeps{0};
  alignas(64) std::atomic<uint32_t> sleepers{0};
  std::atomic<uint32_t> wakeups{0}; ///< a futex
  std::atomic<bool> stop{false};

  // The loop: written while the word has no chunk to claim, read by who has claimed one.
  Body body = nullptr;
  void *data = nullptr;
  int64_t trip = 0;
  std::atomic<bool> inLoop{false};

  std::vector<pthread_t> workers;
  bool avoidCaller;
  cpu_set_t allowed;
  int callerCpu = -1;
};

/// The number of CPUs this process may use, at least 1.
unsigned usableCpus();

} // namespace optc::runtime

#endif // OPTC_RUNTIME_THREADPOOL_H
