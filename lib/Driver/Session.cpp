//===- Session.cpp - a model opened for a verb ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Opening, inputs by name, and the --input option.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Session.h"
#include "lib/Driver/TensorFile.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace optc::driver {

Error fromRuntime(const rt::Error &error) {
  if (!error)
    return Error();
  std::string prefix = errorId(error.code()) + ": ", message = error.message();
  if (message.compare(0, prefix.size(), prefix) == 0)
    message.erase(0, prefix.size());
  return Error(static_cast<ErrorCode>(error.code()), message);
}

static bool endsWith(const std::string &text, const std::string &end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.npos, end) == 0;
}

Error Session::openArtifact(const std::string &path, const SessionOptions &options) {
  optc_model_options modelOptions = rt::Model::defaults();
  modelOptions.verify_weights = options.verifyWeights;
  return fromRuntime(opened.open(path, modelOptions));
}

/// The artifact lives in a memfd, which the mapping keeps.
Error Session::compileAndOpen(const std::string &path, const SessionOptions &options) {
  int descriptor = memfd_create("optc-artifact", MFD_CLOEXEC);
  if (descriptor < 0)
    return Error(E9001, std::string("memfd_create: ") + std::strerror(errno));
  Error error = options.compile(path, descriptor);
  if (!error)
    error = openArtifact("/proc/self/fd/" + std::to_string(descriptor), options);
  close(descriptor);
  return error;
}

Error Session::open(const std::string &path, const SessionOptions &options) {
  bool compile = options.compile && endsWith(path, ".onnx");
  if (Error error = compile ? compileAndOpen(path, options) : openArtifact(path, options))
    return error;
  if (!options.entry.empty()) {
    size_t count = opened.entryCount();
    while (entryIndex < count && options.entry != opened.entryName(entryIndex))
      ++entryIndex;
    if (entryIndex == count)
      return Error(E103, "the model has no entry point '" + options.entry + "'");
  }
  optc_context_options contextOptions = rt::Context::defaults();
  contextOptions.threads = options.threads;
  return fromRuntime(execution.create(opened, entryIndex, contextOptions));
}

Error Session::setInput(size_t index, Tensor tensor) {
  reinterpretAs(tensor, input(index).dtype);
  Tensor &kept = values[index] = std::move(tensor);
  optc_tensor view = {kept.dtype, int32_t(kept.dims.size()), kept.dims.data(), kept.data()};
  return fromRuntime(execution.setInput(index, view));
}

Error Session::setInput(const std::string &name, Tensor tensor) {
  int64_t index = opened.findInput(name, entryIndex);
  if (index >= 0)
    return setInput(size_t(index), std::move(tensor));
  std::string names;
  for (size_t i = 0; i < inputCount(); ++i)
    names += (i ? ", '" : "'") + std::string(input(i).name) + "'";
  return Error(E103, "the model has no input '" + name + "'; it has " +
                         (names.empty() ? "none" : names));
}

Error Session::checkAllSet() const {
  for (size_t i = 0; i < inputCount(); ++i)
    if (!hasValue(i))
      return Error(E107, "input '" + std::string(input(i).name) + "' got no value");
  return Error();
}

Error Session::run() { return fromRuntime(execution.run()); }

/// All arrays of an .npz are inputs.
static Error readAll(Session &session, const std::string &path) {
  std::vector<NamedTensor> tensors;
  if (Error error = readTensorFile(path, tensors))
    return error;
  for (NamedTensor &one : tensors)
    if (Error error = session.setInput(one.name, std::move(one.tensor)))
      return error;
  return Error();
}

Error readInputOption(Session &session, const std::string &option) {
  size_t equal = option.find('=');
  if (equal == option.npos && endsWith(option, ".npz"))
    return readAll(session, option);
  if (equal == option.npos || equal == 0)
    return Error(E102, "--input '" + option + "' is not NAME=FILE");
  std::string name = option.substr(0, equal), path = option.substr(equal + 1);
  std::vector<NamedTensor> tensors;
  if (Error error = readTensorFile(path, tensors))
    return error;
  auto chosen = std::find_if(tensors.begin(), tensors.end(),
                             [&](const NamedTensor &one) { return one.name == name; });
  if (chosen == tensors.end() && tensors.size() == 1)
    chosen = tensors.begin();
  if (chosen == tensors.end())
    return Error(E104, "'" + path + "' has no array '" + name + "'");
  return session.setInput(name, std::move(chosen->tensor));
}

} // namespace optc::driver
