//===- SliceSizes.h - how many elements a slice has -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX's rule for the bounds of slices on symbolic sizes.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_NN_SLICESIZES_H
#define OPTC_DIALECTS_NN_SLICESIZES_H

#include "dialects/NN/Shapes.h"

namespace optc::nn {

/// The number of elements of [start, end) of `dim`, every step-th. Bounds below zero count from
/// the end; with a positive step both are then cut to [0, dim], with a negative one the start to
/// [0, dim - 1] and the end to [-1, dim - 1]. Null when only the data decides.
DimExpr inferSliceSize(DimExpr dim, DimExpr start, DimExpr end, DimExpr step,
                       SymbolicShapes &shapes);

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_SLICESIZES_H
