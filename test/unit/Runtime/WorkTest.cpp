//===- WorkTest.cpp - counts of work, and the profile ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the sample module tells of itself arrives at the C interface, and a module of an older
// compiler, which tells nothing, runs.
//
//===----------------------------------------------------------------------===//
#include "RuntimeFixture.h"

using namespace optc;
using namespace optc::test;

namespace {

TEST_F(Runtime, WorkOfTheLastRun) {
  optc_context *ctx = context(0);
  optc_work work = {};
  work.struct_size = sizeof(work);
  EXPECT_EQ(codeOf(optc_context_work(ctx, &work)), 7011);
  EXPECT_EQ(codeOf(optc_context_work(ctx, nullptr)), 7004);
  for (size_t n : {100u, 7u}) {
    runAxpy(ctx, n);
    ASSERT_EQ(codeOf(optc_context_work(ctx, &work)), 0);
    EXPECT_EQ(work.multiply_adds, double(n));
    EXPECT_EQ(work.operations, 2.0 * n);
    EXPECT_EQ(work.bytes, 12.0 * n);
    EXPECT_EQ(work.kernels, 1u);
    EXPECT_EQ(work.uncounted, 0u);
  }
  // A caller that knows less of the struct.
  optc_work less = {};
  less.struct_size = offsetof(optc_work, operations);
  less.bytes = -1;
  ASSERT_EQ(codeOf(optc_context_work(ctx, &less)), 0);
  EXPECT_EQ(less.multiply_adds, 7);
  EXPECT_EQ(less.bytes, -1);
  optc_context_destroy(ctx);
}

TEST_F(Runtime, ProfileSumsUpCalls) {
  optc_context *ctx = context(0);
  ASSERT_EQ(optc_context_profile_size(ctx), 1u);
  EXPECT_EQ(optc_context_profile(ctx, 1), nullptr);
  runAxpy(ctx, 10);
  runAxpy(ctx, 20);
  const optc_kernel_profile *kernel = optc_context_profile(ctx, 0);
  ASSERT_TRUE(kernel);
  EXPECT_STREQ(kernel->nodes, "/x/Mul\n/x/Add");
  EXPECT_STREQ(kernel->family, "elementwise");
  EXPECT_EQ(kernel->calls, 2u);
  EXPECT_GT(kernel->seconds, 0);
  EXPECT_LT(kernel->seconds, 10);
  EXPECT_EQ(kernel->multiply_adds, 30);
  EXPECT_EQ(kernel->bytes, 12 * 30);
  optc_context_profile_reset(ctx);
  EXPECT_EQ(kernel->calls, 0u);
  EXPECT_EQ(kernel->seconds, 0);
  EXPECT_STREQ(kernel->family, "elementwise");
  optc_context_destroy(ctx);
  ctx = context(1); // not built to be profiled
  EXPECT_EQ(optc_context_profile_size(ctx), 0u);
  optc_context_destroy(ctx);
  EXPECT_EQ(optc_context_profile_size(nullptr), 0u);
  optc_context_profile_reset(nullptr);
}

TEST_F(Runtime, ModulesOfOlderCompilersRun) {
  artifact::Writer writer;
  addSampleModule(writer, std::string(leastLevel().name), OPTC_OLD_SAMPLE_MODULE);
  std::string old = path + ".old";
  ASSERT_FALSE(writer.write(old, sampleModuleManifest()));
  optc_model_destroy(model);
  model = nullptr;
  ASSERT_EQ(codeOf(optc_model_open(old.c_str(), nullptr, &model)), 0);
  unlink(old.c_str());
  optc_context *ctx = context(0);
  runAxpy(ctx, 100);
  optc_work work = {};
  work.struct_size = sizeof(work);
  EXPECT_EQ(codeOf(optc_context_work(ctx, &work)), 0);
  EXPECT_EQ(work.kernels, 0u);
  EXPECT_EQ(work.multiply_adds, 0);
  EXPECT_EQ(optc_context_profile_size(ctx), 0u);
  optc_context_destroy(ctx);
}

} // namespace
