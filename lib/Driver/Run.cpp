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
#include "lib/Driver/TensorFile.h"
#include "lib/Driver/TensorFolder.h"
#include "lib/Driver/Verbs.h"

#include <CLI/CLI.hpp>
#include <cstdio>

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
    std::printf("%s: %s\n", output.name.c_str(), typeText(output.dtype, output.dims).c_str());
  return Error();
}

void addRun(CLI::App &app, Action &action) {
  auto options = std::make_shared<RunOptions>();
  CLI::App *verb = app.add_subcommand("run", "run a model on tensors from files");
  verb->add_option("model", options->model, "artifact (.optc)")->required();
  verb->add_option("--input", options->inputs, "NAME=FILE (.npy, .npz, .pb), or FILE.npz")
      ->allow_extra_args(false);
  verb->add_option("--inputs", options->inputFolder, "folder with manifest.json and its files");
  verb->add_option("--output-dir", options->outputFolder, "write the outputs here, as .npy");
  verb->add_option("--threads", options->session.threads, "threads (default: one per CPU)");
  verb->add_option("--entry", options->session.entry, "entry point (default: the first)");
  verb->callback([options, &action] { action = [options] { return run(*options); }; });
}

} // namespace optc::driver
