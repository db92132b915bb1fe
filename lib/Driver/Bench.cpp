//===- Bench.cpp - optc bench ---------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures the latency of an artifact on random or given inputs, and sets it against the
// work of a run and the limits of this machine.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/BenchProfile.h"
#include "lib/Driver/Inputs.h"
#include "lib/Driver/Machine.h"
#include "lib/Driver/Session.h"
#include "lib/Driver/Verbs.h"
#include "lib/Support/Json.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <sys/resource.h>

namespace optc::driver {

namespace {
struct BenchOptions {
  std::string model;
  InputOptions inputs;
  SessionOptions session;
  double duration = 3;
  bool json = false, machine = false;
};

struct Measurement {
  double load = 0, first = 0, peakRss = 0; ///< ms, ms, MB
  std::vector<double> runs;                ///< ms, ascending
  BenchProfile profile;
  optc_work work = {};
  MachineLimits limits;

  double gflops() const { return 2 * work.multiply_adds / at(0) / 1e6; }
  double gbytesPerSecond() const { return work.bytes / at(0) / 1e6; }
  double at(double share) const { return runs[std::lround(share * (runs.size() - 1))]; }
};
} // namespace

static double now() { // ms
  using namespace std::chrono;
  return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

/// Runs that count: at least a few, then until the time is over.
static Error measureRuns(const BenchOptions &options, Session &session, Measurement &result) {
  constexpr size_t leastRuns = 5, mostRuns = 100000;
  double end = now() + options.duration * 1000;
  session.context().resetProfile();
  while (result.runs.size() < leastRuns || (now() < end && result.runs.size() < mostRuns)) {
    double start = now();
    if (Error error = session.run())
      return error;
    result.runs.push_back(now() - start);
    if (options.session.profile)
      result.profile.addRun(session.context(), result.runs.back());
  }
  std::sort(result.runs.begin(), result.runs.end());
  return Error();
}

static Error measure(const BenchOptions &options, Session &session, Measurement &result) {
  constexpr size_t mostRuns = 100000;
  double start = now();
  if (Error error = session.run())
    return error;
  result.first = now() - start;
  double begin = now(), warm = begin + options.duration * 100; // a tenth of the time
  for (size_t i = 0; i < 2 || (now() < warm && i < mostRuns); ++i)
    if (Error error = session.run())
      return error;
  if (Error error = measureRuns(options, session, result))
    return error;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  result.peakRss = usage.ru_maxrss / 1024.0;
  // Needs memory of its own: after that of the model was looked at.
  result.limits = measureMachine(session.context().threads());
  if (Error error = fromRuntime(session.context().work(result.work)))
    return error;
  if (options.session.profile) // knows also what data decides
    result.work = result.profile.work();
  return Error();
}

//===----------------------------------------------------------------------===//
// Output
//===----------------------------------------------------------------------===//

static std::string number(double value, bool known) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.4g", value);
  return known ? text : "null";
}

static std::string machineJson(const MachineLimits &limits) {
  return "{\"threads\": " + std::to_string(limits.threads) +
         ", \"gflops\": " + number(limits.gflops, limits.gflops > 0) +
         ", \"read_gbytes_per_s\": " + number(limits.gbytesPerSecond, limits.gbytesPerSecond > 0) +
         ", \"vectors\": " + json::quote(limits.vectors) + "}";
}

static void printMachine(const MachineLimits &limits, const char *label) {
  std::printf("%s%.1f GFLOP/s f32 (%s), %.1f GB/s read from memory, %u thread%s\n", label,
              limits.gflops, limits.gflops > 0 ? limits.vectors : "not measured",
              limits.gbytesPerSecond, limits.threads, limits.threads == 1 ? "" : "s");
}

/// The members of the JSON that set the time against work and machine.
static std::string workJson(const Measurement &result) {
  const optc_work &work = result.work;
  const MachineLimits &limits = result.limits;
  bool known = work.kernels > work.uncounted;
  double peak = limits.gflops, bandwidth = limits.gbytesPerSecond;
  char counts[200];
  std::snprintf(counts, sizeof(counts),
                "\"multiply_adds\": %.0f, \"operations\": %.0f, \"bytes\": %.0f, "
                "\"kernels\": %u, \"uncounted_kernels\": %u, ",
                work.multiply_adds, work.operations, work.bytes, work.kernels, work.uncounted);
  return "\"gflops\": " + number(result.gflops(), known) +
         ", \"share_of_peak\": " + number(result.gflops() / peak, known && peak > 0) +
         ", \"gbytes_per_s\": " + number(result.gbytesPerSecond(), known) +
         ", \"share_of_bandwidth\": " +
         number(result.gbytesPerSecond() / bandwidth, known && bandwidth > 0) + ", " + counts +
         "\"machine\": " + machineJson(limits);
}

static void printWork(const Measurement &result) {
  const optc_work &work = result.work;
  const MachineLimits &limits = result.limits;
  if (work.kernels > work.uncounted) {
    auto percent = [](double rate, double limit) { return limit > 0 ? 100 * rate / limit : 0; };
    std::printf("work      %.4g GFLOP, %.4g MB: %.1f GFLOP/s (%.0f %% of peak), %.1f GB/s (%.0f %% "
                "of memory bandwidth)\n",
                2 * work.multiply_adds / 1e9, work.bytes / 1e6, result.gflops(),
                percent(result.gflops(), limits.gflops), result.gbytesPerSecond(),
                percent(result.gbytesPerSecond(), limits.gbytesPerSecond));
  }
  if (work.uncounted)
    std::printf("          not counted: %u of %u kernels, of which data decides the sizes\n",
                work.uncounted, work.kernels);
  printMachine(limits, "machine   ");
}

static void print(const BenchOptions &options, Session &session, const Measurement &result) {
  std::string inputs, shapes;
  for (size_t i = 0; i < session.inputCount(); ++i) {
    std::string type = typeText(session.value(i).dtype, session.value(i).dims);
    inputs += (i ? ", " : "") + json::quote(session.input(i).name) + ": " + json::quote(type);
    shapes += (i ? ", " : "") + std::string(session.input(i).name) + " " + type;
  }
  const char *level = session.model().level();
  unsigned threads = session.context().threads();
  if (options.json) {
    std::string profile;
    if (options.session.profile)
      profile = "\"profile\": " + result.profile.json(result.limits, result.at(0)) + ", ";
    std::printf(
        "{\"latency_ms\": {\"min\": %.6f, \"median\": %.6f, \"p90\": %.6f, \"p99\": %.6f}, "
        "\"load_ms\": %.3f, \"first_ms\": %.3f, \"peak_rss_mb\": %.1f, \"runs\": %zu, "
        "\"threads\": %u, \"level\": \"%s\", \"activations_mb\": %.1f, %s, %s\"inputs\": {%s}}\n",
        result.at(0), result.at(0.5), result.at(0.9), result.at(0.99), result.load, result.first,
        result.peakRss, result.runs.size(), threads, level, session.context().memory() / 1e6,
        workJson(result).c_str(), profile.c_str(), inputs.c_str());
    return;
  }
  std::printf("inputs    %s\n", shapes.c_str());
  std::printf("code      %s, %u thread%s\n", level, threads, threads == 1 ? "" : "s");
  std::printf("latency   min %.3f  median %.3f  p90 %.3f  p99 %.3f ms  (%zu runs)\n", result.at(0),
              result.at(0.5), result.at(0.9), result.at(0.99), result.runs.size());
  std::printf("load      %.1f ms, first run %.1f ms\n", result.load, result.first);
  std::printf("memory    peak %.1f MB, activations %.1f MB\n", result.peakRss,
              session.context().memory() / 1e6);
  printWork(result);
  if (options.session.profile)
    result.profile.print(result.limits, result.at(0));
}

static Error benchMachine(const BenchOptions &options) {
  MachineLimits limits = measureMachine(options.session.threads);
  if (options.json)
    std::printf("%s\n", machineJson(limits).c_str());
  else
    printMachine(limits, "");
  return Error();
}

static Error bench(const BenchOptions &options) {
  if (options.machine)
    return benchMachine(options);
  if (options.model.empty())
    return Error(E102, "bench needs a model, or --machine");
  if (!(options.duration >= 0 && options.duration <= 3600))
    return Error(E102, "--duration must be 0 to 3600 seconds");
  Session session;
  Measurement result;
  double start = now();
  if (Error error = session.open(options.model, options.session))
    return error;
  result.load = now() - start;
  if (options.session.profile && !session.context().profileSize())
    return Error(E109, "'" + options.model + "' does not measure its kernels");
  if (Error error = fillInputs(options.inputs, session))
    return error;
  if (Error error = measure(options, session, result))
    return error;
  print(options, session, result);
  return Error();
}

void addBench(CLI::App &app, Action &action, const ModelCompiler &compiler) {
  auto options = std::make_shared<BenchOptions>();
  options->session.compiler = compiler;
  options->session.verifyWeights = false; // load time is part of the result
  CLI::App *verb = app.add_subcommand("bench", "measure an artifact: latency, rates, kernels");
  verb->add_option("model", options->model, "artifact (.optc), or model (.onnx)");
  verb->add_option("--input", options->inputs.files, "NAME=FILE; other inputs are random")
      ->allow_extra_args(false);
  verb->add_option("--shape", options->inputs.shapes, "NAME=1x3x224x224, or SYMBOL=224")
      ->allow_extra_args(false);
  verb->add_option("--threads", options->session.threads, "threads (default: one per CPU)");
  addMemoryOption(*verb, options->session.maxMemory);
  verb->add_option("--entry", options->session.entry, "entry point (default: the first)");
  verb->add_option("--duration", options->duration, "seconds to measure (default: 3)");
  verb->add_flag("--json", options->json, "as JSON");
  verb->add_flag("--profile", options->session.profile,
                 "time of every kernel; needs an .onnx file, or an artifact built with --profile");
  verb->add_flag("--machine", options->machine, "only the limits of this machine");
  verb->callback([options, &action] { action = [options] { return bench(*options); }; });
}

} // namespace optc::driver
