//===- KernelFixture.cpp - a kernel against its decomposition --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See KernelFixture.h.
//
//===----------------------------------------------------------------------===//
#include "test/unit/Target/KernelFixture.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>

using namespace optc::test;

Array optc::test::randomArray(const Sizes &shape, std::mt19937 &generator) {
  std::uniform_real_distribution<float> values(-1, 1);
  size_t count = 1;
  for (int64_t size : shape)
    count *= size;
  std::vector<float> data(count);
  for (float &value : data)
    value = values(generator);
  return Array::of(shape, data);
}

void KernelFixture::compare(const std::vector<KernelCase> &cases) {
  std::string source;
  for (const KernelCase &one : cases)
    source += one.source;
  CompiledModel kernels(source, GetParam(), "cpu-decline-kernels");
  CompiledModel loops(source, GetParam(), "kernel-decompose");
  ASSERT_EQ(kernels.error, "");
  ASSERT_EQ(loops.error, "");
  std::mt19937 generator(7);
  for (auto [index, one] : llvm::enumerate(cases)) {
    SCOPED_TRACE(one.name);
    std::vector<Array> inputs;
    for (const Sizes &shape : one.inputs)
      inputs.push_back(randomArray(shape, generator));
    RunResult have = kernels.run(inputs, {4}, index), want = loops.run(inputs, {4}, index);
    ASSERT_EQ(have.error, "");
    ASSERT_EQ(have.outputs.size(), 1u);
    ASSERT_EQ(have.outputs[0].shape, one.result);
    compareValues(have.outputs[0].as<float>(), want.outputs[0].as<float>());
  }
}

void KernelFixture::compareValues(const std::vector<float> &have, const std::vector<float> &want) {
  float scale = 1;
  for (float value : want)
    scale = std::isnan(value) ? scale : std::max(scale, std::fabs(value));
  for (size_t i = 0; i < want.size(); ++i) {
    ASSERT_EQ(std::isnan(have[i]), std::isnan(want[i])) << "at " << i;
    if (!std::isnan(want[i]))
      ASSERT_NEAR(have[i], want[i], 2e-6f * scale) << "at " << i;
  }
}
