//===- WorkTest.cpp - counts of work, and code that measures itself -------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From the module's descriptor and from its calls of the profile's hooks: both must say the same,
// and neither change what the code computes.
//
//===----------------------------------------------------------------------===//
#include "test/unit/Target/CompiledModel.h"
#include "test/unit/Target/KernelSource.h"
#include <gtest/gtest.h>

using namespace optc::test;

namespace {

class WorkTest : public testing::TestWithParam<std::string> {
protected:
  /// Runs a kernel case plain and measured; checks that both agree, and what the measured one says.
  RunResult runBoth(const KernelCase &one, const std::string &family) {
    CompiledModel plain(one.source, GetParam()), measured(one.source, GetParam(), "", true);
    EXPECT_EQ(plain.error + measured.error, "");
    std::vector<Array> inputs;
    for (const Sizes &shape : one.inputs) {
      size_t count = 1;
      for (int64_t size : shape)
        count *= size;
      std::vector<float> values(count);
      for (size_t i = 0; i < count; ++i)
        values[i] = float(i % 13) - 6;
      inputs.push_back(Array::of(shape, values));
    }
    RunResult without = plain.run(inputs, {4}), with = measured.run(inputs, {4});
    EXPECT_EQ(without.outputs.at(0).bytes, with.outputs.at(0).bytes);
    EXPECT_TRUE(without.kernels.empty());
    EXPECT_EQ(plain.descriptor().work[0].kernels, nullptr);
    const optc_module_work &work = measured.descriptor().work[0];
    EXPECT_EQ(work.num_kernels, plain.descriptor().work[0].num_kernels);
    EXPECT_EQ(work.num_uncounted, 0u);
    EXPECT_EQ(with.kernels.size(), work.num_kernels);
    EXPECT_EQ(with.kernelsBegun, int(work.num_kernels));
    double told[3] = {};
    bool found = false;
    for (const RunResult::Kernel &kernel : with.kernels) {
      told[0] += kernel.multiplyAdds;
      told[1] += kernel.operations;
      told[2] += kernel.bytes;
      found |= work.kernels[kernel.index].family == family;
    }
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(told[i], with.work[i]);
      EXPECT_EQ(without.work[i], with.work[i]);
    }
    EXPECT_TRUE(found) << family;
    return with;
  }
};

INSTANTIATE_TEST_SUITE_P(Levels, WorkTest, testing::ValuesIn(levelsHere()),
                         [](const auto &info) { return levelTestName(info.param); });

TEST_P(WorkTest, matmulOfUnknownSize) {
  MatmulSpec spec{"mnk", {7, 24, 40}, "mk", "kn", "mn", "m", 24, true};
  RunResult result = runBoth(matmulCase("m", spec), "matmul");
  EXPECT_EQ(result.work[0], 7 * 24 * 40);
  // Bias, maximum and residual in the epilogue.
  EXPECT_EQ(result.work[1], 3 * 7 * 24);
  EXPECT_EQ(result.work[2], 4 * (7 * 40 + 24 * 40 + 24 + 2 * 7 * 24));
}

TEST_P(WorkTest, convAndDepthwise) {
  ConvSpec spec;
  spec.input = {10, 12};
  spec.channels = 16, spec.outputs = 32;
  spec.window = {3, 3}, spec.strides = {1, 1}, spec.dilations = {1, 1};
  spec.panels = 32, spec.alreadyPacked = true, spec.dynamic = true;
  EXPECT_EQ(runBoth(convCase("c", spec), "conv 3x3").work[0], 8 * 10 * 32 * 9 * 16);
  spec.outputs = spec.groups = 16;
  spec.panels = 0;
  EXPECT_EQ(runBoth(convCase("d", spec), "depthwise 3x3").work[0], 8 * 10 * 16 * 9);
}

TEST_P(WorkTest, poolHasNoMultiplyAdds) {
  PoolSpec spec{"max", 1, {8, 8}, 8, {2, 2}, {2, 2}, {1, 1}, {0, 0}, {0, 0}, false, false, true};
  RunResult result = runBoth(poolCase("p", spec), "pool");
  EXPECT_EQ(result.work[0], 0);
  EXPECT_GE(result.work[1], 4 * 4 * 8 * 4);
}

} // namespace
