//===- ConcurrencyTest.cpp - one model, several threads -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Contexts of one loaded model that run at the same time: with shapes, failures and threads of
// their own. To be run under ThreadSanitizer when what contexts share has changed.
//
//===----------------------------------------------------------------------===//
#include "RuntimeFixture.h"
#include "SampleArtifact.h"
#include "optc/runtime.h"

#include <atomic>
#include <functional>
#include <thread>

using namespace optc;
using namespace optc::test;

namespace {

using Concurrency = Runtime;

/// Runs the entry 'check' with a value; the code of the failure.
int runCheck(optc_context *context, int64_t value) {
  EXPECT_EQ(set(context, 0, OPTC_INT64, {}, &value), 0);
  int code = codeOf(optc_context_run(context));
  optc_tensor tensor;
  if (!code) {
    EXPECT_EQ(codeOf(optc_context_output(context, 0, &tensor)), 0);
    EXPECT_EQ(*static_cast<const int64_t *>(tensor.data), value);
  }
  return code;
}

void runAll(const std::vector<std::function<void()>> &bodies) {
  std::atomic<size_t> ready{0};
  std::vector<std::thread> threads;
  for (const auto &body : bodies)
    threads.emplace_back([&] {
      for (++ready; ready < bodies.size();)
        std::this_thread::yield(); // all begin together
      body();
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST_F(Concurrency, ShapesAreOfAContext) {
  std::vector<std::function<void()>> bodies;
  for (size_t number = 0; number < 4; ++number)
    bodies.push_back([this, number] {
      // Two contexts per thread, the loops of every other one on several threads.
      optc_context *one = context(0, 1 + number % 2 * 2), *two = context(0);
      for (size_t round = 0; round < 40; ++round) {
        runAxpy(one, (round * 7919 + number * 104729) % 30000);
        runAxpy(two, round % 3 * 10 + number);
      }
      optc_context_destroy(one);
      optc_context_destroy(two);
    });
  runAll(bodies);
}

TEST_F(Concurrency, FailuresAreOfAContext) {
  std::vector<std::function<void()>> bodies;
  for (int64_t number = 0; number < 4; ++number)
    bodies.push_back([this, number] {
      optc_context *ctx = context(1, 1 + number % 3);
      for (int64_t round = 0; round < 30; ++round) {
        const int64_t values[] = {42, 3, 8, 4, 10, 1, 9, 7};
        const int codes[] = {0, 7009, 0, 7009, 0, 7009, 7009, 7008};
        size_t at = (round + number * 3) % 8;
        EXPECT_EQ(runCheck(ctx, values[at]), codes[at]) << values[at];
      }
      optc_context_destroy(ctx);
    });
  runAll(bodies);
}

TEST_F(Concurrency, ContextsComeAndGo) {
  std::vector<std::function<void()>> bodies;
  for (size_t number = 0; number < 4; ++number)
    bodies.push_back([this, number] {
      for (size_t round = 0; round < 20; ++round) {
        optc_context *ctx = context(number % 2 ? 2 : 0, 2);
        if (number % 2) {
          int64_t size = 100 * round;
          EXPECT_EQ(set(ctx, 0, OPTC_INT64, {}, &size), 0);
          EXPECT_EQ(codeOf(optc_context_run(ctx)), 0);
        } else {
          runAxpy(ctx, 1000 * round);
        }
        optc_context_destroy(ctx);
      }
    });
  runAll(bodies);
}

TEST_F(Concurrency, OneContextRunsOnOneThreadAtATime) {
  optc_context *ctx = context(2);
  int64_t size = 2000000;
  ASSERT_EQ(set(ctx, 0, OPTC_INT64, {}, &size), 0);
  std::atomic<int> busy{0}, done{0};
  std::vector<std::function<void()>> bodies(3, [&] {
    int code = codeOf(optc_context_run(ctx));
    EXPECT_TRUE(code == 0 || code == 7012) << code;
    ++(code ? busy : done);
  });
  runAll(bodies);
  EXPECT_GE(done, 1);
  EXPECT_EQ(done + busy, 3);
  optc_context_destroy(ctx);
}

} // namespace
