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
// Every thread has a section of the chunks, the same in every loop of one size: what it wrote in
// one layer of a model it reads in the next, from its own cache. It claims its chunks from the
// first on; when they are all claimed it helps others, from their last on.
//
// The state of a section is one atomic word: generation, end and first of the chunks nobody has
// claimed. A claim is a compare-and-swap that takes one off. As all three are in the word, a worker
// that slept through the end of a loop cannot claim a chunk of the next one by an old count; as
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

/// Chunk `index` of `count` that cover [0, trip). The longer ones, of one item more, are spread
/// evenly, so that equal numbers of neighbouring chunks have the same number of items, or one more.
inline Range chunkRange(int64_t trip, int64_t count, int64_t index) {
  int64_t each = trip / count, more = trip % count;
  auto begin = [&](int64_t i) { return i * each + i * more / count; };
  return {begin(index), begin(index + 1)};
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
  struct alignas(64) Section {
    std::atomic<uint64_t> word{0}; ///< generation:24, end:20, first:20

    void open(Range part, std::memory_order order);
    bool hasWork() const;
    /// Takes the first chunk or the last; false if there is none.
    bool claim(bool last, uint32_t &chunk);
  };

  static void *threadMain(void *pool);
  bool claim(size_t self, uint32_t &chunk);
  void execute(uint32_t chunk);
  void waitForFinish(uint32_t count);
  void workerLoop(size_t self);
  void sleepUntilWork();

  std::vector<Section> sections;                 ///< the caller's, then the workers'
  std::atomic<size_t> started{0};                ///< workers
  alignas(64) std::atomic<uint32_t> finished{0}; ///< chunks done, a futex
  std::atomic<uint32_t> callerSleeps{0};
  alignas(64) std::atomic<uint32_t> sleepers{0};
  std::atomic<uint32_t> wakeups{0}; ///< a futex
  std::atomic<bool> stop{false};

  // The loop: written while no section has a chunk to claim, read by who has claimed one.
  Body body = nullptr;
  void *data = nullptr;
  int64_t trip = 0;
  uint32_t chunks = 0;
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
