//===- Session.h - a model opened for a verb ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What run and bench share: the artifact opened through the C interface, tensors matched
// to its inputs, and the errors of the runtime as those of the command line.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_SESSION_H
#define OPTC_DRIVER_SESSION_H

#include "lib/Driver/Tensor.h"
#include "optc/runtime.hpp"

#include <functional>
#include <map>

namespace optc::driver {

struct SessionOptions;

/// Compiles an .onnx file into a memory file.
using ModelCompiler =
    std::function<Error(const std::string &path, const SessionOptions &options, int &fd)>;

struct SessionOptions {
  uint32_t threads = 0; ///< 0: one per CPU
  std::string entry;    ///< empty: the first
  bool verifyWeights = true;
  /// Of programs with a compiler; without it .onnx files are refused as what they are.
  ModelCompiler compiler;
  bool profile = false;   ///< compiles so that kernels are measured
  uint64_t maxMemory = 0; ///< of a compile, see MemoryLimit.h
};

class Session {
public:
  Error open(const std::string &path, const SessionOptions &options);

  const rt::Model &model() const { return opened; }
  rt::Context &context() { return execution; }
  size_t entry() const { return entryIndex; }
  size_t inputCount() const { return opened.inputCount(entryIndex); }
  size_t outputCount() const { return opened.outputCount(entryIndex); }
  const optc_tensor_info &input(size_t index) const { return opened.input(index, entryIndex); }
  const optc_tensor_info &output(size_t index) const { return opened.output(index, entryIndex); }

  /// Gives the input its value, which the session keeps; types that files store bit for bit are
  /// taken as what the model wants.
  Error setInput(size_t index, Tensor tensor);
  /// The same by name.
  Error setInput(const std::string &name, Tensor tensor);
  /// Fails for the first input that has no value.
  Error checkAllSet() const;
  const Tensor &value(size_t index) const { return values.at(index); }
  bool hasValue(size_t index) const { return values.count(index); }

  Error run();
  /// What the output of a name holds; false if there is none, or nothing in it.
  bool findOutput(const std::string &name, optc_tensor &tensor) const;

private:
  rt::Model opened;
  rt::Context execution;
  size_t entryIndex = 0;
  std::map<size_t, Tensor> values;
};

size_t countElements(const optc_tensor &tensor);

/// The error of the runtime with its code; the message without the id.
Error fromRuntime(const rt::Error &error);

/// Reads "NAME=FILE" (or "FILE.npz", all of whose arrays are inputs) into the session.
Error readInputOption(Session &session, const std::string &option);

} // namespace optc::driver

#endif // OPTC_DRIVER_SESSION_H
