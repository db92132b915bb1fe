//===- KernelTest.cpp - the CPU kernels against their decomposition -------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// On sizes that leave tails in every dim, known and unknown at compile time.
//
//===----------------------------------------------------------------------===//
#include "test/unit/Target/KernelFixture.h"

#include <algorithm>
#include <cstring>

using namespace optc::test;

namespace {

using KernelTest = KernelFixture;

/// Element `index` of a 3x3 convolution to [side][side][outputs].
double referenceConv(const std::vector<float> &x, const std::vector<float> &w, int64_t side,
                     int64_t channels, int64_t outputs, int64_t index) {
  int64_t output = index % outputs, place = index / outputs;
  double sum = 0;
  for (int64_t tap = 0; tap < 9; ++tap) {
    int64_t at = (place / side + tap / 3) * (side + 2) + place % side + tap % 3;
    for (int64_t c = 0; c < channels; ++c)
      sum += double(x[at * channels + c]) * w[(output * channels + c) * 9 + tap];
  }
  return sum;
}

INSTANTIATE_TEST_SUITE_P(Levels, KernelTest, testing::ValuesIn(levelsHere()),
                         [](const auto &info) { return levelTestName(info.param); });

} // namespace

TEST_P(KernelTest, matmulOfPackedWeights) {
  std::vector<KernelCase> cases;
  struct Size {
    int64_t m, n, k, panels;
  };
  int count = 0;
  for (Size size : {Size{7, 64, 33, 64}, Size{97, 96, 20, 48}, Size{1, 1, 5, 8},
                    Size{13, 24, 64, 24}, Size{101, 40, 9, 40}, Size{11, 5, 7, 8},
                    Size{103, 109, 50, 64}, Size{6, 120, 1, 40}, Size{200, 56, 3, 56}})
    for (std::string dynamic : {"", "m", "mk"}) {
      MatmulSpec spec{"mnk", {size.m, size.n, size.k}, "mk", "kn", "mn", dynamic, size.panels};
      if (dynamic == "mk") // what is packed has a known size
        spec.dynamic = "m", spec.rhs = "nk";
      cases.push_back(matmulCase("packed" + std::to_string(count++), spec));
    }
  cases.push_back(
      matmulCase("rows_of_two_dims", {"bmnk", {3, 5, 40, 24}, "bmk", "kn", "bmn", "bm", 40}));
  cases.push_back(matmulCase("rows_apart", {"bmnk", {3, 5, 40, 24}, "mbk", "kn", "bmn", "bm", 40}));
  compare(cases);
}

TEST_P(KernelTest, matmulOfTwoInputs) {
  std::vector<KernelCase> cases;
  int count = 0;
  for (std::string dynamic : {"", "bmn", "bhmnk"}) {
    std::string suffix = std::to_string(count++);
    Sizes scores = {2, 3, 17, 37, 32}, values = {2, 3, 17, 32, 37};
    cases.push_back(
        matmulCase("scores" + suffix, {"bhmnk", scores, "bmhk", "bnhk", "bhmn", dynamic}));
    cases.push_back(
        matmulCase("values" + suffix, {"bhmnk", values, "bhmk", "bhkn", "bhmn", dynamic}));
    cases.push_back(matmulCase("values_transposed" + suffix,
                               {"bhmnk", values, "bhmk", "bhkn", "bmhn", dynamic}));
  }
  cases.push_back(matmulCase("grouped_heads",
                             {"bhgmnk", {2, 2, 4, 9, 70, 24}, "bmhgk", "bnhk", "bhgmn", "bmn"}));
  cases.push_back(matmulCase("long_sums", {"mnk", {9, 20, 600}, "mk", "nk", "mn", "m"}));
  cases.push_back(matmulCase("one_column", {"mnk", {9, 1, 60}, "mk", "nk", "mn", "m"}));
  cases.push_back(matmulCase("outer_product", {"mnk", {9, 20, 1}, "mk", "nk", "mn", ""}));
  compare(cases);
}

TEST_P(KernelTest, conv) {
  std::vector<KernelCase> cases;
  int count = 0;
  auto add = [&](ConvSpec spec) {
    for (bool dynamic : {false, true}) {
      spec.dynamic = dynamic;
      cases.push_back(convCase("conv" + std::to_string(count++), spec));
    }
  };
  add({1, {9, 8}, 6, 10, {3, 3}, {1, 1}, {1, 1}, 1, 16});
  add({2, {11, 10}, 8, 12, {3, 2}, {2, 1}, {1, 2}, 2, 8});
  add({1, {17}, 5, 5, {4}, {3}, {2}, 5, 8});
  add({1, {5, 6, 7}, 4, 6, {2, 3, 2}, {1, 2, 1}, {1, 1, 1}, 1, 8});
  add({2, {15, 15}, 16, 100, {1, 1}, {1, 1}, {1, 1}, 1, 64});
  add({1, {15, 15}, 16, 48, {1, 1}, {2, 2}, {1, 1}, 1, 48});
  add({1, {5, 1}, 3, 24, {3, 1}, {1, 1}, {1, 1}, 1, 24});
  auto addPhases = [&](ConvSpec spec, Sizes phases) {
    spec.phases = std::move(phases);
    add(spec);
  };
  addPhases({2, {7, 19}, 16, 24, {1, 1}, {1, 1}, {1, 1}, 1, 24}, {2, 2});
  addPhases({1, {9, 6}, 6, 20, {2, 3}, {2, 1}, {1, 1}, 2, 16}, {1, 3});
  addPhases({1, {11}, 5, 100, {2}, {1}, {1}, 1, 64}, {4});
  compare(cases);
}

// Tiles that stick out of the image, prime sizes, one output, channels that fill no vector, blocks
// over several images, panels of several widths.
TEST_P(KernelTest, winograd) {
  std::vector<KernelCase> cases;
  int count = 0;
  auto add = [&](int64_t batch, int64_t height, int64_t width, int64_t channels, int64_t outputs,
                 int64_t panels) {
    for (int64_t tile : {2, 4})
      for (bool dynamic : {false, true}) {
        ConvSpec spec{
            batch,  {height + 2, width + 2}, channels, outputs, {3, 3}, {1, 1}, {1, 1}, 1, panels,
            dynamic};
        spec.winograd = tile;
        cases.push_back(convCase("winograd" + std::to_string(count++), spec));
      }
  };
  add(1, 1, 1, 3, 5, 8);
  add(1, 13, 11, 5, 20, 24);
  add(2, 7, 17, 24, 3, 8);
  add(2, 8, 12, 16, 32, 32);
  add(1, 29, 31, 20, 96, 48);
  add(3, 5, 6, 33, 40, 40);
  add(1, 10, 3, 8, 70, 32);
  add(5, 3, 2, 17, 64, 16);
  compare(cases);
}

// Against sums in double precision. The largest error grows slowly with the number of channels.
TEST_P(KernelTest, winogradErrors) {
  constexpr int64_t side = 12, outputs = 8;
  for (int64_t channels : {16, 256})
    for (int64_t tile : {2, 4}) {
      ConvSpec spec{1, {side + 2, side + 2}, channels, outputs, {3, 3}, {1, 1}, {1, 1}, 1, outputs};
      spec.winograd = tile;
      CompiledModel kernel(convCase("winograd", spec).source, GetParam(), "cpu-decline-kernels");
      ASSERT_EQ(kernel.error, "");
      std::mt19937 generator(5);
      Array x = randomArray({1, side + 2, side + 2, channels}, generator);
      Array w = randomArray({outputs, channels, 3, 3}, generator);
      Array bias = randomArray({outputs}, generator),
            none = Array::of({1, side, side, outputs}, std::vector<float>(side * side * outputs));
      std::vector<float> have = kernel.run({x, w, bias, none}, {4}).outputs[0].as<float>();
      double error = 0, scale = 0;
      for (size_t i = 0; i < have.size(); ++i) {
        double want = referenceConv(x.as<float>(), w.as<float>(), side, channels, outputs, i);
        want = std::max(want + bias.as<float>()[i % outputs], 0.0);
        error = std::max(error, std::fabs(have[i] - want));
        scale = std::max(scale, std::fabs(want));
      }
      EXPECT_LE(error, (tile == 2 ? 1e-6 : 3e-6) * scale) << channels << " channels, tile " << tile;
    }
}

/// A convolution of 32 channels to 8 on 12 x 12 places, whose operands become bf16 first.
/// The filter is packed in the layout #winograd, as numbers of type !packed.
static const char *const narrowWinograd = R"(
#id = affine_map<(a, b, c, d) -> (a, b, c, d)>
func.func @winograd(%x: tensor<1x14x14x32xf32>, %w: tensor<8x32x3x3xf32>) -> tensor<1x12x12x8xf32> attributes {run.entry = #run.entry} {
  %xi = tensor.empty() : tensor<1x14x14x32xbf16>
  %xn = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x14x14x32xf32>) outs(%xi : tensor<1x14x14x32xbf16>) {
  ^bb0(%a: f32, %b: bf16):
    %n = arith.truncf %a : f32 to bf16
    linalg.yield %n : bf16
  } -> tensor<1x14x14x32xbf16>
  %wi = tensor.empty() : tensor<8x32x3x3xbf16>
  %wn = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%w : tensor<8x32x3x3xf32>) outs(%wi : tensor<8x32x3x3xbf16>) {
  ^bb0(%a: f32, %b: bf16):
    %n = arith.truncf %a : f32 to bf16
    linalg.yield %n : bf16
  } -> tensor<8x32x3x3xbf16>
  %place = tensor.empty() : !packed
  %packed = kernel.pack filter %wn into %place {layout = #winograd}
      : (tensor<8x32x3x3xbf16>, !packed) -> !packed
  %init = tensor.empty() : tensor<1x12x12x8xf32>
  %r = kernel.conv %xn, %packed into %init {window = array<i64: 3, 3>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>, groups = 1, layout = #winograd}
      : (tensor<1x14x14x32xbf16>, !packed, tensor<1x12x12x8xf32>) -> tensor<1x12x12x8xf32> {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return %r : tensor<1x12x12x8xf32>
}
)";

/// A number without the digits that a bf16 has not.
static float asNarrow(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  bits &= 0xffff0000u;
  std::memcpy(&value, &bits, sizeof(bits));
  return value;
}

static double errorOfNarrowWinograd(const std::string &source, const std::string &level,
                                    const char *pass) {
  constexpr int64_t side = 12, channels = 32, outputs = 8;
  CompiledModel kernel(source, level, pass);
  EXPECT_EQ(kernel.error, "");
  if (!kernel.error.empty())
    return 0;
  std::mt19937 generator(5);
  std::vector<float> x = randomArray({1, side + 2, side + 2, channels}, generator).as<float>();
  std::vector<float> w = randomArray({outputs, channels, 3, 3}, generator).as<float>();
  std::transform(x.begin(), x.end(), x.begin(), asNarrow);
  std::transform(w.begin(), w.end(), w.begin(), asNarrow);
  std::vector<float> have = kernel
                                .run({Array::of({1, side + 2, side + 2, channels}, x),
                                      Array::of({outputs, channels, 3, 3}, w)},
                                     {4})
                                .outputs[0]
                                .as<float>();
  double error = 0, scale = 0;
  for (size_t i = 0; i < have.size(); ++i) {
    double want = referenceConv(x, w, side, channels, outputs, i);
    error = std::max(error, std::fabs(have[i] - want));
    scale = std::max(scale, std::fabs(want));
  }
  return error / scale;
}

// In f32, Winograd of bf16 rounds nothing that the direct sum would not, beyond what f32 does.
// Products of pairs round what was transformed, tiles of 2 with a third of the errors of tiles
// of 4. From the emitter, and from the decomposition, which transforms the filter back.
TEST_P(KernelTest, winogradErrorsOfBf16) {
  struct Form {
    const char *layout, *packed;
    double error;
  };
  for (const Form &form :
       {Form{"#kernel.winograd<4, panels = <8>>", "tensor<9216xf32>", 3e-6},
        Form{"#kernel.winograd<4, panels = <8 interleave 2>>", "tensor<9216xbf16>", 3e-2},
        Form{"#kernel.winograd<2, panels = <8 interleave 2>>", "tensor<4096xbf16>", 1e-2}}) {
    std::string source =
        std::string("#winograd = ") + form.layout + "\n!packed = " + form.packed + narrowWinograd;
    for (const char *pass : {"cpu-decline-kernels", "kernel-decompose"})
      EXPECT_LE(errorOfNarrowWinograd(source, GetParam(), pass), form.error)
          << form.layout << ", " << pass;
  }
}

TEST_P(KernelTest, depthwise) {
  std::vector<KernelCase> cases;
  int count = 0;
  auto add = [&](ConvSpec spec) {
    for (bool dynamic : {false, true}) {
      spec.dynamic = dynamic;
      cases.push_back(convCase("depthwise" + std::to_string(count++), spec));
    }
  };
  add({1, {9, 8}, 6, 6, {3, 3}, {1, 1}, {1, 1}, 6});
  add({2, {12, 19}, 24, 24, {5, 5}, {1, 1}, {1, 1}, 24});
  add({1, {21, 30}, 40, 40, {3, 3}, {2, 2}, {1, 1}, 40});
  add({1, {40}, 33, 33, {31}, {1}, {1}, 33});
  add({1, {14, 15}, 17, 17, {3, 3}, {1, 1}, {2, 2}, 17});
  add({1, {4, 5, 6}, 16, 16, {2, 2, 3}, {1, 1, 1}, {1, 1, 1}, 16});
  compare(cases);
}

TEST_P(KernelTest, pool) {
  std::vector<KernelCase> cases;
  int count = 0;
  for (std::string kind : {"max", "average"})
    for (bool dynamic : {false, true}) {
      auto add = [&](PoolSpec spec) {
        spec.dynamic = dynamic;
        cases.push_back(poolCase("pool" + std::to_string(count++), spec));
      };
      add({kind, 1, {9, 8}, 70, {3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}, false, false});
      add({kind, 2, {7, 6}, 16, {2, 2}, {2, 2}, {1, 1}, {0, 0}, {0, 0}, false, true});
      add({kind, 1, {13}, 5, {3}, {1}, {2}, {2}, {1}, true, false});
      add({kind,
           1,
           {5, 6, 4},
           8,
           {2, 3, 2},
           {1, 2, 1},
           {1, 1, 1},
           {0, 1, 1},
           {1, 1, 0},
           true,
           false});
    }
  compare(cases);
}

// The residual is a temporary that dies at the matmul: the result takes its memory.
TEST_P(KernelTest, residualSharesMemoryWithTheResult) {
  const char *const source = R"(
#id = affine_map<(m, n) -> (m, n)>
func.func @main(%x: tensor<?x40xf32>, %w: tensor<40x24xf32>, %r: tensor<?x24xf32>)
    -> tensor<?x24xf32> attributes {run.entry = #run.entry} {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x40xf32>
  %e0 = tensor.empty(%m) : tensor<?x24xf32>
  %residual = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%r : tensor<?x24xf32>) outs(%e0 : tensor<?x24xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.mulf %a, %a : f32
    linalg.yield %b : f32
  } -> tensor<?x24xf32>
  %e1 = tensor.empty(%m) : tensor<?x24xf32>
  %y = kernel.matmul %x, %w with %residual into %e1 {
      maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
              affine_map<(m, n, k) -> (m, n)>], extra_maps = [#id]}
      : (tensor<?x40xf32>, tensor<40x24xf32>, tensor<?x24xf32>, tensor<?x24xf32>) -> tensor<?x24xf32> {
  ^bb0(%acc: f32, %q: f32):
    %s = arith.addf %acc, %q : f32
    kernel.yield %s : f32
  }
  %e2 = tensor.empty(%m) : tensor<?x24xf32>
  %z = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y : tensor<?x24xf32>) outs(%e2 : tensor<?x24xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.addf %a, %a : f32
    linalg.yield %b : f32
  } -> tensor<?x24xf32>
  return %z : tensor<?x24xf32>
})";
  CompiledModel kernel(source, GetParam());
  CompiledModel loops(source, GetParam(), "kernel-decompose");
  ASSERT_EQ(kernel.error, "");
  std::mt19937 generator(3);
  for (int64_t m : {1, 5, 20, 131}) {
    std::vector<Array> inputs = {randomArray({m, 40}, generator), randomArray({40, 24}, generator),
                                 randomArray({m, 24}, generator)};
    RunResult have = kernel.run(inputs, {4}), want = loops.run(inputs, {4});
    EXPECT_LE(have.arenaBytes, (m * 24 * 4 + 63) / 64 * 64);
    compareValues(have.outputs[0].as<float>(), want.outputs[0].as<float>());
  }
}

// The same for Winograd, whose tiles read and store by place.
TEST_P(KernelTest, residualSharesMemoryWithTheResultOfWinograd) {
  const char *const source = R"(
#id = affine_map<(n, y, x, c) -> (n, y, x, c)>
func.func @main(%x: tensor<?x8x9x16xf32>, %w: tensor<24x16x3x3xf32>, %r: tensor<?x6x7x24xf32>)
    -> tensor<?x6x7x24xf32> attributes {run.entry = #run.entry} {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8x9x16xf32>
  %e0 = tensor.empty(%n) : tensor<?x6x7x24xf32>
  %residual = linalg.generic {indexing_maps = [#id, #id],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%r : tensor<?x6x7x24xf32>) outs(%e0 : tensor<?x6x7x24xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.mulf %a, %a : f32
    linalg.yield %b : f32
  } -> tensor<?x6x7x24xf32>
  %place = tensor.empty() : tensor<13824xf32>
  %packed = kernel.pack filter %w into %place {layout = #kernel.winograd<4, panels = <24>>}
      : (tensor<24x16x3x3xf32>, tensor<13824xf32>) -> tensor<13824xf32>
  %e1 = tensor.empty(%n) : tensor<?x6x7x24xf32>
  %y = kernel.conv %x, %packed with %residual into %e1 {window = array<i64: 3, 3>,
      strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1,
      layout = #kernel.winograd<4, panels = <24>>, extra_maps = [#id]}
      : (tensor<?x8x9x16xf32>, tensor<13824xf32>, tensor<?x6x7x24xf32>, tensor<?x6x7x24xf32>)
      -> tensor<?x6x7x24xf32> {
  ^bb0(%acc: f32, %q: f32):
    %s = arith.addf %acc, %q : f32
    kernel.yield %s : f32
  }
  %e2 = tensor.empty(%n) : tensor<?x6x7x24xf32>
  %z = linalg.generic {indexing_maps = [#id, #id],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%y : tensor<?x6x7x24xf32>) outs(%e2 : tensor<?x6x7x24xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.addf %a, %a : f32
    linalg.yield %b : f32
  } -> tensor<?x6x7x24xf32>
  return %z : tensor<?x6x7x24xf32>
})";
  CompiledModel kernel(source, GetParam(), "cpu-decline-kernels");
  CompiledModel loops(source, GetParam(), "kernel-decompose");
  ASSERT_EQ(kernel.error, "");
  std::mt19937 generator(3);
  for (int64_t n : {1, 3}) {
    std::vector<Array> inputs = {randomArray({n, 8, 9, 16}, generator),
                                 randomArray({24, 16, 3, 3}, generator),
                                 randomArray({n, 6, 7, 24}, generator)};
    RunResult have = kernel.run(inputs, {4}), want = loops.run(inputs, {4});
    constexpr int64_t packedBytes = 13824 * 4;
    EXPECT_LE(have.arenaBytes - packedBytes, (n * 6 * 7 * 24 * 4 + 63) / 64 * 64);
    compareValues(have.outputs[0].as<float>(), want.outputs[0].as<float>());
  }
}
