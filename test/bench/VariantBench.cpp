//===- VariantBench.cpp - is the compiler's choice of a kernel the best? --===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles every layer of some modules in all its variants, and measures them in turns on one
// thread with weights that come from memory, as in a model with more weights than cache. Inputs
// and results stay where the run before left them. Prints one line of JSON per layer; variants.py
// makes the modules and sums up.
//
//     VariantBench LEVEL FAMILY MODULE.mlir...          FAMILY: contraction, depthwise, winograd,
//     all
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Registry.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "test/bench/ColdMemory.h"
#include "test/bench/LayerVariants.h"
#include "test/unit/Target/CompiledModel.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include <cstdio>
#include <limits>
#include <random>
#include <sched.h>

using namespace mlir;
using namespace optc::test;

namespace {

/// Runs before all others while it lives, where that is allowed.
class RealTime {
public:
  RealTime() { set(SCHED_FIFO, 50); }
  ~RealTime() { set(SCHED_OTHER, 0); }

private:
  static void set(int policy, int priority) {
    sched_param parameter{priority};
    sched_setscheduler(0, policy, &parameter);
  }
};

size_t bytesOf(Type element) { return (element.getIntOrFloatBitWidth() + 7) / 8; }

/// Random numbers from -1 to 1; zeros where the elements are no floats.
Array randomArray(Type type, std::mt19937 &generator) {
  auto shaped = cast<RankedTensorType>(type);
  size_t each = bytesOf(shaped.getElementType());
  Array array{shaped.getShape().vec(), {}};
  array.bytes.resize(shaped.getNumElements() * each);
  if (!isa<FloatType>(shaped.getElementType()) || each > 4)
    return array;
  std::uniform_real_distribution<float> values(-1, 1);
  for (size_t at = 0; at < array.bytes.size(); at += each) {
    float value = values(generator);
    // The high half of an f32 is a bf16.
    memcpy(&array.bytes[at], reinterpret_cast<const char *>(&value) + 4 - each, each);
  }
  return array;
}

/// A variant with its inputs and the least time of a run in seconds.
struct Entry {
  Variant variant;
  std::vector<Array> inputs;
  double seconds = std::numeric_limits<double>::infinity();
};

class LayerBench {
public:
  LayerBench(const Layer &layer, const optc::CpuLevel &level) : layer(layer) {
    std::vector<Variant> variants = distinctVariants(layer, level);
    if (variants.empty())
      return;
    // Once more at the end: how much two times of the same code differ.
    variants.push_back(variants.front());
    auto module = makeModule(layer, variants);
    std::string source;
    llvm::raw_string_ostream stream(source);
    module->print(stream);
    std::mt19937 generator(1);
    for (auto [i, variant] : llvm::enumerate(variants)) {
      auto function = module->lookupSymbol<func::FuncOp>("variant" + std::to_string(i));
      Entry entry{variant, {}};
      for (Type type : function.getArgumentTypes())
        entry.inputs.push_back(randomArray(type, generator));
      entries.push_back(std::move(entry));
    }
    compiled = std::make_unique<CompiledModel>(source, std::string(level.name));
  }

  void measure();
  void print() const;

private:
  void run(size_t index, int repeats);

  const Layer &layer;
  std::vector<Entry> entries;
  std::unique_ptr<CompiledModel> compiled;
};

} // namespace

void LayerBench::run(size_t index, int repeats) {
  Entry &entry = entries[index];
  bool hasWeights = layer.op->getAttr("layout") != nullptr;
  size_t weightBytes = hasWeights ? entry.inputs[1].bytes.size() : 0;
  auto element = cast<ShapedType>(layer.op->getResult(0).getType()).getElementType();
  double seconds = compiled->time(entry.inputs, {static_cast<int64_t>(bytesOf(element))}, repeats,
                                  index, [&](const std::vector<void *> &memory) {
                                    if (weightBytes > 0)
                                      flushCaches(memory[1], weightBytes);
                                  });
  entry.seconds = std::min(entry.seconds, seconds);
}

void LayerBench::measure() {
  constexpr int rounds = 12;
  constexpr double hopeless = 1.3, secondsOfTurn = 1.5e-3;
  if (!compiled || !compiled->error.empty())
    return;
  RealTime realTime;
  for (int round = 0; round < rounds; ++round) {
    double best = std::numeric_limits<double>::infinity();
    for (const Entry &entry : entries)
      best = std::min(best, entry.seconds);
    // Forwards and backwards, so that none always follows the same one.
    for (size_t step = 0; step < entries.size(); ++step) {
      size_t index = round % 2 ? entries.size() - 1 - step : step;
      bool isChosen = index == 0 || index + 1 == entries.size();
      if (round > 3 && !isChosen && entries[index].seconds > hopeless * best)
        continue;
      run(index, round == 0 ? 2 : std::clamp<int>(secondsOfTurn / best, 2, 20));
    }
  }
}

void LayerBench::print() const {
  llvm::json::Array times;
  for (const Entry &entry : entries)
    if (entry.seconds < 1)
      times.push_back(
          llvm::json::Object{{"variant", describe(entry.variant)}, {"us", entry.seconds * 1e6}});
  llvm::json::Object models;
  for (const auto &[model, count] : layer.models)
    models[model] = count;
  llvm::json::Object line{{"family", layer.family},
                          {"name", layer.name},
                          {"products", layer.products},
                          {"models", std::move(models)},
                          {"times", std::move(times)}};
  if (compiled && !compiled->error.empty())
    line["error"] = compiled->error;
  llvm::outs() << llvm::json::Value(std::move(line)) << "\n";
  llvm::outs().flush();
}

int main(int argc, char **argv) {
  const optc::CpuLevel *level = argc > 3 ? optc::findCodeLevel(argv[1]) : nullptr;
  if (!level) {
    std::fprintf(stderr, "usage: VariantBench LEVEL FAMILY MODULE.mlir...\n");
    return 2;
  }
  DialectRegistry registry;
  optc::registerAllDialects(registry);
  MLIRContext context(registry);
  std::vector<OwningOpRef<ModuleOp>> modules;
  std::vector<Layer> layers;
  std::map<std::string, size_t> known;
  for (int i = 3; i < argc; ++i) {
    modules.push_back(parseSourceFile<ModuleOp>(argv[i], &context));
    if (!modules.back())
      return 1;
    collectLayers(*modules.back(), llvm::sys::path::stem(argv[i]).str(), layers, known);
  }
  std::string family = argv[2];
  for (const Layer &layer : layers) {
    if (family != "all" && family != layer.family)
      continue;
    LayerBench bench(layer, *level);
    bench.measure();
    bench.print();
  }
  return 0;
}
