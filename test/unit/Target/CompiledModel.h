//===- CompiledModel.h - runs MLIR text ----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles a module from text through the place and CPU stages, loads the object and runs
// it with a small runtime of its own, so that these tests need no artifact.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TEST_UNIT_TARGET_COMPILEDMODEL_H
#define OPTC_TEST_UNIT_TARGET_COMPILEDMODEL_H

#include "lib/Runtime/ModuleAbi.h"
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace optc::test {

/// An array of plain elements.
struct Array {
  std::vector<int64_t> shape;
  std::vector<char> bytes;

  template <typename T> static Array of(std::vector<int64_t> shape, const std::vector<T> &values) {
    Array array{std::move(shape), std::vector<char>(values.size() * sizeof(T))};
    if (!values.empty())
      memcpy(array.bytes.data(), values.data(), array.bytes.size());
    return array;
  }
  template <typename T> std::vector<T> as() const {
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!values.empty())
      memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }
};

/// What one run did.
struct RunResult {
  std::vector<Array> outputs;
  std::string error;
  int64_t arenaBytes = 0;
  /// Memory asked for while running: the most at a time.
  int64_t peakScratch = 0;
  int parallelCalls = 0;
  /// What the module tells of these shapes: multiply-adds, operations, bytes.
  double work[3] = {};
  /// What kernels that are measured told, in the order of their ends.
  struct Kernel {
    int64_t index;
    double multiplyAdds, operations, bytes;
  };
  std::vector<Kernel> kernels;
  int kernelsBegun = 0;
};

/// The CPU levels this machine can run, for tests with one instance per level.
std::vector<std::string> levelsHere();
/// A level as part of a test's name.
std::string levelTestName(const std::string &level);

class CompiledModel {
public:
  /// Compiles; `error` tells what went wrong. `passes` run on the module first. With `profile`,
  /// kernels are measured.
  CompiledModel(const std::string &source, const std::string &level, const std::string &passes = "",
                bool profile = false);
  ~CompiledModel();

  std::string error;
  std::string object;

  /// Runs entry `index`. `elementBytes` are the element sizes of the outputs.
  RunResult run(const std::vector<Array> &inputs, std::vector<int64_t> elementBytes,
                uint32_t index = 0) const;
  /// The same `repeats` times on one set of buffers; the shortest time, in seconds. Loops are
  /// one range, as on one thread. `prepare` gets the inputs' memory before every run.
  using Prepare = std::function<void(const std::vector<void *> &inputs)>;
  double time(const std::vector<Array> &inputs, std::vector<int64_t> elementBytes, int repeats,
              uint32_t index = 0, const Prepare &prepare = nullptr) const;
  const optc_module &descriptor() const { return *module; }

private:
  RunResult run(const std::vector<Array> &inputs, std::vector<int64_t> elementBytes, uint32_t index,
                int repeats, const Prepare &prepare, double &seconds) const;
  void compile(const std::string &source, const std::string &level, const std::string &passes,
               bool profile);
  void load();

  std::vector<char> weights;
  void *library = nullptr;
  const optc_module *module = nullptr;
};

} // namespace optc::test

#endif // OPTC_TEST_UNIT_TARGET_COMPILEDMODEL_H
