//===- Taps.h - which values of a model to look at --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tap makes a value that a node computes a further output of the model. That may change
// the code: a value that was never stored, because the next op was fused with the one that
// makes it, must be stored now. So the taps of a comparison are chosen where they change
// nothing: at the last node of each fused op. Whether they do is tried: the ops of the
// model with taps must be those without, made of the same nodes.
//
// Example: conv1 -> norm1 -> relu1 -> conv2 has one op for the first three nodes. A tap at
// norm1 would tear it apart, one at relu1 adds a copy.
//
// Values inside of If, Loop and Scan are not reachable: they exist many times, or not at all.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_TAPS_H
#define OPTC_DRIVER_TAPS_H

#include "lib/Driver/Compilation.h"

#include <set>

namespace optc::driver {

struct Tap {
  size_t order; ///< number of the node in the model
  std::string value, node, op;
};

/// The float values that nodes of the main graph compute, in the order of the model, without
/// its outputs.
std::vector<Tap> allTaps(const onnximport::Model &model);

std::vector<std::string> namesOf(const std::vector<Tap> &taps);

/// The kernel and linalg ops that compute, each as its name and its ONNX nodes.
using FusedOps = std::multiset<std::vector<std::string>>;

struct TapChoice {
  std::vector<Tap> taps;
  /// Nodes of ops that are other ones with the taps; empty if the taps change nothing.
  std::vector<std::string> changed;
};

/// Of `candidates`, those at the ends of fused ops. `untapped` has just been fused.
Error chooseTaps(const onnximport::Model &model, CompileOptions options, Progress &progress,
                 Compilation &untapped, const std::vector<Tap> &candidates, TapChoice &choice);

/// Splits taps so that the values of each part take at most `limit` bytes together (a part has
/// at least one). Sizes are those for the given shapes of the inputs, by name.
std::vector<std::vector<Tap>>
splitTaps(const onnximport::Model &model,
          const std::map<std::string, std::vector<int64_t>> &inputShapes,
          const std::vector<Tap> &taps, int64_t limit);

} // namespace optc::driver

#endif // OPTC_DRIVER_TAPS_H
