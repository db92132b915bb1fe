//===- KernelBench.cpp - speed of the CPU kernels -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints GFLOP/s of matmul, conv, depthwise and attention kernels on shapes of the real models,
// beside the machine's peak of fused multiply-adds. Weights are random in the packed layout.
// GFLOP/s of Winograd kernels count the operations of the direct kernel. "Cold" are times of runs
// whose weights come from memory, as in a model with more weights than cache.
//
//     KernelBench [LEVEL [PART-OF-NAME]]
//
//===----------------------------------------------------------------------===//
#include "lib/Support/Unroll.h"
#include "lib/Target/Cpu/Kernels/PanelCost.h"
#include "lib/Target/Cpu/Kernels/WinogradCost.h"
#include "lib/Target/Host/CpuLevel.h"
#include "mlir/IR/MLIRContext.h"
#include "test/bench/ColdMemory.h"
#include "test/unit/Target/CompiledModel.h"
#include "test/unit/Target/KernelSource.h"
#include <chrono>
#include <cstdio>
#include <limits>
#include <random>

using namespace optc::test;
using optc::cpu::choosePanelWidth;

namespace {

typedef float Vector __attribute__((vector_size(32)));

/// GFLOP/s of independent 256-bit multiply-adds.
__attribute__((target("avx2,fma"), noinline)) double measurePeak() {
  constexpr int chains = 12;
  constexpr int64_t steps = 2'000'000;
  double best = 0;
  Vector sums[chains] = {};
  Vector factor = {0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f}, added = factor;
  asm volatile("" : "+x"(factor), "+x"(added));
  for (int repeat = 0; repeat < 20; ++repeat) {
    auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < steps; ++i) {
      OPTC_UNROLL
      for (Vector &sum : sums)
        asm("vfmadd213ps %1, %2, %0" : "+x"(sum) : "x"(added), "x"(factor));
    }
    std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    best = std::max(best, 2.0 * 8 * chains * steps / time.count() / 1e9);
  }
  asm volatile("" : : "x"(sums[0]), "x"(sums[chains - 1]));
  return best;
}

KernelCase matmul(int64_t m, int64_t n, int64_t k, bool dynamic = false) {
  std::string name = "matmul_" + std::to_string(m) + "x" + std::to_string(n) + "x" +
                     std::to_string(k) + (dynamic ? "_dynamic" : "");
  MatmulSpec spec{"mnk", {m, n, k}, "mk", "kn", "mn", dynamic ? "m" : "", choosePanelWidth({n, k}),
                  true};
  return matmulCase(name, spec);
}

KernelCase conv(int64_t size, int64_t channels, int64_t outputs, int64_t window, int64_t stride = 1,
                bool dynamic = false) {
  std::string name = "conv" + std::to_string(window) + "_" + std::to_string(size) + "_" +
                     std::to_string(channels) + "to" + std::to_string(outputs) + "_s" +
                     std::to_string(stride) + (dynamic ? "_dynamic" : "");
  int64_t input = (size - 1) * stride + window;
  ConvSpec spec{1,
                {input, input},
                channels,
                outputs,
                {window, window},
                {stride, stride},
                {1, 1},
                1,
                choosePanelWidth({outputs, channels * window * window}),
                dynamic,
                true};
  return convCase(name, spec);
}

KernelCase winograd(int64_t size, int64_t channels, int64_t outputs, int64_t tile,
                    bool dynamic = false) {
  std::string name = "winograd" + std::to_string(tile) + "_" + std::to_string(size) + "_" +
                     std::to_string(channels) + "to" + std::to_string(outputs) +
                     (dynamic ? "_dynamic" : "");
  mlir::MLIRContext context;
  context.loadDialect<optc::kernel::KernelDialect>();
  int64_t panels = optc::cpu::winogradLayout(&context, {tile}, outputs).getPanels().getWidth();
  ConvSpec spec{1,        {size + 2, size + 2},
                channels, outputs,
                {3, 3},   {1, 1},
                {1, 1},   1,
                panels,   dynamic,
                true,     tile};
  return convCase(name, spec);
}

KernelCase depthwise(int64_t size, int64_t channels, int64_t window, int64_t stride,
                     bool dynamic = false) {
  std::string name = "depthwise" + std::to_string(window) + "_" + std::to_string(size) + "_" +
                     std::to_string(channels) + "_s" + std::to_string(stride) +
                     (dynamic ? "_dynamic" : "");
  int64_t input = (size - 1) * stride + window;
  ConvSpec spec{
      1, {input, input}, channels, channels, {window, window}, {stride, stride}, {1, 1}, channels,
      0, dynamic,        true};
  return convCase(name, spec);
}

/// Heads side by side, as projections make them, behind `keys` - `queries` keys of the past.
KernelCase attention(int64_t groups, int64_t heads, int64_t queries, int64_t keys, int64_t size,
                     const std::string &bounds = "") {
  std::string name = "attention_" + std::to_string(groups * heads) + "x" + std::to_string(queries) +
                     "x" + std::to_string(keys) + "x" + std::to_string(size) +
                     (bounds.empty() ? "" : "_bounded");
  AttentionSpec spec{{1, groups, heads, queries, keys, size, size},
                     "bsnrd",
                     "bntd",
                     "bnte",
                     "bsnre",
                     "bt",
                     false,
                     "st",
                     bounds,
                     {},
                     {}};
  if (!bounds.empty())
    spec.offset = {keys - queries};
  return attentionCase(name, spec);
}

std::vector<KernelCase> shapes() {
  std::vector<KernelCase> all = {matmul(384, 384, 384),
                                 matmul(512, 512, 2048),
                                 matmul(512, 2048, 512),
                                 matmul(3136, 64, 64),
                                 matmul(128, 1536, 576),
                                 matmul(128, 576, 1536),
                                 matmul(128, 1536, 576, true),
                                 matmul(40, 6625, 120),
                                 matmul(1, 1536, 576),
                                 conv(56, 64, 256, 1),
                                 conv(14, 256, 1024, 1),
                                 conv(160, 12, 96, 1),
                                 conv(320, 16, 32, 1),
                                 conv(80, 96, 96, 1),
                                 conv(40, 88, 200, 1),
                                 conv(112, 3, 64, 7, 2),
                                 conv(320, 3, 16, 3, 2),
                                 conv(80, 96, 96, 1, 1, true),
                                 conv(56, 64, 64, 3, 1, true),
                                 winograd(56, 64, 64, 4, true),
                                 depthwise(56, 144, 3, 1),
                                 depthwise(14, 576, 3, 1),
                                 depthwise(20, 240, 5, 1),
                                 depthwise(40, 96, 3, 2),
                                 depthwise(56, 144, 3, 1, true),
                                 attention(12, 1, 16, 16, 32),
                                 attention(12, 1, 128, 128, 32),
                                 attention(12, 1, 512, 512, 32),
                                 attention(3, 3, 128, 128, 64),
                                 attention(3, 3, 512, 512, 64),
                                 attention(3, 3, 512, 512, 64, "after = 0"),
                                 attention(3, 3, 1, 128, 64),
                                 attention(3, 3, 1, 1500, 64)};
  struct Window3 {
    int64_t size, channels, outputs;
  };
  for (auto [size, channels, outputs] :
       {Window3{56, 64, 64}, Window3{28, 128, 128}, Window3{14, 256, 256}, Window3{7, 512, 512},
        Window3{160, 96, 24}, Window3{56, 32, 32}, Window3{14, 128, 128}, Window3{7, 256, 256},
        Window3{80, 16, 16}, Window3{40, 88, 88}}) {
    all.push_back(conv(size, channels, outputs, 3));
    all.push_back(winograd(size, channels, outputs, 2));
    all.push_back(winograd(size, channels, outputs, 4));
  }
  return all;
}

/// Random numbers for the inputs of a case.
std::vector<Array> randomInputs(const KernelCase &one, std::mt19937 &generator) {
  std::uniform_real_distribution<float> values(-1, 1);
  std::vector<Array> inputs;
  for (const Sizes &shape : one.inputs) {
    size_t count = 1;
    for (int64_t size : shape)
      count *= size;
    std::vector<float> data(count);
    for (float &value : data)
      value = values(generator);
    inputs.push_back(Array::of(shape, data));
  }
  return inputs;
}

struct Times {
  double warm = std::numeric_limits<double>::infinity(), cold = warm;
};

/// Cases take turns, so that what else runs on the machine meets all of them.
std::vector<Times> measure(const CompiledModel &model, const std::vector<KernelCase> &cases) {
  constexpr int rounds = 5;
  std::mt19937 generator(1);
  std::vector<Times> times(cases.size());
  for (int round = 0; round < rounds; ++round)
    for (size_t index = 0; index < cases.size(); ++index) {
      std::vector<Array> inputs = randomInputs(cases[index], generator);
      int repeats = std::max(3, static_cast<int>(3e9 / cases[index].work));
      auto run = [&](int count, const CompiledModel::Prepare &prepare) {
        return model.time(inputs, {4}, std::min(count, 1000), index, prepare);
      };
      size_t weightBytes = inputs[1].bytes.size();
      times[index].warm = std::min(times[index].warm, run(repeats, nullptr));
      times[index].cold =
          std::min(times[index].cold, run(repeats / 4 + 1, [&](const std::vector<void *> &memory) {
                     flushCaches(memory[1], weightBytes);
                   }));
    }
  return times;
}

} // namespace

int main(int argc, char **argv) {
  const optc::CpuLevel *level = argc > 1 ? optc::findCodeLevel(argv[1]) : optc::hostCodeLevel();
  if (!level) {
    std::fprintf(stderr, "KernelBench: no such CPU level\n");
    return 2;
  }
  std::vector<KernelCase> cases;
  std::string source;
  for (const KernelCase &one : shapes()) {
    if (argc > 2 && one.name.find(argv[2]) == std::string::npos)
      continue;
    cases.push_back(one);
    source += one.source;
  }
  CompiledModel model(source, std::string(level->name), "cpu-decline-kernels");
  if (!model.error.empty()) {
    std::fprintf(stderr, "KernelBench: %s\n", model.error.c_str());
    return 1;
  }
  double peak = measurePeak();
  std::printf("%s, peak %.1f GFLOP/s\n", std::string(level->name).c_str(), peak);
  std::vector<Times> times = measure(model, cases);
  for (size_t index = 0; index < cases.size(); ++index) {
    double rate = cases[index].work / times[index].warm / 1e9;
    std::printf("%-32s %9.1f us %7.1f GFLOP/s %4.0f %%   cold %9.1f us %7.1f GFLOP/s\n",
                cases[index].name.c_str(), times[index].warm * 1e6, rate, 100 * rate / peak,
                times[index].cold * 1e6, cases[index].work / times[index].cold / 1e9);
  }
  return 0;
}
