//===- Context.h - one execution of a model -------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inputs, outputs, arena, plans and threads of one stream of runs, and the state of the
// run in progress, which the functions of RuntimeAbi.h work on.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUNTIME_CONTEXT_H
#define OPTC_RUNTIME_CONTEXT_H

#include "lib/Runtime/ArenaPlan.h"
#include "lib/Runtime/Memory.h"
#include "lib/Runtime/Model.h"
#include "lib/Runtime/Profile.h"
#include "lib/Runtime/ThreadPool.h"

#include <atomic>
#include <csetjmp>
#include <memory>
#include <mutex>
#include <unordered_set>

namespace optc::runtime {

/// Who runs the loops of a context.
struct ThreadOptions {
  uint32_t threads = 0;
  bool avoidCaller = true;
  optc_parallel_for callerPool = nullptr; ///< a pool that is not ours
  void *callerPoolUser = nullptr;
};

class Context {
public:
  Context(std::shared_ptr<Model> model, const Entry &entry, const ThreadOptions &threads);
  ~Context();

  Error setInput(size_t index, const optc_tensor &tensor);
  Error bindOutput(size_t index, void *data, size_t size);
  Error run();
  Error output(size_t index, optc_tensor &tensor) const;
  Error setThreads(uint32_t threads);
  uint32_t threads() const { return threadCount; }
  size_t memory() const;
  /// The work of the last run.
  Error work(optc_work &work) const;

  Profile profile;

  // What generated code asks for during a run; see RuntimeAbi.h. Those that return memory
  // return null after they recorded a failure.
  void *requestOutput(int64_t index, int64_t rank, const int64_t *dims);
  void *allocateScratch(int64_t bytes, const char *node);
  /// Frees one block; an address that is not the start of one is ignored.
  void freeScratch(void *memory);
  void parallel(ThreadPool::Body body, void *args, int64_t trip, int64_t cost);
  /// Records the first failure of the run.
  void recordFailure(ErrorCode code, std::string message);
  /// Leaves the generated code on this thread. The caller must hold nothing with a destructor.
  [[noreturn]] void leave();
  struct Scratch;

private:
  struct Input {
    bool set = false;
    const void *data = nullptr;
    size_t bytes = 0;
    std::vector<int64_t> dims;
    std::vector<int64_t> descriptor; ///< memref: allocated, aligned, offset, sizes, strides
    Memory aligned;                  ///< copy of data that is not aligned
  };
  struct Output {
    void *bound = nullptr;
    size_t boundSize = 0;
    Memory own;
    std::vector<int64_t> dims;
    void *data = nullptr; ///< where the code wrote it, null before
    size_t bytes = 0;
  };
  struct Plan {
    std::vector<int64_t> key; ///< all input dimensions
    ArenaPlan arena;
    uint64_t lastUse = 0;
  };

  Error checkInputs();
  Error checkSymbols();
  Error findPlan(const Plan *&plan);
  Error prepareInputs();
  void call(void *arena, const int64_t *offsets);
  Error finish();
  void makePool() noexcept;
  void runOnCallerPool(ThreadPool::Body body, void *data, int64_t trip, int64_t chunks);
  void freeScratch();
  Scratch *takeKept(size_t bytes);
  void keepOrFree(Scratch *block);
  void freeKept();

  std::shared_ptr<Model> model;
  const Entry &entry;
  ThreadOptions threading;
  uint32_t threadCount;
  std::unique_ptr<ThreadPool> pool; ///< made by the first loop that is worth it

  std::vector<Input> inputs;
  std::vector<Output> outputs;
  std::vector<void *> args;
  std::vector<Plan> plans;
  uint64_t runs = 0;
  Memory arena;
  bool succeeded = false;
  std::atomic<bool> busy{false};

  // The run in progress.
  mutable std::mutex mutex; ///< guards failure and scratch
  Error failure;
  std::unordered_set<void *> scratch; ///< blocks in use
  Scratch *kept = nullptr;            ///< freed, for the next requests, also of the next runs
  size_t keptBytes = 0;
  std::atomic<bool> abandoned{false}; ///< a thread has left the code: skip what is left of a loop
};

} // namespace optc::runtime

#endif // OPTC_RUNTIME_CONTEXT_H
