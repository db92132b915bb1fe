//===- Model.h - an opened artifact ---------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Code, weights and the types of the entry points; shared by the model handle and all
// contexts.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUNTIME_MODEL_H
#define OPTC_RUNTIME_MODEL_H

#include "lib/Runtime/CodeLoader.h"
#include "lib/Runtime/Memory.h"
#include "optc/runtime.h"

namespace optc::runtime {

/// A tensor type in the form of the C interface; `info` points into the other members.
struct TensorType {
  optc_tensor_info info;
  std::string name;
  std::vector<int64_t> dims;
  std::vector<std::string> symbols;
  std::vector<const char *> symbolPointers;
  int64_t elementSize = 0;
  std::vector<int64_t> defaultDims;
  optc_tensor defaultValue = {}; ///< of inputs; the type is 0 without
  int64_t cacheAxis = -1;        ///< of inputs that are caches
};

struct Entry {
  std::string name;
  const optc_module_entry *code = nullptr;
  const optc_module_work *work = nullptr;  ///< null in modules of older compilers
  std::vector<TensorType> inputs, outputs; ///< never resized after load
  std::vector<artifact::Bound> bounds;
  std::vector<std::string> constants; ///< inputs of the model that are none of the artifact
};

struct ModelOptions {
  bool verifyWeights = false;
  bool hugePages = false;
  std::string level;
};

class Model {
public:
  Error open(const std::string &path, const ModelOptions &options);
  Error openMemory(const void *data, uint64_t size, const ModelOptions &options);

  const std::vector<Entry> &entries() const { return points; }
  const void *weights() const { return weightData; }
  const std::string &level() const { return code.level(); }

private:
  Error load(const ModelOptions &options);
  Error placeWeights(bool hugePages);
  Error findDefaults();

  std::unique_ptr<artifact::Reader> reader;
  CodeLoader code;
  Memory weightCopy;
  const void *weightData = nullptr;
  std::vector<Entry> points;
};

} // namespace optc::runtime

#endif // OPTC_RUNTIME_MODEL_H
