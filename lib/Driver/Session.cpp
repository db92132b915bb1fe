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
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace optc::driver {

Error fromRuntime(const rt::Error &error) {
  if (!error)
    return Error();
  std::string prefix = errorId(error.code()) + ": ", message = error.message();
  if (message.compare(0, prefix.size(), prefix) == 0)
    message.erase(0, prefix.size());
  return Error(static_cast<ErrorCode>(error.code()), message);
}

static bool isOnnx(const std::string &path) {
  return path.size() > 5 && path.compare(path.size() - 5, 5, ".onnx") == 0;
}

Error Session::open(const std::string &path, const SessionOptions &options) {
  if (options.compiler && isOnnx(path)) {
    int fd = -1;
    if (Error error = options.compiler(path, options, fd))
      return error;
    // The runtime maps the file while it opens it.
    Error error = open("/proc/self/fd/" + std::to_string(fd), options);
    close(fd);
    return error;
  }
  optc_model_options modelOptions = rt::Model::defaults();
  modelOptions.verify_weights = options.verifyWeights;
  if (rt::Error error = opened.open(path, modelOptions))
    return fromRuntime(error);
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
  for (size_t i = 0; const char *constant = optc_model_constant(opened.get(), entryIndex, i); ++i)
    if (name == constant)
      return Error(
          E103, "'" + name +
                    "' is a constant of this artifact (the model gives it a default); build with "
                    "--overridable " +
                    name + " to make it an input");
  std::string names;
  for (size_t i = 0; i < inputCount(); ++i)
    names += (i ? ", '" : "'") + std::string(input(i).name) + "'";
  return Error(E103,
               "the model has no input '" + name + "'; it has " + (names.empty() ? "none" : names));
}

Error Session::checkAllSet() const {
  for (size_t i = 0; i < inputCount(); ++i)
    if (!hasValue(i) && !opened.inputDefault(i, entryIndex))
      return Error(E107, "input '" + std::string(input(i).name) + "' got no value");
  return Error();
}

Error Session::run() { return fromRuntime(execution.run()); }

bool Session::findOutput(const std::string &name, optc_tensor &tensor) const {
  int64_t index = opened.findOutput(name, entryIndex);
  return index >= 0 && !execution.output(size_t(index), tensor);
}

size_t countElements(const optc_tensor &tensor) {
  size_t count = 1;
  for (int32_t d = 0; d < tensor.rank; ++d)
    count *= static_cast<size_t>(tensor.dims[d]);
  return count;
}

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
  bool isNpz = option.size() > 4 && option.compare(option.size() - 4, 4, ".npz") == 0;
  if (equal == option.npos && isNpz)
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
