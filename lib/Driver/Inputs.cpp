//===- Inputs.cpp - values for the inputs of a model -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Inputs.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Inputs.h"
#include "lib/Driver/RandomTensor.h"
#include "lib/Driver/TensorFolder.h"

#include <CLI/CLI.hpp>
#include <cstring>
#include <sys/stat.h>

namespace optc::driver {

void addInputOptions(CLI::App &verb, InputOptions &options) {
  verb.add_option("--input", options.files, "NAME=FILE (.npy, .npz, .pb), or FILE.npz")
      ->allow_extra_args(false);
  verb.add_option("--inputs", options.all, "an .npz, or a folder with manifest.json and its files");
  verb.add_option("--shape", options.shapes,
                  "NAME=1x3x224x224, or SYMBOL=224, for inputs without a file: these are random")
      ->allow_extra_args(false);
}

static Error readAll(const std::string &path, Session &session) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
    return readInputOption(session, path);
  std::vector<NamedTensor> tensors;
  if (Error error = readTensorFolder(path, tensors))
    return error;
  for (NamedTensor &one : tensors)
    if (Error error = session.setInput(one.name, std::move(one.tensor)))
      return error;
  return Error();
}

static Error fillRandom(const std::vector<std::string> &shapes, Session &session) {
  ShapePins pins;
  for (const std::string &shape : shapes)
    if (Error error = pins.add(shape))
      return error;
  if (Error error = pins.checkNames(session))
    return error;
  for (size_t i = 0; i < session.inputCount(); ++i)
    if (session.hasValue(i))
      pins.learn(session.input(i), session.value(i).dims);
  for (size_t i = 0; i < session.inputCount(); ++i) {
    if (session.hasValue(i))
      continue;
    std::vector<int64_t> dims;
    Tensor tensor;
    if (const optc_tensor *value = session.model().inputDefault(i, session.entry())) {
      dims.assign(value->dims, value->dims + value->rank);
      if (!tensor.allocate(value->dtype, dims))
        return Error(E7008, "no memory for input '" + std::string(session.input(i).name) + "'");
      std::memcpy(tensor.data(), value->data, tensor.bytes);
      if (Error error = session.setInput(i, std::move(tensor)))
        return error;
      continue;
    }
    if (Error error = pins.resolve(session.input(i), dims))
      return error;
    if (!randomTensor(session.input(i).dtype, dims, /*seed=*/i + 1, tensor))
      return Error(E7008, "no memory for input '" + std::string(session.input(i).name) + "'");
    if (Error error = session.setInput(i, std::move(tensor)))
      return error;
  }
  return Error();
}

Error fillInputs(const InputOptions &options, Session &session) {
  if (!options.all.empty())
    if (Error error = readAll(options.all, session))
      return error;
  for (const std::string &file : options.files)
    if (Error error = readInputOption(session, file))
      return error;
  return fillRandom(options.shapes, session);
}

Error copyInputs(const Session &from, Session &to) {
  for (size_t i = 0; i < from.inputCount(); ++i) {
    const Tensor &value = from.value(i);
    Tensor copy;
    if (!copy.allocate(value.dtype, value.dims))
      return Error(E7008, "no memory for input '" + std::string(from.input(i).name) + "'");
    std::memcpy(copy.data(), value.data(), value.bytes);
    if (Error error = to.setInput(from.input(i).name, std::move(copy)))
      return error;
  }
  return Error();
}

} // namespace optc::driver
