//===- Samples.cpp - inputs for many runs -------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Samples.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Samples.h"
#include "lib/Driver/TensorFile.h"
#include "lib/Driver/TensorFolder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

namespace optc::driver {

namespace fs = std::filesystem;

static bool isTensorFile(const fs::path &path) {
  return path.extension() == ".npz" || path.extension() == ".npy" || path.extension() == ".pb";
}

/// Files whose name of a tensor means nothing, or that have none.
static bool isNameless(const fs::path &path) {
  return path.extension() == ".npy" || path.extension() == ".pb";
}

/// `input_N.pb` of a folder in the order of N, which is that of the model's inputs.
static Error readTestDataSet(const std::string &folder, std::vector<NamedTensor> &tensors) {
  for (size_t i = 0;; ++i) {
    std::string path = folder + "/input_" + std::to_string(i) + ".pb";
    if (!fs::exists(path))
      return {};
    if (Error error = readTensorFile(path, tensors))
      return error;
  }
}

Error Samples::fail(const std::string &path, const std::string &what) const {
  return {E8002, option + " '" + path + "': " + what};
}

/// Numbers that are no numbers make no range.
Error Samples::check(const NamedTensor &one, const std::string &path) const {
  const Tensor &tensor = one.tensor;
  const DTypeInfo *type = findDType(tensor.dtype);
  if (!type || type->kind != DTypeKind::Float || type->storageSize != sizeof(float))
    return {};
  for (int64_t i = 0, count = tensor.elements(); i < count; ++i) {
    float value;
    std::memcpy(&value, tensor.data() + i * sizeof(float), sizeof(float));
    if (!std::isfinite(value))
      return fail(path, "element " + std::to_string(i) + " of '" + one.name +
                            "' is no finite number; leave such samples out");
  }
  return {};
}

Error Samples::read(const std::string &path) {
  if (path == cachedPath)
    return {};
  std::vector<NamedTensor> tensors;
  bool isFolder = fs::is_directory(path);
  bool isSet = isFolder && fs::exists(path + "/input_0.pb");
  if (Error error = isSet      ? readTestDataSet(path, tensors)
                    : isFolder ? readTensorFolder(path, tensors)
                               : readTensorFile(path, tensors))
    return error;
  for (size_t i = 0; i < tensors.size(); ++i) {
    std::string &name = tensors[i].name;
    bool isKnown = std::find(inputNames.begin(), inputNames.end(), name) != inputNames.end();
    if (!isKnown && isSet && i < inputNames.size())
      name = inputNames[i];
    else if (!isKnown && tensors.size() == 1 && inputNames.size() == 1 && isNameless(path))
      name = inputNames.front();
    else if (!isKnown) {
      std::string known;
      for (const std::string &input : inputNames)
        known += (known.empty() ? "'" : ", '") + input + "'";
      return fail(path, "it has '" + name + "', the inputs of the model are " + known);
    }
    if (Error error = check(tensors[i], path))
      return error;
  }
  cached = std::move(tensors);
  cachedPath = path;
  return {};
}

/// How many samples the arrays of a source are; 0: they are one as they are.
static int64_t countRows(const std::vector<NamedTensor> &tensors, const Session &model) {
  int64_t rows = 0;
  for (const NamedTensor &one : tensors) {
    int64_t index = model.model().findInput(one.name, model.entry());
    const optc_tensor_info &input = model.input(size_t(index));
    const std::vector<int64_t> &dims = one.tensor.dims;
    auto rank = static_cast<int64_t>(dims.size());
    bool isStack = rank == input.rank + 1;
    bool isBatch = rank == input.rank && rank > 0 && dims[0] > 1 &&
                   (input.dims[0] == 1 || input.dims[0] == -1);
    if ((!isStack && !isBatch) || (rows && rows != dims[0]))
      return 0;
    rows = dims[0];
  }
  return rows;
}

Error Samples::addSource(const std::string &path, const Session &model) {
  if (Error error = read(path))
    return error;
  if (cached.empty())
    return fail(path, "it holds no tensor");
  int64_t rows = countRows(cached, model);
  for (int64_t row = 0; row < rows; ++row)
    samples.push_back({path, row});
  if (rows == 0)
    samples.push_back({path, -1});
  return {};
}

Error Samples::open(const std::string &name, const std::string &path, const Session &model) {
  option = name;
  for (size_t i = 0; i < model.inputCount(); ++i)
    inputNames.emplace_back(model.input(i).name);
  std::error_code code;
  if (!fs::exists(path, code))
    return fail(path, "there is no such file or folder");
  std::vector<std::string> sources;
  bool isOne = !fs::is_directory(path) || fs::exists(path + "/manifest.json") ||
               fs::exists(path + "/input_0.pb");
  if (isOne)
    sources.push_back(path);
  else
    for (const fs::directory_entry &entry : fs::directory_iterator(path, code)) {
      std::string file = entry.path().string();
      if (isTensorFile(entry.path()) ||
          (entry.is_directory() &&
           (fs::exists(file + "/input_0.pb") || fs::exists(file + "/manifest.json"))))
        sources.push_back(file);
    }
  std::sort(sources.begin(), sources.end());
  if (sources.empty())
    return fail(path, "there is no .npz, .npy or .pb file in it");
  for (const std::string &source : sources)
    if (Error error = addSource(source, model))
      return error;
  return {};
}

/// Row `row` of a tensor, which keeps the dim of rows if the input has it.
static bool rowOf(const Tensor &tensor, int64_t row, int32_t inputRank, Tensor &result) {
  std::vector<int64_t> dims = tensor.dims;
  if (static_cast<int32_t>(dims.size()) == inputRank)
    dims.front() = 1;
  else
    dims.erase(dims.begin());
  if (!result.allocate(tensor.dtype, dims))
    return false;
  std::memcpy(result.data(), tensor.data() + row * result.bytes, result.bytes);
  return true;
}

/// All of a tensor; one that lacks the dim of rows gets it.
static bool copyOf(const Tensor &tensor, int32_t inputRank, Tensor &result) {
  std::vector<int64_t> dims = tensor.dims;
  if (static_cast<int32_t>(dims.size()) + 1 == inputRank)
    dims.insert(dims.begin(), 1);
  if (!result.allocate(tensor.dtype, dims))
    return false;
  std::memcpy(result.data(), tensor.data(), tensor.bytes);
  return true;
}

Error Samples::load(size_t index, Session &session) {
  const Sample &sample = samples[index];
  if (Error error = read(sample.path))
    return error;
  for (const NamedTensor &one : cached) {
    Tensor tensor;
    int64_t input = session.model().findInput(one.name, session.entry());
    int32_t rank = session.input(size_t(input)).rank;
    bool made = sample.row < 0 ? copyOf(one.tensor, rank, tensor)
                               : rowOf(one.tensor, sample.row, rank, tensor);
    if (!made)
      return fail(sample.path, "there is no memory for a sample");
    if (Error error = session.setInput(size_t(input), std::move(tensor)))
      return fail(sample.path, error.message);
  }
  if (Error error = session.checkAllSet())
    return fail(sample.path, error.message);
  return {};
}

} // namespace optc::driver
