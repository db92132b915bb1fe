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
#include "lib/Compress/Budget.h"
#include "lib/Driver/Compile.h"
#include "lib/Driver/DecoderFiles.h"
#include "lib/Driver/EvaluationText.h"
#include "lib/Driver/GateArguments.h"
#include "lib/Driver/MemoryLimit.h"
#include "lib/Driver/QuantizationPage.h"
#include "lib/Driver/Quantizer.h"
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
#include <unistd.h>

using namespace optc;
using namespace optc::driver;

namespace {
struct BuildArguments {
  std::string model, output;
  std::vector<std::string> bounds;
  CompileOptions compile;
  QuantizeOptions quantize;
  std::string page;
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
            " are transformed for Winograd convolutions; --optimize-for size does without)";
  }
  std::printf("%s: %s, %.1f s\n", output.c_str(), text.c_str(), seconds);
}

/// What `optc generate` needs, from the folder of the model.
static Error addDecoderFiles(BuildArguments &arguments) {
  if (arguments.compile.code.caches == CacheLayout::None)
    return {};
  if (arguments.compile.code.optimize == 0)
    return {E102, "--kv needs the graph to be simplified, which -O 0 leaves out"};
  DecoderFiles files;
  std::string folder = std::filesystem::path(arguments.model).parent_path().string();
  if (Error error = DecoderFiles::read(folder, files))
    return error;
  arguments.compile.files = files.toEntries();
  return {};
}

static Error checkQuantize(const BuildArguments &arguments) {
  const QuantizeOptions &quantize = arguments.quantize;
  bool isInt8 = quantize.scheme == compress::Scheme::Int8;
  bool inBlocks = quantize.scheme && compress::usesBlocks(*quantize.scheme);
  if (isInt8 && quantize.calibration.empty())
    return {
        E102,
        "--quantize int8 needs --calib: a file or folder of inputs like those the model will get"};
  bool asksOfBlocks =
      quantize.block > 0 || quantize.hasZeros || quantize.roundsData || quantize.rounding;
  if (asksOfBlocks && !inBlocks)
    return {E102, "--block, --zeros, --data and --rounding are of use with --quantize "
                  "int8-dynamic, int8-weights and int4-weights only"};
  bool hasCodebook = quantize.codebook != compress::Codebook::None;
  if (hasCodebook && (quantize.scheme != compress::Scheme::Int4Weights || quantize.hasZeros))
    return {E102, "--codebook is of use with --quantize int4-weights only, and without --zeros"};
  bool asks = quantize.hasSamples() || asksOfGate(quantize) || !quantize.keep.empty() ||
              !arguments.page.empty();
  if (!quantize.scheme && asks)
    return {E102, "--calib, --eval, --max-drop, --metric, --labels, --tokens, --script, "
                  "--target-size, --target-bits, --keep and --page are of use with --quantize "
                  "only"};
  return checkGateOptions(quantize);
}

/// "212 of 212 weights as codes of 4 bits in blocks of 32, 80.2 MB of 538.1 MB"
static void printWeights(const compress::Plan &plan) {
  auto [before, after] = plan.countBytes();
  const compress::BlockFormat &blocks = plan.blocks;
  std::string form = std::string("floats of 16 bits (") + nameOf(plan.scheme) + ")";
  if (compress::usesBlocks(plan.scheme)) {
    constexpr int64_t byte = 8;
    bool isMixed = blocks.bits < byte && plan.countOfBits(byte) > 0;
    form = "codes of " + std::to_string(blocks.bits) + (isMixed ? " or 8" : "") + " bits";
    if (blocks.codebook != compress::Codebook::None)
      form += std::string(", codebook ") + nameOf(blocks.codebook);
    form += " in blocks of " + std::to_string(blocks.block);
    form += blocks.roundsData ? ", data as bytes" : "";
  }
  std::printf("%zu of %zu weights as %s, %.1f MB of %.1f MB\n", plan.countQuantized(),
              plan.sites.size(), form.c_str(), double(after) / 1e6, double(before) / 1e6);
  if (plan.evaluation.metric.empty())
    std::puts("accuracy was not measured: --eval or --calib give inputs for that");
}

/// "weights of 4 bits: 120, of 8: 31, as they are: 2; 80214528 bytes of at most 80740352"
static void printSize(const compress::Plan &plan) {
  std::string text = "weights";
  for (auto [bits, name] : {std::pair(4, " of 4 bits: "),
                            {8, " of 8 bits: "},
                            {16, " of 16 bits: "},
                            {32, " as they are: "}})
    if (size_t count = plan.countOfBits(bits))
      text += name + std::to_string(count) + ",";
  text.back() = ';';
  std::printf("%s %llu bytes, of at most %llu\n", text.c_str(),
              (unsigned long long)plan.countBytes().second, (unsigned long long)plan.targetBytes);
}

/// "52 of 53 products as integers", "top1 drop 0.5 % of 200 samples, at most 1.8 % with 95 %
/// confidence; cosine 0.99953, 31.2 dB"
static void printQuantization(const QuantizeOptions &options, const compress::Plan &plan) {
  const compress::Evaluation &evaluation = plan.evaluation;
  compress::Storage storage = compress::storageOf(plan.scheme);
  if (!options.calibration.empty() && storage != compress::Storage::Floats &&
      evaluation.calibrated < 2)
    std::fputs("warning: one sample for calibration says little of others\n", stderr);
  if (storage != compress::Storage::Integers)
    printWeights(plan);
  else
    std::printf("%zu of %zu products as integers\n", plan.countQuantized(), plan.sites.size());
  if (plan.targetBytes > 0)
    printSize(plan);
  if (evaluation.figures)
    std::printf("%s\n", figuresText(evaluation).c_str());
  if (!evaluation.metric.empty())
    std::printf("%s %s", dropName(evaluation).c_str(), dropText(evaluation).c_str());
  if (evaluation.samples > 0)
    std::printf("; cosine %.5f, %.1f dB", evaluation.cosine, evaluation.sqnr);
  if (!evaluation.metric.empty())
    std::puts("");
  for (size_t i = 0; i < plan.sites.size(); ++i)
    if (const compress::SiteChoice &choice = plan.choices[i];
        !choice.reason.empty() && choice.reason != compress::sizeReason)
      std::printf("  %s %s: %s\n", printable(plan.sites[i].node).c_str(),
                  choice.quantized ? "has codes of 8 bits" : "stays as it is",
                  choice.reason.c_str());
}

/// The options of --quantize and what belongs to it.
static void addQuantizeOptions(CLI::App &verb, const std::shared_ptr<BuildArguments> &arguments) {
  QuantizeOptions &quantize = arguments->quantize;
  verb.add_option_function<std::string>(
          "--quantize",
          [arguments](const std::string &name) {
            arguments->quantize.scheme = compress::schemeOf(name);
          },
          "int8: products of data and weights as integers of 8 bits, needs --calib; int8-dynamic, "
          "int8-weights, int4-weights: weights of matrix products and of vocabularies as codes of "
          "so many bits with a scale per block, data rounded as they come or (int8-weights) "
          "floats; "
          "bf16, f16: weights of products, convolutions and vocabularies as floats of 16 bits")
      ->check(CLI::IsMember(compress::listSchemes()));
  verb.add_option("--block", quantize.block,
                  "numbers of a weight that share a scale: 16 to 256 (default: 32)")
      ->check(CLI::IsMember({16, 32, 64, 128, 256}));
  verb.add_flag(
      "--zeros", quantize.hasZeros,
      "give each block a zero of its own, two bytes: for weights that lie on one side of 0");
  verb.add_option_function<std::string>(
          "--codebook",
          [arguments](const std::string &name) {
            arguments->quantize.codebook = *compress::codebookOf(name);
          },
          "the 16 numbers that codes of 4 bits stand for: nf4, those of a normal distribution, or "
          "learned, what suits each weight best (default: none, steps of one size)")
      ->check(CLI::IsMember({"none", "nf4", "learned"}));
  verb.add_option_function<std::string>(
          "--data",
          [arguments](const std::string &name) { arguments->quantize.roundsData = name == "int8"; },
          "what weights in blocks are multiplied with: int8, rounded with a scale per block, or "
          "float")
      ->check(CLI::IsMember({"int8", "float"}));
  verb.add_option_function<std::string>(
          "--rounding",
          [arguments](const std::string &name) { arguments->quantize.rounding = roundingOf(name); },
          "with --calib, how weights in blocks are rounded: nearest; gptq, each code makes up for "
          "the errors of others in products with what calibration reads; qronos (default), and for "
          "those of layers before")
      ->check(CLI::IsMember({"nearest", "gptq", "qronos"}));
  verb.add_option(
      "--calib", quantize.calibration,
      "inputs that are like real ones: an .npz, .npy or .pb file (rows of a larger batch are "
      "samples), or a folder of them or of test_data_set_* folders; or auto, of decoders: text "
      "that "
      "the model draws itself");
  verb.add_option(
      "--eval", quantize.evaluation,
      "inputs to compare the quantized model with the model on (default: those of --calib)");
  verb.add_option_function<std::string>(
          "--range",
          [arguments](const std::string &name) {
            arguments->quantize.range = *compress::rangeMethodOf(name);
          },
          "what range integers have: minmax, percentile (all but 1 in 10,000), mse (default), "
          "entropy")
      ->check(CLI::IsMember({"minmax", "percentile", "mse", "entropy"}));
  verb.add_flag("!--no-bias-correction", quantize.correctsBias,
                "leave in the outputs what rounding of weights adds to them on average");
  verb.add_flag("!--no-balance", quantize.balances,
                "leave channels of unlike sizes as they are; else they are divided by factors that "
                "the weights get "
                "where that makes errors smaller (SmoothQuant)");
  verb.add_option("--page", arguments->page,
                  "FILE.html: what became of each product, the worst first");
  verb.add_option("--keep", quantize.keep, "NODE whose product stays as it is")
      ->allow_extra_args(false);
  addGateOptions(verb, quantize);
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
  if (Error error = checkQuantize(arguments))
    return error;
  Progress progress(arguments.quiet);
  CompiledModel compiled;
  compress::Plan plan;
  std::string output = arguments.output.empty() ? defaultOutput(arguments.model) : arguments.output;
  arguments.quantize.calibratesByItself = arguments.quantize.calibration == "auto";
  arguments.quantize.ownTextFolder = output + ".text-" + std::to_string(getpid());
  arguments.quantize.gate.candidatePath = output + ".candidate-" + std::to_string(getpid());
  if (arguments.quantize.scheme)
    if (Error error =
            quantizeModel(arguments.model, arguments.quantize, arguments.compile, progress, plan))
      return error;
  if (Error error = addDecoderFiles(arguments))
    return error;
  {
    // Not while the artifact is written, which takes none: half of it would stay.
    MemoryLimit limit(arguments.maxMemory, "compiling '" + arguments.model + "'");
    if (Error error = compileModel(arguments.model, arguments.compile, progress, compiled))
      return error;
  }
  if (!arguments.compile.emit.empty())
    return {};
  if (Error error = compiled.write(output))
    return error;
  progress.clear();
  if (arguments.report)
    if (Error error = printReport(compiled))
      return error;
  if (!arguments.page.empty())
    if (Error error = writeWhole(arguments.page, quantizationPage(arguments.model, plan)))
      return error;
  if (!arguments.quiet && arguments.quantize.scheme)
    printQuantization(arguments.quantize, plan);
  if (uint64_t bytes = arguments.quiet ? 0 : compiled.cacheBytesPerToken())
    std::printf("keys and values take %llu bytes per token, contiguous in reserved address space\n",
                static_cast<unsigned long long>(bytes));
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
  verb->add_option_function<std::string>(
          "--kv",
          [arguments](const std::string &) {
            arguments->compile.code.caches = CacheLayout::Contiguous;
          },
          "contiguous: keys and values of a decoder stay in memory that each call adds to, for "
          "`optc generate`; past and present, mask and positions are no inputs and outputs any "
          "more, and scores are those of the last token")
      ->check(CLI::IsMember({nameOf(CacheLayout::Contiguous)}));
  verb->add_option("-j,--jobs", arguments->compile.jobs,
                   "threads for code generation; default: one per CPU");
  addMemoryOption(*verb, arguments->maxMemory);
  verb->add_option(
      "--bound", arguments->bounds,
      "SYMBOL=SIZE: the largest size of a symbol of the inputs; --report then tells the memory "
      "that is enough for all shapes, and larger ones are refused");
  addQuantizeOptions(*verb, arguments);
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
  verb->add_option_function<std::string>(
          "--optimize-for",
          [arguments](const std::string &purpose) {
            arguments->compile.code.forSize = purpose == "size";
          },
          "speed (default), or size: no packed weights that are larger than the weights, as those "
          "of Winograd convolutions")
      ->check(CLI::IsMember({"speed", "size"}));
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
