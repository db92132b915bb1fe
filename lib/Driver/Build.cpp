//===- Build.cpp - optc build ----------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `optc MODEL.onnx`, and the compiler for verbs that take a model or an artifact.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Compile.h"
#include "lib/Driver/MemoryLimit.h"
#include "lib/Driver/Registry.h"
#include "lib/Driver/ReportText.h"
#include "lib/Driver/Session.h"
#include "lib/Driver/Verbs.h"
#include "lib/Support/Json.h"
#include "lib/Target/Host/CpuLevel.h"
#include "lib/Target/Target.h"
#include "llvm/ADT/STLExtras.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>

using namespace optc;
using namespace optc::driver;

namespace {
struct BuildArguments {
  std::string model, output;
  std::vector<std::string> bounds;
  CompileOptions compile;
  uint64_t maxMemory = 0;
  bool quiet = false, report = false;
};
} // namespace

static std::string defaultOutput(const std::string &model) {
  size_t dot = model.rfind(".onnx");
  std::string stem =
      dot != std::string::npos && dot + 5 == model.size() ? model.substr(0, dot) : model;
  return stem + ".optc";
}

static Error printReport(CompiledModel &compiled) {
  json::Value report;
  std::string why;
  if (!json::parse(compiled.reportJson(), report, why))
    return {E9001, "the report cannot be read: " + why};
  std::fputs(printable(reportText(report, /*withNodes=*/true)).c_str(), stdout);
  return {};
}

/// "batch=8"
static Error parseBound(const std::string &text, artifact::Bound &bound) {
  size_t equal = text.rfind('=');
  bound.symbol = text.substr(0, equal);
  const char *end = text.data() + text.size();
  if (equal != std::string::npos && equal > 0) {
    auto [stop, code] = std::from_chars(text.data() + equal + 1, end, bound.most);
    if (code == std::errc() && stop == end && bound.most > 0)
      return {};
  }
  return {E102, "--bound takes SYMBOL=SIZE, for example batch=8, and not '" + text + "'"};
}

/// "model.optc: 4.7 MB, 2.0 s", and why it is larger than the model where that is for speed.
static void printSummary(const std::string &output, const WeightBytes &weights, double seconds) {
  std::error_code code;
  std::string text = bytesText(std::filesystem::file_size(output, code));
  if (weights.winograd && weights.artifact > weights.model) {
    char ratio[32];
    std::snprintf(ratio, sizeof(ratio), "%.1f", double(weights.artifact) / weights.model);
    text += " (weights take " + std::string(ratio) +
            " x those of the model: " + bytesText(weights.winograd) +
            " are transformed for Winograd convolutions; --exact does without)";
  }
  std::printf("%s: %s, %.1f s\n", output.c_str(), text.c_str(), seconds);
}

static Error build(BuildArguments &arguments) {
  std::vector<artifact::Bound> &bounds = arguments.compile.code.bounds;
  for (const std::string &text : arguments.bounds) {
    artifact::Bound bound;
    if (Error error = parseBound(text, bound))
      return error;
    if (llvm::any_of(bounds,
                     [&](const artifact::Bound &other) { return other.symbol == bound.symbol; }))
      return {E102, "--bound gives '" + bound.symbol + "' a largest size twice"};
    bounds.push_back(bound);
  }
  Progress progress(arguments.quiet);
  CompiledModel compiled;
  {
    // Not while the artifact is written, which takes none: half of it would stay.
    MemoryLimit limit(arguments.maxMemory, "compiling '" + arguments.model + "'");
    if (Error error = compileModel(arguments.model, arguments.compile, progress, compiled))
      return error;
  }
  if (!arguments.compile.emit.empty())
    return {};
  std::string output = arguments.output.empty() ? defaultOutput(arguments.model) : arguments.output;
  if (Error error = compiled.write(output))
    return error;
  progress.clear();
  if (arguments.report)
    if (Error error = printReport(compiled))
      return error;
  if (!arguments.quiet)
    printSummary(output, compiled.weightBytes(), progress.elapsedSeconds());
  return {};
}

// Only this machine's code is of use.
Error optc::driver::compileForHost(const std::string &path, const SessionOptions &session,
                                   int &fd) {
  Progress progress(/*quiet=*/false);
  CompileOptions options;
  options.code.hostOnly = true;
  options.code.profile = session.profile;
  MemoryLimit limit(session.maxMemory, "compiling '" + path + "'");
  CompiledModel compiled;
  if (Error error = compileModel(path, options, progress, compiled))
    return error;
  return compiled.writeMemory(fd);
}

void optc::driver::addTargetOption(CLI::App &verb, CompileOptions &options) {
  registerAllTargets();
  std::string known;
  for (const TargetInfo &info : getTargets())
    known += (known.empty() ? "" : ", ") + std::string(info.name) + " (" + info.summary + ")";
  verb.add_option("--target", options.targets,
                  "what to generate code for: " + known +
                      "; may be given several times (default: cpu)")
      ->allow_extra_args(false);
}

void optc::driver::addBuild(CLI::App &app, Action &action) {
  CLI::App *verb =
      app.add_subcommand("build", "compile an ONNX model into an artifact (the default verb)");
  verb->footer(
      "Examples:\n"
      "  optc model.onnx                                  writes model.optc\n"
      "  optc build model.onnx -o out.optc --report       and tells what the compiler did\n"
      "  optc build model.onnx --bound batch=8 --report   memory for batches up to 8\n"
      "  optc build model.onnx --triple aarch64-linux-gnu for another machine than this\n"
      "  optc build model.onnx --emit kernel              prints the module after a stage");
  auto arguments = std::make_shared<BuildArguments>();
  verb->add_option("model", arguments->model, "the ONNX model")->required();
  verb->add_option("-o,--output", arguments->output,
                   "the artifact; default: the model's name with .optc");
  addTargetOption(*verb, arguments->compile);
  verb->add_option("--triple", arguments->compile.code.triple,
                   "the machines to generate code for (" + knownTriples() +
                       "); default: those of --level, or of this kind");
  verb->add_option("--level", arguments->compile.code.levels,
                   "code levels to generate (" + knownLevels() +
                       "); default: the portable baseline and this machine's, or with the --triple "
                       "of another machine the baseline, and that with bf16 for --precision bf16");
  auto setPrecision = [arguments](const std::string &name) {
    arguments->compile.code.precision =
        name == nameOf(Precision::BF16) ? Precision::BF16 : Precision::F32;
  };
  verb->add_option_function<std::string>(
          "--precision", setPrecision,
          "what products multiply: f32, or bf16 (sums in f32; CPUs without bf16 convert)")
      ->check(CLI::IsMember({nameOf(Precision::F32), nameOf(Precision::BF16)}));
  verb->add_option("-j,--jobs", arguments->compile.jobs,
                   "threads for code generation; default: one per CPU");
  addMemoryOption(*verb, arguments->maxMemory);
  verb->add_option(
      "--bound", arguments->bounds,
      "SYMBOL=SIZE: the largest size of a symbol of the inputs; --report then tells the memory "
      "that is enough for all shapes, and larger ones are refused");
  verb->add_flag("--exact", arguments->compile.code.exact,
                 "no Winograd convolutions, and divisions stay divisions: smaller rounding errors, "
                 "and NaN stays where it is");
  verb->add_option("--overridable", arguments->compile.overridable,
                   "NAME of an input that has a default in the model: it stays an input, which "
                   "runs may leave out "
                   "(default: such inputs are constants)")
      ->allow_extra_args(false);
  verb->add_flag("--allow-symlinks", arguments->compile.allowSymlinks,
                 "follow symbolic links to external data");
  verb->add_option("--emit", arguments->compile.emit, "print the module after a stage and stop")
      ->check(CLI::IsMember(emitStages()));
  verb->add_option(
          "-O,--optimize", arguments->compile.code.optimize,
          "0: every node on its own; 1: simplify and fuse; 2 (default): with optc's own kernels")
      ->check(CLI::Range(0, 2));
  verb->add_flag("--report", arguments->report,
                 "print what the compiler did: every fusion made or refused, kernels, memory");
  verb->add_flag("--emit-locations", arguments->compile.emitLocations,
                 "with --emit: print the ONNX node of each operation");
  verb->add_flag("--profile", arguments->compile.code.profile,
                 "the artifact measures its kernels, for `optc bench --profile`");
  verb->add_flag("--timing", arguments->compile.timing, "print how long each pass took");
  verb->add_flag("-q,--quiet", arguments->quiet, "no progress, no summary");
  verb->callback([arguments, &action] {
    if (!arguments->compile.emit.empty() && !arguments->output.empty())
      arguments->compile.emitPath = arguments->output;
    action = [arguments] { return build(*arguments); };
  });
}
