//===- CompiledModel.cpp - runs MLIR text --------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See CompiledModel.h.
//
//===----------------------------------------------------------------------===//
#define _GNU_SOURCE 1
#include "test/unit/Target/CompiledModel.h"
#include "lib/Driver/Registry.h"
#include "lib/Place/Place.h"
#include "lib/Place/WeightsImage.h"
#include "lib/Profile/Profile.h"
#include "lib/Runtime/ArenaPlan.h"
#include "lib/Runtime/RuntimeAbi.h"
#include "lib/Target/Cpu/Cpu.h"
#include "lib/Target/Host/Codegen.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <dlfcn.h>
#include <fstream>
#include <limits>
#include <map>
#include <unistd.h>

using namespace optc::test;

namespace {

/// The runtime of these tests: the execution context of one run.
struct Run {
  RunResult result;
  std::vector<int64_t> elementBytes;
  std::map<int64_t, std::pair<void *, std::vector<int64_t>>> outputs;
  std::map<void *, int64_t> scratch;
  std::deque<std::string> lists;
  int64_t scratchBytes = 0;
  bool timed = false; ///< does only what the real runtime does on one thread
  std::multimap<int64_t, void *> kept;
  jmp_buf stop;
};

void *allocate(int64_t bytes) { return std::aligned_alloc(64, (bytes + 127) / 64 * 64); }
Run &runOf(void *context) { return *static_cast<Run *>(context); }

void *output(void *context, int64_t index, int64_t rank, const int64_t *dims) {
  Run &run = runOf(context);
  int64_t bytes = run.elementBytes[index];
  for (int64_t i = 0; i < rank; ++i)
    bytes *= dims[i];
  auto &[memory, shape] = run.outputs[index];
  if (!memory)
    memory = allocate(bytes);
  shape.assign(dims, dims + rank);
  return memory;
}

void *allocateScratch(void *context, int64_t bytes) {
  Run &run = runOf(context);
  auto known = run.kept.find(bytes);
  void *memory = known == run.kept.end() ? allocate(bytes) : known->second;
  if (known != run.kept.end())
    run.kept.erase(known);
  run.scratch[memory] = bytes;
  run.scratchBytes += bytes;
  run.result.peakScratch = std::max(run.result.peakScratch, run.scratchBytes);
  return memory;
}

void *scratchOfNode(void *context, int64_t bytes, const char *) {
  return allocateScratch(context, bytes);
}

void *makeList(void *context, int64_t) { return &runOf(context).lists.emplace_back(); }

void appendRow(void *, void *list, const void *row, int64_t bytes, const char *) {
  static_cast<std::string *>(list)->append(static_cast<const char *>(row), bytes);
}

void takeRows(void *, void *list, void *target) {
  auto &rows = *static_cast<std::string *>(list);
  rows.copy(static_cast<char *>(target), rows.size());
}

void freeScratch(void *context, void *memory) {
  Run &run = runOf(context);
  auto it = run.scratch.find(memory);
  if (it == run.scratch.end())
    return;
  run.scratchBytes -= it->second;
  if (run.timed) {
    run.kept.emplace(it->second, memory);
  } else {
    memset(memory, 0xee, it->second); // a later use shows
    std::free(memory);
  }
  run.scratch.erase(it);
}

/// Uneven ranges, in the reverse order.
void parallel(void *context, void (*fn)(void *, int64_t, int64_t), void *args, int64_t trip,
              int64_t) {
  ++runOf(context).result.parallelCalls;
  if (runOf(context).timed)
    return fn(args, 0, trip);
  for (int64_t hi = trip; hi > 0;) {
    int64_t lo = std::max<int64_t>(0, hi - 1 - hi / 3);
    fn(args, lo, hi);
    hi = lo;
  }
}

std::string fillIn(const char *message, int64_t a, int64_t b) {
  std::string text = message;
  for (auto [key, value] : {std::pair("{0}", a), std::pair("{1}", b)})
    for (size_t at; (at = text.find(key)) != std::string::npos;)
      text.replace(at, 3, std::to_string(value));
  return text;
}

void fail(void *context, const char *message, int64_t a, int64_t b) {
  runOf(context).result.error = fillIn(message, a, b);
  longjmp(runOf(context).stop, 1);
}

void indexError(void *context, const char *message, int64_t index, int64_t size) {
  runOf(context).result.error = fillIn(message, index, size);
}

void argsort(void *, const void *, int64_t *, int64_t, int64_t, int64_t, int64_t, int64_t) {}

void profileBegin(void *context) { ++runOf(context).result.kernelsBegun; }

void profileEnd(void *context, int64_t kernel, double multiplyAdds, double operations,
                double bytes) {
  runOf(context).result.kernels.push_back({kernel, multiplyAdds, operations, bytes});
}

/// Each libm function by the address of its C declaration, as in the runtime.
const void *const table[] = {
#define optc_rt_output output
#define optc_rt_alloc allocateScratch
#define optc_rt_parallel parallel
#define optc_rt_fail fail
#define optc_rt_index_error indexError
#define optc_rt_argsort argsort
#define optc_rt_free freeScratch
#define optc_rt_profile_begin profileBegin
#define optc_rt_profile_end profileEnd
#define optc_rt_scratch scratchOfNode
#define optc_rt_list makeList
#define optc_rt_append appendRow
#define optc_rt_take takeRows
#define OPTC_RT(name, types) reinterpret_cast<const void *>(name),
#define OPTC_LIBM(name) dlsym(RTLD_DEFAULT, #name),
#include "lib/Runtime/RuntimeAbi.def"
};

} // namespace

CompiledModel::CompiledModel(const std::string &source, const std::string &level,
                             const std::string &passes, bool measures) {
  compile(source, level, passes, measures);
  if (error.empty())
    load();
}

CompiledModel::~CompiledModel() {
  if (library)
    dlclose(library);
}

void CompiledModel::compile(const std::string &source, const std::string &levelName,
                            const std::string &passes, bool measures) {
  mlir::DialectRegistry registry;
  optc::registerAllDialects(registry);
  mlir::MLIRContext context(registry);
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    error += diagnostic.str() + "\n";
    return mlir::success();
  });
  auto module = mlir::parseSourceString<mlir::ModuleOp>(source, &context);
  const CpuLevel *level = findCodeLevel(levelName);
  if (!module)
    return;
  mlir::PassManager pm(&context);
  optc::registerAllPasses();
  if (!passes.empty() && failed(mlir::parsePassPipeline(passes, pm)))
    return;
  place::addPlacePasses(pm, cpu::getCpuPlaceOptions(2));
  pm.addPass(profile::createCountWork({measures}));
  cpu::addCpuPasses(pm, *level);
  if (failed(pm.run(*module))) {
    error += "a pass failed";
    return;
  }
  auto image = place::weightsImage(*module);
  for (const place::WeightsRange &range : *image) {
    weights.resize(range.offset + range.bytes.size());
    memcpy(weights.data() + range.offset, range.bytes.data(), range.bytes.size());
  }
  mlir::FailureOr<std::string> code = host::generateSharedObject(*module, *level);
  if (succeeded(code))
    object = *code;
  else if (error.empty())
    error = "no code";
}

void CompiledModel::load() {
  char path[] = "/tmp/optc-test-XXXXXX";
  int file = mkstemp(path);
  close(file);
  std::ofstream(path, std::ios::binary).write(object.data(), object.size());
  library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library)
    module = static_cast<const optc_module *>(dlsym(library, OPTC_MODULE_SYMBOL));
  else
    error = dlerror();
  unlink(path);
  if (module)
    *module->api = table;
}

/// Time this thread has had a CPU: what else runs on the machine does not count.
static double threadSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

RunResult CompiledModel::run(const std::vector<Array> &inputs, std::vector<int64_t> elementBytes,
                             uint32_t index) const {
  double seconds;
  return run(inputs, std::move(elementBytes), index, 1, nullptr, seconds);
}

double CompiledModel::time(const std::vector<Array> &inputs, std::vector<int64_t> elementBytes,
                           int repeats, uint32_t index, const Prepare &prepare) const {
  double seconds;
  run(
      inputs, std::move(elementBytes), index, repeats,
      prepare ? prepare : [](const std::vector<void *> &) {}, seconds);
  return seconds;
}

RunResult CompiledModel::run(const std::vector<Array> &inputs, std::vector<int64_t> elementBytes,
                             uint32_t index, int repeats, const Prepare &prepare,
                             double &seconds) const {
  seconds = std::numeric_limits<double>::infinity();
  const optc_module_entry &entry = module->entries[index];
  Run run;
  run.elementBytes = std::move(elementBytes);
  run.timed = prepare != nullptr;
  std::vector<std::vector<int64_t>> descriptors;
  std::vector<void *> args, copies;
  for (const Array &input : inputs) {
    void *memory = allocate(input.bytes.size());
    copies.push_back(memory);
    if (!input.bytes.empty())
      memcpy(memory, input.bytes.data(), input.bytes.size());
    std::vector<int64_t> words{reinterpret_cast<int64_t>(memory), reinterpret_cast<int64_t>(memory),
                               0};
    words.insert(words.end(), input.shape.begin(), input.shape.end());
    std::vector<int64_t> strides(input.shape.size(), 1);
    for (size_t i = input.shape.size(); i-- > 1;)
      strides[i - 1] = strides[i] * input.shape[i];
    words.insert(words.end(), strides.begin(), strides.end());
    descriptors.push_back(std::move(words));
  }
  for (auto &words : descriptors)
    args.push_back(words.data());
  std::vector<int64_t> bytes(entry.num_buffers);
  entry.sizes(args.data(), bytes.data());
  module->work[index].count(args.data(), run.result.work);
  runtime::ArenaPlan plan;
  if (!runtime::planArena(bytes, entry.lifetimes, plan)) {
    run.result.error = "no arena";
    return run.result;
  }
  run.result.arenaBytes = plan.size;
  void *arena = allocate(plan.size), *image = allocate(weights.size());
  memset(arena, 0xcd, plan.size);
  if (!weights.empty())
    memcpy(image, weights.data(), weights.size());
  for (volatile int i = 0; i < repeats; ++i) {
    if (prepare)
      prepare(copies);
    double start = threadSeconds();
    if (setjmp(run.stop) != 0)
      break;
    entry.run(&run, image, arena, plan.offsets.data(), args.data());
    seconds = std::min(seconds, threadSeconds() - start);
  }
  for (auto &[position, buffer] : run.outputs) {
    int64_t size = run.elementBytes[position];
    for (int64_t dim : buffer.second)
      size *= dim;
    auto *data = static_cast<char *>(buffer.first);
    run.result.outputs.push_back({buffer.second, std::vector<char>(data, data + size)});
    std::free(buffer.first);
  }
  for (auto &[memory, size] : run.scratch)
    std::free(memory);
  for (auto &[size, memory] : run.kept)
    std::free(memory);
  for (void *memory : copies)
    std::free(memory);
  std::free(arena);
  std::free(image);
  return run.result;
}

std::vector<std::string> optc::test::levelsHere() {
  std::vector<std::string> names;
  for (const CpuLevel *level : codeLevels())
    if (Cpu::here().runs(*level))
      names.push_back(std::string(level->name));
  return names;
}

std::string optc::test::levelTestName(const std::string &level) {
  std::string name = level;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
