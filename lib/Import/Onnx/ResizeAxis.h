//===- ResizeAxis.h - resizing along one axis ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX's Resize is separable: each axis is interpolated for itself.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_RESIZEAXIS_H
#define OPTC_IMPORT_ONNX_RESIZEAXIS_H

#include "lib/Import/Onnx/Importer.h"

namespace optc::onnximport {

struct ResizeOptions {
  std::string mode, coordinates, nearest;
  double cubicFactor = -0.75;
  bool excludeOutside = false, antialias = false;

  static ResizeOptions read(NodeImport &n);
};

/// Sizes are tensor<1xi64>, scale and crop tensor<1xf32>.
struct ResizeAxis {
  int64_t dim;
  mlir::Value inputSize, size = {}, scale = {};
  std::optional<double> knownScale = {};
  mlir::Value cropStart = {}, cropEnd = {};
};

/// `x` resized along one axis. `outside` collects (as a broadcastable condition) which results of
/// tf_crop_and_resize lie outside the input.
mlir::Value resizeAxis(nn::NNBuilder &b, mlir::Value x, const ResizeAxis &axis,
                       const ResizeOptions &options, mlir::Value &outside);

/// A computed value as `type`: integers are truncated and saturate.
mlir::Value roundTo(nn::NNBuilder &b, mlir::Value value, mlir::Type type);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_RESIZEAXIS_H
