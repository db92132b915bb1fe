//===- ShapeComputations.h - what follows from the shapes of the inputs ---===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions that the runtime calls before a run see shapes only: `sizes` (PlaceArena.cpp)
// and `work` (CountWork.cpp). Both are copies of what the entry computes.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_PLACE_SHAPECOMPUTATIONS_H
#define OPTC_PLACE_SHAPECOMPUTATIONS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

namespace optc::place {

/// Whether a value is computed from shapes of the function's arguments only.
bool followsFromShapes(mlir::Value value, mlir::func::FuncOp function);

/// The value computed anew at the builder, from what `mapping` has.
mlir::Value cloneComputation(mlir::OpBuilder &builder, mlir::Value value, mlir::IRMapping &mapping);

} // namespace optc::place

#endif // OPTC_PLACE_SHAPECOMPUTATIONS_H
