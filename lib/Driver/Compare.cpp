//===- Compare.cpp - optc compare ------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints how far an artifact is from its model, output by output and layer by layer, and
// holds it to gates.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/CompareModel.h"
#include "lib/Driver/MemoryLimit.h"
#include "lib/Driver/Verbs.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

using namespace optc;
using namespace optc::driver;

using Json = nlohmann::ordered_json;

namespace {
struct Gates {
  std::optional<double> maxAbs, minCosine, minSnr;
};
struct CompareArguments {
  CompareOptions compare;
  Gates gates;
  int64_t memoryMegabytes = 1024;
  size_t top = 20;
  bool json = false, quiet = false;
};
} // namespace

/// Without --min-snr, the first layer worse than this is pointed at: rounding alone leaves more
/// than 80 dB in f32, and about 50 dB in half precision.
constexpr double usualSnr = 40;

/// What is wrong with a value by the gates; empty if nothing is.
static std::string broken(const Difference &difference, const Gates &gates) {
  bool anyGate = gates.maxAbs || gates.minCosine || gates.minSnr;
  if (anyGate && !difference.mismatch.empty())
    return difference.mismatch;
  if (anyGate && difference.otherNonFinite)
    return std::to_string(difference.otherNonFinite) + " infinities or NaNs differ";
  // A NaN breaks a gate, too.
  if (gates.maxAbs && !(difference.maxAbs <= *gates.maxAbs))
    return "max-abs";
  if (gates.minCosine && !(difference.cosine >= *gates.minCosine))
    return "cosine";
  if (gates.minSnr && !(difference.snr >= *gates.minSnr))
    return "SNR";
  return "";
}

static Error checkGates(const Comparison &comparison, const Gates &gates) {
  std::string first;
  size_t count = 0;
  for (const std::vector<ComparedValue> *rows : {&comparison.layers, &comparison.outputs})
    for (const ComparedValue &row : *rows) {
      std::string what = broken(row.difference, gates);
      if (!what.empty() && count++ == 0)
        first = "'" + row.value + "'" + (row.node.empty() ? "" : " of node '" + row.node + "'") +
                ": " + what;
    }
  if (!count)
    return {};
  size_t all = comparison.layers.size() + comparison.outputs.size();
  return {E5001, std::to_string(count) + " of " + std::to_string(all) +
                     " values break a gate; the first in the order of the model is " + first};
}

/// The first in the order of the model with less than `snr`, or null.
static const ComparedValue *firstBad(const Comparison &comparison, double snr) {
  for (const std::vector<ComparedValue> *rows : {&comparison.layers, &comparison.outputs})
    for (const ComparedValue &row : *rows)
      if (!(row.difference.quality() >= snr))
        return &row;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static void printRow(const ComparedValue &row) {
  const Difference &difference = row.difference;
  char snr[32];
  std::snprintf(snr, sizeof(snr), "%7.1f", difference.snr);
  if (std::isinf(difference.snr))
    std::snprintf(snr, sizeof(snr), "%7s", difference.snr > 0 ? "exact" : "-inf");
  std::string name = row.value + "  " + row.type;
  if (!row.node.empty())
    name = "#" + std::to_string(row.order) + " " + row.op + " " + row.node + "  " + row.type;
  name = printable(name);
  if (!difference.mismatch.empty())
    std::printf("  %-31s  %s: %s\n", "not comparable", name.c_str(), difference.mismatch.c_str());
  else
    std::printf("  %9.3g  %10.8f  %s  %s\n", difference.maxAbs, difference.cosine, snr,
                name.c_str());
  if (difference.otherNonFinite)
    std::printf("  %31s  %llu infinities or NaNs differ\n", "",
                (unsigned long long)difference.otherNonFinite);
}

static void printText(const CompareArguments &arguments, const Comparison &comparison) {
  std::string inputs;
  for (const std::string &input : comparison.inputs)
    inputs += (inputs.empty() ? "" : ", ") + input;
  std::string reference = arguments.compare.expected.empty() ? arguments.compare.model + " at -O0"
                                                             : arguments.compare.expected;
  std::printf("%s (-O%u, %s) against %s\ninputs  %s\n", arguments.compare.artifact.c_str(),
              comparison.optimize, comparison.level.c_str(), reference.c_str(), inputs.c_str());
  std::printf("%11s  %10s  %7s\n", "max-abs", "cosine", "SNR/dB");
  std::printf("outputs\n");
  for (const ComparedValue &row : comparison.outputs)
    printRow(row);
  std::vector<ComparedValue> worst = comparison.layers;
  std::stable_sort(worst.begin(), worst.end(), [](const ComparedValue &a, const ComparedValue &b) {
    return a.difference.quality() < b.difference.quality();
  });
  size_t shown = std::min(arguments.top, worst.size());
  std::printf(
      "layers, worst first: %zu of %zu; %zu more values are inside of fused or unreachable nodes\n",
      shown, worst.size(), comparison.notCompared);
  worst.resize(shown);
  for (const ComparedValue &row : worst)
    printRow(row);
  for (const std::string &note : comparison.notes)
    std::printf("note: %s\n", printable(note).c_str());
  double limit = arguments.gates.minSnr.value_or(usualSnr);
  if (const ComparedValue *bad = firstBad(comparison, limit))
    std::printf("first below %g dB in the order of the model: '%s' of node '%s' (%s)\n", limit,
                printable(bad->value).c_str(), printable(bad->node).c_str(), bad->op.c_str());
  else
    std::printf("all at or above %g dB\n", limit);
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

/// Infinities are no JSON: null, with `identical` telling the good one.
static Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

static Json toJson(const std::vector<ComparedValue> &rows, const Gates &gates) {
  Json list = Json::array();
  for (const ComparedValue &row : rows) {
    const Difference &difference = row.difference;
    Json json = {{"value", row.value}, {"node", row.node}, {"op", row.op},
                 {"order", row.order}, {"type", row.type}, {"identical", difference.isIdentical()}};
    if (difference.mismatch.empty()) {
      json["max_abs"] = number(difference.maxAbs);
      json["cosine"] = number(difference.cosine);
      json["snr_db"] = number(difference.snr);
      json["other_non_finite"] = difference.otherNonFinite;
    } else {
      json["mismatch"] = difference.mismatch;
    }
    json["broken_gate"] = broken(difference, gates);
    list.push_back(json);
  }
  return list;
}

static void printJson(const CompareArguments &arguments, const Comparison &comparison) {
  const ComparedValue *bad = firstBad(comparison, arguments.gates.minSnr.value_or(usualSnr));
  Json json = {{"model", arguments.compare.model},
               {"artifact", arguments.compare.artifact},
               {"expected", arguments.compare.expected},
               {"level", comparison.level},
               {"optimize", comparison.optimize},
               {"inputs", comparison.inputs},
               {"outputs", toJson(comparison.outputs, arguments.gates)},
               {"layers", toJson(comparison.layers, arguments.gates)},
               {"not_compared", comparison.notCompared},
               {"first_bad", bad ? Json(bad->value) : Json(nullptr)},
               {"notes", comparison.notes}};
  std::printf("%s\n", json.dump(1, ' ', false, Json::error_handler_t::replace).c_str());
}

//===----------------------------------------------------------------------===//
// The verb
//===----------------------------------------------------------------------===//

static Error compare(CompareArguments &arguments) {
  if (arguments.memoryMegabytes < 1 || arguments.memoryMegabytes > int64_t(1) << 30)
    return {E102, "--memory must be at least 1 (megabyte)"};
  arguments.compare.memory = arguments.memoryMegabytes << 20;
  MemoryLimit limit(arguments.compare.session.maxMemory,
                    "comparing '" + arguments.compare.model + "'");
  Progress progress(arguments.quiet);
  Comparison comparison;
  if (Error error = compareModel(arguments.compare, progress, comparison))
    return error;
  progress.clear();
  if (arguments.json)
    printJson(arguments, comparison);
  else
    printText(arguments, comparison);
  return checkGates(comparison, arguments.gates);
}

void optc::driver::addCompare(CLI::App &app, Action &action) {
  CLI::App *verb =
      app.add_subcommand("compare", "show how far an artifact is from its model, layer by layer");
  verb->footer(
      "The reference is the model compiled with -O0: no fusion, no kernels. Layers are values in\n"
      "between: the model is compiled again as the artifact was, with the artifact's weights, and\n"
      "values where fused operations end become outputs; that changes no code but for the copies.\n"
      "With --all-nodes every value does, and fusions across these values are given up.\n"
      "Examples:\n"
      "  optc compare model.onnx model.optc --inputs x.npz\n"
      "  optc compare model.onnx model.optc --shape x=1x3x224x224 --min-snr 60\n"
      "  optc compare model.onnx model.optc --inputs x.npz --expected onnxruntime.npz");
  auto arguments = std::make_shared<CompareArguments>();
  CompareOptions &compared = arguments->compare;
  verb->add_option("model", compared.model, "the ONNX model")->required();
  verb->add_option("artifact", compared.artifact, "artifact (.optc) built from it")->required();
  addInputOptions(*verb, compared.inputs);
  verb->add_option(
      "--expected", compared.expected,
      "tensors of another tool by name of the value, .npz or folder, instead of the reference");
  verb->add_flag("--all-nodes", compared.allNodes,
                 "compare every node, though it changes the code");
  verb->add_option("--top", arguments->top, "how many layers to list (default: 20)");
  verb->add_option("--max-abs", arguments->gates.maxAbs,
                   "gate: exit 4 if any value differs by more");
  verb->add_option("--min-cosine", arguments->gates.minCosine,
                   "gate: exit 4 if any cosine is smaller");
  verb->add_option("--min-snr", arguments->gates.minSnr,
                   "gate in dB: exit 4 if any ratio is smaller");
  verb->add_option("--memory", arguments->memoryMegabytes,
                   "megabytes of values to keep at once (default: 1024); more take several runs");
  verb->add_option("--threads", compared.session.threads,
                   "threads to run with (default: one per CPU)");
  addMemoryOption(*verb, compared.session.maxMemory);
  verb->add_option("-j,--jobs", compared.jobs, "threads for code generation; default: one per CPU");
  verb->add_flag("--allow-symlinks", compared.allowSymlinks,
                 "follow symbolic links to external data");
  verb->add_flag("--json", arguments->json, "as JSON, with all layers in the order of the model");
  verb->add_flag("-q,--quiet", arguments->quiet, "no progress");
  verb->callback([arguments, &action] { action = [arguments] { return compare(*arguments); }; });
}
