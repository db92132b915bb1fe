//===- Windows.h - sliding windows ---------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The geometry that convolutions and pools share: how many windows fit.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_NN_WINDOWS_H
#define OPTC_DIALECTS_NN_WINDOWS_H

#include "dialects/NN/Shapes.h"

namespace optc::nn {

/// Windows along the spatial dimensions of a channels-last tensor. `pads` holds the amounts
/// before each spatial dimension, then those after each.
struct Windows {
  llvm::ArrayRef<int64_t> sizes, strides, dilations, pads;
  /// Windows may hang over the end of the padded input, if they start before its end padding.
  bool ceil = false;

  size_t rank() const { return sizes.size(); }
  /// Input positions one window covers, gaps included.
  int64_t extent(size_t dim) const { return (sizes[dim] - 1) * dilations[dim] + 1; }
  /// The window count along spatial dimension `dim` of an input of size `input`.
  DimExpr count(SymbolicShapes &shapes, size_t dim, DimExpr input) const;
  /// Checks the attributes' lengths and signs, reporting `rule`.
  mlir::LogicalResult verify(mlir::Operation *op, llvm::StringRef rule, size_t spatialRank) const;
};

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_WINDOWS_H
