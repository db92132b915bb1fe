//===- RowNormBuilders.h - softmax, layer norm and the like -----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The usual forms of kernel.row_norm as functions: what lowerings from models call.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_KERNEL_ROWNORMBUILDERS_H
#define OPTC_DIALECTS_KERNEL_ROWNORMBUILDERS_H

#include "dialects/Kernel/Kernel.h"

namespace optc::kernel {

/// softmax (or its logarithm) of a float tensor over one axis, 0 <= axis < rank. Computes in
/// f32 (f64 for f64) whatever the element type is.
mlir::Value buildSoftmax(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value input,
                         int64_t axis, bool log = false);

/// normalized(input) * scale + bias over `dims` of a float tensor, computed as above. `scale`
/// and `bias` may be null. Their maps lead from the input's axes to theirs (axes or the
/// constant 0); a null map means numpy broadcasting: aligned at the last axis, axes of
/// static size 1 repeated.
mlir::Value buildRowNorm(mlir::OpBuilder &builder, mlir::Location loc, RowNormKind kind,
                         mlir::Value input, llvm::ArrayRef<int64_t> dims, double epsilon,
                         mlir::Value scale = {}, mlir::Value bias = {},
                         mlir::AffineMap scaleMap = {}, mlir::AffineMap biasMap = {});

/// ONNX LayerNormalization (first result) and RMSNormalization over axes [axis, rank).
mlir::Value buildLayerNorm(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value input,
                           int64_t axis, mlir::Value scale, mlir::Value bias, double epsilon);
mlir::Value buildRmsNorm(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value input,
                         int64_t axis, mlir::Value scale, double epsilon);

} // namespace optc::kernel

#endif // OPTC_DIALECTS_KERNEL_ROWNORMBUILDERS_H
