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

struct QuantizedWeight {
  mlir::ElementsAttr integers;
  std::vector<float> scales; ///< one per position along the axis
};

/// A constant of f32, of static shape; the scale of each position along `axis` is that of the least
/// squared error. Nothing where the constant is not f32 or has numbers that are not finite.
std::optional<QuantizedWeight> quantizeWeight(mlir::ElementsAttr weight, int64_t axis);

/// For each position along `axis`, the sum over channels of `means` times (integers * scale -
/// weight), all other dims summed; `channelAxis` says which dim the channels are.
std::vector<double> meanErrors(mlir::ElementsAttr weight, const QuantizedWeight &quantized,
                               int64_t axis, int64_t channelAxis, llvm::ArrayRef<double> means);

} // namespace optc::compress

#endif // OPTC_COMPRESS_QUANTIZEWEIGHT_H
