//===- RuntimeAxes.h - axes that are known only when the model runs ------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX passes axes as tensors. Mostly they are constants; where they are not, these build
// what the axes say as small tensors with one element per dimension. Negative axes count
// from the end.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_RUNTIMEAXES_H
#define OPTC_IMPORT_ONNX_RUNTIMEAXES_H

#include "lib/Import/Onnx/Importer.h"

namespace optc::onnximport {

/// Demands that axes are dimensions of `rank`.
mlir::LogicalResult demandAxes(NodeImport &n, mlir::Value axes, int64_t rank);
/// And that none is named twice.
mlir::LogicalResult demandDistinctAxes(NodeImport &n, mlir::Value axes, int64_t rank);

/// Which of `rank` dimensions the vector `axes` names, as tensor<rank x i1>.
mlir::Value maskOfAxes(nn::NNBuilder &b, mlir::Value axes, int64_t rank);

/// values[i] at the dimension axes[i], `fallback` (i64, a scalar) at the others, as
/// tensor<rank x i64>. Example: axes [2, 0], values [7, 9] of rank 3: [9, fallback, 7].
mlir::Value spreadOverDims(nn::NNBuilder &b, mlir::Value axes, mlir::Value values, int64_t rank,
                           mlir::Value fallback);

/// The sizes of x whose dimension is not masked, in order, as tensor<count x i64>.
mlir::Value keptSizes(nn::NNBuilder &b, mlir::Value x, mlir::Value mask, int64_t count);

/// The sizes of x with 1 inserted at the dimensions of the result that are masked.
mlir::Value insertedSizes(nn::NNBuilder &b, mlir::Value x, mlir::Value mask);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_RUNTIMEAXES_H
