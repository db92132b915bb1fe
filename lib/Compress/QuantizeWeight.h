//===- QuantizeWeight.h - a constant weight as integers -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Integers of 8 bits with a sign, symmetric, one scale per output.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_COMPRESS_QUANTIZEWEIGHT_H
#define OPTC_COMPRESS_QUANTIZEWEIGHT_H

#include "mlir/IR/BuiltinAttributes.h"
#include <optional>
#include <vector>

namespace optc::compress {

/// A constant weight as it is multiplied: of f32, of static shape, each channel times its factor.
class WeightValues {
public:
  /// Nothing where the constant is not f32 or has numbers that are not finite. `factors` may be
  /// empty.
  static std::optional<WeightValues> read(mlir::ElementsAttr weight, int64_t outputAxis,
                                          int64_t channelAxis, llvm::ArrayRef<float> factors = {});

  int64_t getOutput(size_t element) const { return int64_t(element) / outputInner % outputs; }
  int64_t getChannel(size_t element) const { return int64_t(element) / channelInner % channels; }

  mlir::ElementsAttr origin;
  std::vector<float> values;
  int64_t outputs = 1, channels = 1, outputInner = 1, channelInner = 1;
};

struct QuantizedWeight {
  mlir::ElementsAttr integers;
  std::vector<float> scales; ///< one per output
};

/// The scale of each output is that of the least squared error.
QuantizedWeight quantizeWeight(const WeightValues &weight);

/// For each output, the sum over channels of `means` times (integers * scale - weight), all other
/// dims summed.
std::vector<double> meanErrors(const WeightValues &weight, const QuantizedWeight &quantized,
                               llvm::ArrayRef<double> means);

} // namespace optc::compress

#endif // OPTC_COMPRESS_QUANTIZEWEIGHT_H
