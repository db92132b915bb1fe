//===- CpuTest.cpp - generated code computes the right numbers -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small modules from text to running code.
//
//===----------------------------------------------------------------------===//
#include "test/unit/Target/CompiledModel.h"
#include "lib/Target/Cpu/Isa.h"
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace optc::test;

namespace {

std::vector<float> randomFloats(size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> values(-2, 2);
  std::vector<float> result(count);
  for (float &value : result)
    value = values(generator);
  return result;
}

/// One test per level this machine can run.
class CpuTest : public testing::TestWithParam<std::string> {
protected:
  CompiledModel compile(const std::string &source) { return CompiledModel(source, GetParam()); }
};

std::vector<std::string> levelsHere() {
  std::vector<std::string> names;
  const optc::cpu::CpuLevel *host = optc::cpu::hostCpuLevel();
  for (const optc::cpu::CpuLevel &level : optc::cpu::cpuLevels())
    if (host && &level <= host)
      names.push_back(level.name.str());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Levels, CpuTest, testing::ValuesIn(levelsHere()), [](const auto &info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

const char *const matmulSource = R"(
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
func.func @main(%a: tensor<?x3xf32>, %r: tensor<?x2xf32>)
    -> (tensor<?x2xf32>, tensor<?x3xf32>, tensor<?x2xf32>) attributes {optc.entry} {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %b = arith.constant dense<[0.5, -0.5]> : tensor<2xf32>
  %two = arith.constant dense<2.0> : tensor<f32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a, %c0 : tensor<?x3xf32>
  %z = arith.constant 0.0 : f32
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
  %mm = linalg.matmul ins(%a, %w : tensor<?x3xf32>, tensor<3x2xf32>)
                      outs(%f : tensor<?x2xf32>) -> tensor<?x2xf32>
  %g = linalg.generic {indexing_maps = [#id, #row, affine_map<(i, j) -> ()>, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%mm, %b, %two : tensor<?x2xf32>, tensor<2xf32>, tensor<f32>)
      outs(%e : tensor<?x2xf32>) {
    ^bb0(%x: f32, %y: f32, %t: f32, %o: f32):
      %s = arith.addf %x, %y : f32
      %u = arith.mulf %s, %t : f32
      linalg.yield %u : f32 } -> tensor<?x2xf32>
  %h = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%g, %r : tensor<?x2xf32>, tensor<?x2xf32>) outs(%e : tensor<?x2xf32>) {
    ^bb0(%x: f32, %y: f32, %o: f32):
      %s = arith.addf %x, %y : f32
      linalg.yield %s : f32 } -> tensor<?x2xf32>
  return %h, %a, %h : tensor<?x2xf32>, tensor<?x3xf32>, tensor<?x2xf32>
})";

} // namespace

TEST_P(CpuTest, matmulBiasResidualAtSeveralSizes) {
  CompiledModel model = compile(matmulSource);
  ASSERT_EQ(model.error, "");
  EXPECT_EQ(model.descriptor().num_entries, 1u);
  for (int64_t n : {0, 1, 7, 300}) {
    auto a = randomFloats(n * 3, 1), r = randomFloats(n * 2, 2);
    RunResult result = model.run({Array::of({n, 3}, a), Array::of({n, 2}, r)}, {4, 4, 4});
    ASSERT_EQ(result.outputs.size(), 3u);
    EXPECT_EQ(result.outputs[0].shape, (std::vector<int64_t>{n, 2}));
    auto h = result.outputs[0].as<float>();
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < 2; ++j) {
        float want = a[i * 3] * (j + 1) + a[i * 3 + 1] * (j + 3) + a[i * 3 + 2] * (j + 5);
        want = (want + (j ? -0.5f : 0.5f)) * 2 + r[i * 2 + j];
        EXPECT_NEAR(h[i * 2 + j], want, 1e-4);
      }
    EXPECT_EQ(result.outputs[1].as<float>(), a);
    EXPECT_EQ(result.outputs[2].as<float>(), h);
  }
}

TEST_P(CpuTest, sameSourceSameBytes) {
  EXPECT_EQ(compile(matmulSource).object, compile(matmulSource).object);
}
