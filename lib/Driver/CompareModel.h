//===- CompareModel.h - an artifact against its model ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `optc compare` works out. The reference is the model itself, compiled with -O0: every
// node on its own, through general loops; or the tensors of another tool. Outputs are those
// of the artifact. An artifact has no other values to show, so for those in between the
// model is compiled once more as the artifact was (its report says how), with taps (Taps.h),
// and runs with the weights of the artifact: a weight that was changed shows in the layer
// that reads it.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_COMPAREMODEL_H
#define OPTC_DRIVER_COMPAREMODEL_H

#include "lib/Driver/Difference.h"
#include "lib/Driver/Inputs.h"
#include "lib/Driver/Progress.h"

namespace optc::driver {

struct CompareOptions {
  std::string model, artifact;
  InputOptions inputs;
  SessionOptions session;
  /// Tensors by name that take the place of the reference: an .npz or a folder; or "".
  std::string expected;
  /// Tap every node, though it changes the code.
  bool allNodes = false;
  /// Bytes of values to keep at once; more are compared in several runs.
  int64_t memory = int64_t(1) << 30;
  unsigned jobs = 0;
  bool allowSymlinks = false;
};

struct ComparedValue {
  size_t order; ///< number of the node in the model
  std::string value, node, op;
  std::string type; ///< "float[1,3]"
  Difference difference;
};

struct Comparison {
  std::string level;
  unsigned optimize = 2;
  std::vector<std::string> inputs;            ///< "x float[1,3]"
  std::vector<ComparedValue> outputs, layers; ///< in the order of the model
  /// Values that nodes compute and that are not compared: inside of fused ops, mostly.
  size_t notCompared = 0;
  std::vector<std::string> notes;
};

Error compareModel(const CompareOptions &options, Progress &progress, Comparison &result);

} // namespace optc::driver

#endif // OPTC_DRIVER_COMPAREMODEL_H
