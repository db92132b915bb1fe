//===- Execution.cpp - inside a run ---------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Entering and leaving generated code, its loops and its scratch memory. Leaving is a
// longjmp, to the run or, in a loop, to the chunk: a loop ends before its caller is left,
// as other threads use the caller's stack. Nothing between setjmp and longjmp has a
// destructor.
//
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Context.h"

#include <algorithm>
#include <cstdlib>

namespace optc::runtime {

/// Where `leave` goes on this thread.
static thread_local jmp_buf *exitOfThread = nullptr;

/// Loops shorter than this, in ns, are not worth a second thread; nor are shorter chunks.
static constexpr double minParallel = 8000, minChunk = 2500;
/// Items are chunks of their own if chunks would have fewer than `fewItems`: one item more or less
/// would make them too uneven.
static constexpr double chunksPerThread = 8, fewItems = 4;

void Context::call(void *arenaBase, const int64_t *offsets) {
  jmp_buf exit;
  jmp_buf *outer = exitOfThread;
  exitOfThread = &exit;
  if (!_setjmp(exit))
    entry.code->run(this, model->weights(), arenaBase, offsets, args.data());
  exitOfThread = outer;
}

void Context::leave() {
  abandoned.store(true);
  longjmp(*exitOfThread, 1);
}

void Context::recordFailure(ErrorCode code, std::string message) {
  std::lock_guard<std::mutex> lock(mutex);
  if (!failure)
    failure = Error(code, std::move(message));
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

namespace {
struct Loop {
  ThreadPool::Body body;
  void *args;
  std::atomic<bool> *abandoned;
};
} // namespace

static void runChunk(void *data, int64_t begin, int64_t end) {
  const Loop *loop = static_cast<Loop *>(data);
  if (loop->abandoned->load(std::memory_order_relaxed))
    return;
  jmp_buf exit;
  jmp_buf *outer = exitOfThread;
  exitOfThread = &exit;
  if (!_setjmp(exit))
    loop->body(loop->args, begin, end);
  exitOfThread = outer;
}

/// Without memory for a pool there is none, and loops run on the caller.
void Context::makePool() noexcept {
  try {
    pool.reset(new ThreadPool(threadCount - 1, threading.avoidCaller));
    pool->followCaller();
  } catch (...) {
  }
}

void Context::parallel(ThreadPool::Body body, void *args, int64_t trip, int64_t cost) {
  if (trip <= 0)
    return;
  double total = double(trip) * double(std::max<int64_t>(cost, 1)); // ns
  if (threadCount < 2 || trip < 2 || total < minParallel)
    return body(args, 0, trip);
  if (!pool && !threading.callerPool)
    makePool();
  if (!pool && !threading.callerPool)
    return body(args, 0, trip);
  double most = std::min({double(trip), total / minChunk, double(ThreadPool::maxChunks)});
  double chunks = std::min(most, chunksPerThread * threadCount);
  if (trip < fewItems * chunks)
    chunks = most;
  Loop loop{body, args, &abandoned};
  if (threading.callerPool)
    runOnCallerPool(runChunk, &loop, trip, int64_t(chunks));
  else
    pool->run(runChunk, &loop, trip, uint32_t(chunks));
  if (abandoned.load())
    leave();
}

namespace {
/// A loop on a pool that is not ours.
struct CallerLoop {
  ThreadPool::Body body;
  void *data;
  int64_t trip, chunks;
  std::atomic<int64_t> finished;
};
} // namespace

static void runCallerChunk(void *arg, int64_t index) {
  CallerLoop &loop = *static_cast<CallerLoop *>(arg);
  if (index >= 0 && index < loop.chunks) {
    Range range = chunkRange(loop.trip, loop.chunks, index);
    loop.body(loop.data, range.begin, range.end);
  }
  loop.finished.fetch_add(1);
}

void Context::runOnCallerPool(ThreadPool::Body body, void *data, int64_t trip, int64_t chunks) {
  CallerLoop loop{body, data, trip, chunks, {}};
  threading.callerPool(threading.callerPoolUser, chunks, runCallerChunk, &loop);
  int64_t finished = loop.finished.load();
  if (finished == chunks)
    return;
  recordFailure(E7013, "the caller's parallel_for ran " + std::to_string(finished) + " of " +
                           std::to_string(chunks) + " parts of a loop");
  abandoned.store(true);
}

//===----------------------------------------------------------------------===//
// Scratch memory
//===----------------------------------------------------------------------===//

// Freed blocks of moderate size are kept for the next request, latest first: kernels take
// scratch in every chunk of a loop, and what a thread has just given back is in its cache.

/// Header of a block; the memory follows at 64 bytes.
struct alignas(64) Context::Scratch {
  Scratch *next;
  size_t bytes;
};

/// Larger blocks are not kept, nor more bytes than this per thread.
static constexpr size_t maxKept = 4 << 20;

/// Takes the latest block that is large enough out of the list. Under the mutex.
Context::Scratch *Context::takeKept(size_t bytes) {
  for (Scratch **link = &kept; *link; link = &(*link)->next) {
    Scratch *block = *link;
    if (block->bytes < bytes)
      continue;
    *link = block->next;
    keptBytes -= block->bytes;
    return block;
  }
  return nullptr;
}

void *Context::allocateScratch(int64_t bytes, const char *node) {
  constexpr int64_t limit = int64_t(1) << 47, unit = 64;
  Scratch *block = nullptr;
  if (bytes >= 0 && bytes <= limit) {
    size_t size = (bytes + unit - 1) / unit * unit;
    {
      std::lock_guard<std::mutex> lock(mutex);
      block = takeKept(size);
    }
    if (!block &&
        (block = static_cast<Scratch *>(std::aligned_alloc(unit, sizeof(Scratch) + size))))
      block->bytes = size;
  }
  if (!block) {
    std::string owner = node ? "node '" + std::string(node) + "': " : std::string();
    if (bytes < 0)
      recordFailure(E7009, owner + "a tensor gets a negative size from the values of the inputs");
    else
      recordFailure(E7008,
                    owner + "no memory for " + std::to_string(bytes) + " bytes of scratch space");
    return nullptr;
  }
  std::lock_guard<std::mutex> lock(mutex);
  scratch.insert(block + 1);
  return block + 1;
}

void Context::freeScratch(void *memory) {
  std::lock_guard<std::mutex> lock(mutex);
  if (scratch.erase(memory))
    keepOrFree(static_cast<Scratch *>(memory) - 1);
}

/// Under the mutex.
void Context::keepOrFree(Scratch *block) {
  if (block->bytes > maxKept || keptBytes + block->bytes > maxKept * threadCount) {
    std::free(block);
    return;
  }
  block->next = kept;
  kept = block;
  keptBytes += block->bytes;
}

void Context::freeScratch() {
  for (void *memory : scratch)
    std::free(static_cast<Scratch *>(memory) - 1);
  scratch.clear();
}

void Context::freeKept() {
  while (Scratch *block = kept) {
    kept = block->next;
    std::free(block);
  }
  keptBytes = 0;
}

} // namespace optc::runtime
