//===- Run.cpp - optc run -------------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs an artifact once on tensors from files, and writes or summarizes its outputs.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Session.h"
#include "lib/Driver/TensorElements.h"
#include "lib/Driver/TensorFile.h"
#include "lib/Driver/TensorFolder.h"
#include "lib/Driver/Verbs.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <limits>

namespace optc::driver {

namespace {
struct RunOptions {
  std::string model, inputFolder, outputFolder;
  std::vector<std::string> inputs;
  SessionOptions session;
};
} // namespace

static Error readInputs(const RunOptions &options, Session &session) {
  if (!options.inputFolder.empty()) {
    std::vector<NamedTensor> tensors;
    if (Error error = readTensorFolder(options.inputFolder, tensors))
      return error;
    for (NamedTensor &one : tensors)
      if (Error error = session.setInput(one.name, std::move(one.tensor)))
        return error;
  }
  for (const std::string &input : options.inputs)
    if (Error error = readInputOption(session, input))
      return error;
  return session.checkAllSet();
}

static Error collectOutputs(Session &session, std::vector<OutputView> &outputs) {
  for (size_t i = 0; i < session.outputCount(); ++i) {
    optc_tensor tensor;
    if (Error error = fromRuntime(session.context().output(i, tensor)))
      return error;
    std::vector<int64_t> dims(tensor.dims, tensor.dims + tensor.rank);
    outputs.push_back({session.output(i).name, tensor.dtype, std::move(dims), tensor.data});
  }
  return Error();
}

static std::string numberText(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.7g", value);
  return text;
}

/// The values of a small tensor; of a larger one, between which they are.
static std::string summary(const OutputView &output) {
  constexpr int64_t mostShown = 8;
  int64_t count = bytesOf(output.dims, 1);
  std::string text;
  withElements(output.dtype, output.data, [&](auto *elements) {
    double least = std::numeric_limits<double>::infinity(), most = -least, sum = 0;
    int64_t nans = 0;
    for (int64_t i = 0; i < count; ++i) {
      double value = static_cast<double>(elements[i]);
      if (count <= mostShown)
        text += " " + numberText(value);
      nans += std::isnan(value);
      least = std::min(least, std::isnan(value) ? least : value);
      most = std::max(most, std::isnan(value) ? most : value);
      sum += value;
    }
    if (count > mostShown)
      text = " min " + numberText(least) + ", max " + numberText(most) + ", mean " +
             numberText(sum / count);
    if (count > mostShown && nans)
      text += ", " + std::to_string(nans) + " NaNs";
  });
  return text;
}

static Error run(const RunOptions &options) {
  Session session;
  if (Error error = session.open(options.model, options.session))
    return error;
  if (Error error = readInputs(options, session))
    return error;
  if (Error error = session.run())
    return error;
  std::vector<OutputView> outputs;
  if (Error error = collectOutputs(session, outputs))
    return error;
  if (!options.outputFolder.empty())
    return writeTensorFolder(options.outputFolder, outputs, options.inputFolder.empty());
  for (const OutputView &output : outputs)
    std::printf("%s: %s%s\n", output.name.c_str(), typeText(output.dtype, output.dims).c_str(),
                summary(output).c_str());
  return Error();
}

void addRun(CLI::App &app, Action &action, const ModelCompiler &compiler) {
  auto options = std::make_shared<RunOptions>();
  options->session.compiler = compiler;
  CLI::App *verb = app.add_subcommand("run", "run a model on tensors from files");
  verb->footer(
      "An .onnx file is compiled in memory first. Without --output-dir a summary is printed.\n"
      "Examples:\n"
      "  optc run model.optc --input x=x.npy --output-dir out    writes out/NAME.npy\n"
      "  optc run model.optc --inputs DIR --output-dir out       DIR/manifest.json lists the "
      "files");
  verb->add_option("model", options->model, "artifact (.optc), or a model (.onnx)")->required();
  verb->add_option("--input", options->inputs, "NAME=FILE (.npy, .npz, .pb), or FILE.npz")
      ->allow_extra_args(false);
  verb->add_option("--inputs", options->inputFolder, "folder with manifest.json and its files");
  verb->add_option("--output-dir", options->outputFolder, "write the outputs here, as .npy");
  verb->add_option("--threads", options->session.threads, "threads (default: one per CPU)");
  addMemoryOption(*verb, options->session.maxMemory);
  verb->add_option("--entry", options->session.entry, "entry point (default: the first)");
  verb->callback([options, &action] { action = [options] { return run(*options); }; });
}

} // namespace optc::driver
