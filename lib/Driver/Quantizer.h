//===- Quantizer.h - a model with products of integers ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Calibration, how far each layer is off, and the gate: all on the code that ships.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_QUANTIZER_H
#define OPTC_DRIVER_QUANTIZER_H

#include "lib/Compress/Plan.h"
#include "lib/Driver/BlockRounding.h"
#include "lib/Driver/Gate.h"

namespace optc::driver {

struct QuantizeOptions {
  /// What is made of the model, if anything is.
  std::optional<compress::Scheme> scheme;
  /// Numbers of a block (0: what suits the scheme), and whether blocks have zeros.
  int64_t block = 0;
  bool hasZeros = false;
  compress::Codebook codebook = compress::Codebook::None;
  /// Whether data are rounded to bytes, too; nothing: as the scheme has it.
  std::optional<bool> roundsData;
  /// How calibration decides codes; nothing: by Qronos.
  std::optional<Rounding> rounding;
  std::string calibration, evaluation; ///< Samples.h; without `evaluation` the calibration serves
  /// A decoder calibrates with text that it draws itself, which lies here meanwhile.
  bool calibratesByItself = false;
  std::string ownTextFolder;
  compress::RangeMethod range = compress::RangeMethod::Mse;
  bool correctsBias = true, balances = true;
  /// Nodes that stay as they are.
  std::vector<std::string> keep;
  /// What weights of products may take: bytes, or a share of what they take as they are.
  std::optional<uint64_t> targetBytes;
  std::optional<double> targetShare;
  GateOptions gate;

  bool hasSamples() const { return !calibration.empty() || !evaluation.empty(); }
  bool hasTarget() const { return targetBytes || targetShare; }
};

/// Finds the plan for a model, and puts it into `compile`. E8001 if no plan holds the gate, E8005
/// if none is as small as was asked for.
Error quantizeModel(const std::string &path, const QuantizeOptions &options,
                    CompileOptions &compile, Progress &progress, compress::Plan &plan);

} // namespace optc::driver

#endif // OPTC_DRIVER_QUANTIZER_H
