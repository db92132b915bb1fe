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
#include "lib/Driver/Agreement.h"
#include "lib/Driver/Compile.h"

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
  /// Whether codes make up for each other's errors in what calibration reads.
  bool feedsBack = true;
  std::string calibration, evaluation; ///< Samples.h; without `evaluation` the calibration serves
  compress::RangeMethod range = compress::RangeMethod::Mse;
  bool correctsBias = true, balances = true;
  /// Nodes that stay as they are.
  std::vector<std::string> keep;
  /// The largest drop (Agreement) that is allowed, if there is a limit.
  std::optional<double> maxDrop;
  double confidence = 0.95;
  Metric metric = Metric::Top1;
};

struct QuantizeResult {
  compress::Plan plan;
  Agreement agreement{Metric::Top1};
};

/// Finds the plan for a model, and puts it into `compile`. E8001 if no plan holds the gate.
Error quantizeModel(const std::string &path, const QuantizeOptions &options,
                    CompileOptions &compile, Progress &progress, QuantizeResult &result);

} // namespace optc::driver

#endif // OPTC_DRIVER_QUANTIZER_H
