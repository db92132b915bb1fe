//===- Model.cpp - an opened artifact -------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Opens the artifact, loads its code, and matches what the manifest says with what the
// code exports.
//
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Model.h"
#include "lib/Support/DType.h"

#include <cstring>
#include <sys/mman.h>

namespace optc::runtime {

static constexpr uintptr_t weightAlignment = 64;

static void fillType(const artifact::TensorInfo &from, TensorType &to) {
  to.name = from.name;
  to.elementSize = findDType(from.dtype)->storageSize; // the manifest has been checked
  if (from.shape)
    for (const artifact::Dim &dim : *from.shape) {
      to.dims.push_back(dim.size);
      to.symbols.push_back(dim.symbol);
    }
  for (const std::string &symbol : to.symbols)
    to.symbolPointers.push_back(symbol.empty() ? nullptr : symbol.c_str());
  to.info = {to.name.c_str(), from.dtype, from.shape ? int32_t(to.dims.size()) : -1, to.dims.data(),
             to.symbolPointers.data()};
}

static void fillTypes(const std::vector<artifact::TensorInfo> &from, std::vector<TensorType> &to) {
  to.resize(from.size());
  for (size_t i = 0; i < from.size(); ++i)
    fillType(from[i], to[i]);
}

Error Model::open(const std::string &path, const ModelOptions &options) {
  if (Error error = artifact::Reader::open(path, {options.verifyWeights}, reader))
    return error;
  return load(options);
}

Error Model::openMemory(const void *data, uint64_t size, const ModelOptions &options) {
  if (Error error = artifact::Reader::openMemory(data, size, {options.verifyWeights}, reader))
    return error;
  return load(options);
}

Error Model::load(const ModelOptions &options) {
  if (Error error = code.load(*reader, options.level))
    return error;
  const std::vector<artifact::EntryPoint> &declared = reader->manifest().entries;
  points.resize(declared.size());
  for (size_t i = 0; i < declared.size(); ++i) {
    Entry &entry = points[i];
    entry.name = declared[i].name;
    fillTypes(declared[i].inputs, entry.inputs);
    fillTypes(declared[i].outputs, entry.outputs);
    entry.bounds = declared[i].bounds;
    entry.constants = declared[i].constants;
    for (size_t k = 0; k < entry.inputs.size(); ++k)
      entry.inputs[k].cacheAxis = declared[i].inputs[k].cacheAxis.value_or(-1);
    entry.code = code.findEntry(entry.name);
    if (!entry.code || entry.code->num_inputs != entry.inputs.size() ||
        entry.code->num_outputs != entry.outputs.size())
      return Error(E7003,
                   "the entry point '" + entry.name +
                       "' of the manifest is not in the code, or has other inputs or outputs");
    entry.work = code.findWork(entry.code);
  }
  if (Error error = findDefaults())
    return error;
  return placeWeights(options.hugePages);
}

/// Points the inputs that have a default to it, if all of it is there.
Error Model::findDefaults() {
  bool found;
  artifact::Span image = reader->entry(artifact::defaultsName, found);
  for (size_t i = 0; i < points.size(); ++i)
    for (size_t k = 0; k < points[i].inputs.size(); ++k) {
      const std::optional<artifact::Default> &declared =
          reader->manifest().entries[i].inputs[k].defaultValue;
      if (!declared)
        continue;
      TensorType &input = points[i].inputs[k];
      uint64_t bytes = input.elementSize,
               room = image.size - std::min<uint64_t>(image.size, declared->offset);
      bool fits = found;
      for (int64_t size : declared->shape)
        fits = fits && !__builtin_mul_overflow(bytes, uint64_t(size), &bytes);
      if (!fits || bytes > room)
        return Error(E6005, "the manifest of the artifact is damaged: the default of '" +
                                input.name + "' is not in it");
      input.defaultDims = declared->shape;
      input.defaultValue = {input.info.dtype, int32_t(input.defaultDims.size()),
                            input.defaultDims.data(), image.data + declared->offset};
    }
  return Error();
}

Error Model::placeWeights(bool hugePages) {
  bool found;
  artifact::Span weights = reader->entry(reader->manifest().weightsPath, found);
  bool aligned = reinterpret_cast<uintptr_t>(weights.data) % weightAlignment == 0;
  if (aligned && !hugePages) {
    weightData = weights.data;
    if (weights.size) {
      // Advice only: huge pages where the kernel has them for files, and to read ahead.
      void *page = const_cast<uint8_t *>(weights.data - reinterpret_cast<uintptr_t>(weights.data) %
                                                            artifact::dataAlignment);
      madvise(page, weights.size, MADV_HUGEPAGE);
      madvise(page, weights.size, MADV_WILLNEED);
    }
    return Error();
  }
  void *copy = weightCopy.reserve(weights.size);
  if (!copy)
    return Error(E7008, "no memory for " + std::to_string(weights.size) + " bytes of weights");
  if (weights.size)
    std::memcpy(copy, weights.data, weights.size);
  weightData = copy;
  return Error();
}

} // namespace optc::runtime
