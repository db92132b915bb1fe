//===- CallerPoolTest.cpp - loops on the caller's threads -----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// parallel_for of the options of a context: from C (CallerPool.c), from C++, and pools that
// break its contract.
//
//===----------------------------------------------------------------------===//
#include "CallerPool.h"
#include "RuntimeFixture.h"
#include "optc/runtime.hpp"

#include <atomic>
#include <thread>

using namespace optc;
using namespace optc::test;

namespace {

TEST_F(Runtime, LoopsOnAPoolInC) {
  CallerPool pool = {3, 0, 0};
  optc_context *ctx = nullptr;
  ASSERT_EQ(codeOf(createOnCallerPool(model, &pool, &ctx)), 0);
  EXPECT_EQ(optc_context_threads(ctx), 3u);
  runAxpy(ctx, 300000);
  EXPECT_EQ(pool.loops, 1);
  runAxpy(ctx, 10); // too small for a second thread
  EXPECT_EQ(pool.loops, 1);
  pool.skip = 1;
  std::vector<float> x(300000);
  ASSERT_EQ(set(ctx, 0, OPTC_FLOAT, {300000}, x.data()), 0);
  ASSERT_EQ(set(ctx, 1, OPTC_FLOAT, {300000}, x.data()), 0);
  std::string message;
  EXPECT_EQ(codeOf(optc_context_run(ctx), &message), 7013);
  EXPECT_NE(message.find("ran 23 of 24 parts"), std::string::npos) << message;
  pool.skip = 0;
  runAxpy(ctx, 300000); // the failure is over
  optc_context_destroy(ctx);
}

/// Starts a thread per index, the last index first.
void threadPerIndex(void *user, int64_t trip, void (*body)(void *, int64_t), void *arg) {
  static_cast<std::atomic<int> *>(user)->fetch_add(int(trip));
  std::vector<std::thread> threads;
  for (int64_t index = trip; index-- > 0;)
    threads.emplace_back(body, arg, index);
  for (std::thread &thread : threads)
    thread.join();
}

TEST_F(Runtime, LoopsOnAPoolInCpp) {
  rt::Model wrapped;
  ASSERT_FALSE(wrapped.open(path));
  std::atomic<int> calls{0};
  optc_context_options options = rt::Context::defaults();
  options.threads = 2;
  options.parallel_for = threadPerIndex;
  options.parallel_for_user = &calls;
  rt::Context ctx;
  ASSERT_FALSE(ctx.create(wrapped, 0, options));
  runAxpy(ctx.get(), 100000);
  EXPECT_EQ(calls.load(), 16);
  ASSERT_FALSE(ctx.setThreads(1)); // nothing to share
  runAxpy(ctx.get(), 100000);
  EXPECT_EQ(calls.load(), 16);
}

/// A failure inside a loop leaves the part it is in, on whatever thread, and then the run.
TEST_F(Runtime, FailuresOnACallersPool) {
  std::atomic<int> calls{0};
  optc_context_options options = rt::Context::defaults();
  options.threads = 4;
  options.parallel_for = threadPerIndex;
  options.parallel_for_user = &calls;
  optc_context *ctx = nullptr;
  ASSERT_EQ(codeOf(optc_context_create(model, 1, &options, &ctx)), 0);
  int64_t value = 3;
  ASSERT_EQ(set(ctx, 0, OPTC_INT64, {}, &value), 0);
  std::string message;
  EXPECT_EQ(codeOf(optc_context_run(ctx), &message), 7009);
  EXPECT_EQ(message, "OPTC-E7009: loop node: item 777");
  value = 42;
  EXPECT_EQ(codeOf(optc_context_run(ctx)), 0);
  EXPECT_GT(calls.load(), 0);
  optc_context_destroy(ctx);
}

/// The options of a caller that knows no pools.
TEST_F(Runtime, OldOptionsHaveNoPool) {
  optc_context_options options = {};
  options.struct_size = offsetof(optc_context_options, parallel_for);
  options.threads = 2;
  options.parallel_for = [](void *, int64_t, void (*)(void *, int64_t), void *) { FAIL(); };
  optc_context *ctx = nullptr;
  ASSERT_EQ(codeOf(optc_context_create(model, 0, &options, &ctx)), 0);
  runAxpy(ctx, 100000);
  optc_context_destroy(ctx);
}

} // namespace
