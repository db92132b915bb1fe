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
#include "lib/Target/Host/CpuLevel.h"
#include "test/unit/Target/CompiledModel.h"
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

INSTANTIATE_TEST_SUITE_P(Levels, CpuTest, testing::ValuesIn(levelsHere()),
                         [](const auto &info) { return levelTestName(info.param); });

const char *const matmulSource = R"(
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
func.func @main(%a: tensor<?x3xf32>, %r: tensor<?x2xf32>)
    -> (tensor<?x2xf32>, tensor<?x3xf32>, tensor<?x2xf32>) attributes {run.entry = #run.entry} {
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

const char *const loopSource = R"(
#id = affine_map<(i) -> (i)>
// x * 2^n, in place.
func.func @scale(%x: tensor<?xf32>, %n: tensor<i64>) -> tensor<?xf32> attributes {run.entry = #run.entry} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %v = tensor.extract %n[] : tensor<i64>
  %k = arith.index_cast %v : i64 to index
  %d = tensor.dim %x, %c0 : tensor<?xf32>
  %r = scf.for %i = %c0 to %k step %c1 iter_args(%s = %x) -> tensor<?xf32> {
    %e = tensor.empty(%d) : tensor<?xf32>
    %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
        ins(%s : tensor<?xf32>) outs(%e : tensor<?xf32>) {
      ^bb0(%p: f32, %o: f32):
        %q = arith.addf %p, %p : f32
        linalg.yield %q : f32 } -> tensor<?xf32>
    scf.yield %y : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}
// n + 1 copies of x.
func.func @repeat(%x: tensor<?xf32>, %n: tensor<i64>) -> tensor<?xf32> attributes {run.entry = #run.entry} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %v = tensor.extract %n[] : tensor<i64>
  %k = arith.index_cast %v : i64 to index
  %r = scf.for %i = %c0 to %k step %c1 iter_args(%s = %x) -> tensor<?xf32> {
    %y = tensor.concat dim(0) %s, %x : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    scf.yield %y : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}
// Fibonacci: two states that trade places, until the second is above the limit.
func.func @fibonacci(%limit: tensor<i64>) -> (tensor<1xi64>, tensor<1xi64>)
    attributes {run.entry = #run.entry} {
  %c0 = arith.constant 0 : index
  %a = arith.constant dense<0> : tensor<1xi64>
  %b = arith.constant dense<1> : tensor<1xi64>
  %max = tensor.extract %limit[] : tensor<i64>
  %r:2 = scf.while (%p = %a, %q = %b) : (tensor<1xi64>, tensor<1xi64>)
      -> (tensor<1xi64>, tensor<1xi64>) {
    %now = tensor.extract %q[%c0] : tensor<1xi64>
    %more = arith.cmpi sle, %now, %max : i64
    scf.condition(%more) %p, %q : tensor<1xi64>, tensor<1xi64>
  } do {
  ^bb0(%p: tensor<1xi64>, %q: tensor<1xi64>):
    %e = tensor.empty() : tensor<1xi64>
    %s = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
        ins(%p, %q : tensor<1xi64>, tensor<1xi64>) outs(%e : tensor<1xi64>) {
      ^bb0(%x: i64, %y: i64, %o: i64):
        %z = arith.addi %x, %y : i64
        linalg.yield %z : i64 } -> tensor<1xi64>
    scf.yield %q, %s : tensor<1xi64>, tensor<1xi64>
  }
  return %r#0, %r#1 : tensor<1xi64>, tensor<1xi64>
}
// x or 2x.
func.func @either(%x: tensor<?xf32>, %flag: tensor<i8>) -> tensor<?xf32> attributes {run.entry = #run.entry} {
  %c0 = arith.constant 0 : index
  %v = tensor.extract %flag[] : tensor<i8>
  %z = arith.constant 0 : i8
  %k = arith.cmpi ne, %v, %z : i8
  %d = tensor.dim %x, %c0 : tensor<?xf32>
  %r = scf.if %k -> tensor<?xf32> {
    scf.yield %x : tensor<?xf32>
  } else {
    %e = tensor.empty(%d) : tensor<?xf32>
    %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
        ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) {
      ^bb0(%p: f32, %o: f32):
        %q = arith.addf %p, %p : f32
        linalg.yield %q : f32 } -> tensor<?xf32>
    scf.yield %y : tensor<?xf32>
  }
  return %r : tensor<?xf32>
})";

TEST_P(CpuTest, controlFlow) {
  CompiledModel model = compile(loopSource);
  ASSERT_EQ(model.error, "");
  std::vector<float> x{1, -2, 3};
  Array input = Array::of({3}, x);

  RunResult scaled = model.run({input, Array::of<int64_t>({}, {10})}, {4}, 0);
  EXPECT_EQ(scaled.outputs[0].as<float>(), (std::vector<float>{1024, -2048, 3072}));
  EXPECT_EQ(scaled.peakScratch, 0);
  EXPECT_EQ(model.run({input, Array::of<int64_t>({}, {0})}, {4}, 0).outputs[0].as<float>(), x);

  RunResult repeated = model.run({input, Array::of<int64_t>({}, {1000})}, {4}, 1);
  ASSERT_EQ(repeated.outputs[0].shape, (std::vector<int64_t>{3003}));
  for (int64_t i = 0; i < 3003; ++i)
    ASSERT_EQ(repeated.outputs[0].as<float>()[i], x[i % 3]);
  // Two states at a time, of 1000 that were made.
  EXPECT_LE(repeated.peakScratch, 2 * 3003 * 4);

  RunResult fibonacci = model.run({Array::of<int64_t>({}, {100})}, {8, 8}, 2);
  EXPECT_EQ(fibonacci.outputs[0].as<int64_t>()[0], 89);
  EXPECT_EQ(fibonacci.outputs[1].as<int64_t>()[0], 144);

  EXPECT_EQ(model.run({input, Array::of<int8_t>({}, {1})}, {4}, 3).outputs[0].as<float>(), x);
  EXPECT_EQ(model.run({input, Array::of<int8_t>({}, {0})}, {4}, 3).outputs[0].as<float>(),
            (std::vector<float>{2, -4, 6}));
}
