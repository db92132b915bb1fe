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

/// Writes a function (inputs.., table) in front of an entry, which stores numbers that follow from
/// the shapes of its inputs.
class ShapeFunction {
public:
  /// The function is called like the entry, with the suffix behind.
  ShapeFunction(mlir::func::FuncOp entry, llvm::StringRef suffix, mlir::Type element);

  mlir::OpBuilder &getBuilder() { return builder; }
  /// From the inputs of the entry to those of the function.
  mlir::IRMapping &getMapping() { return mapping; }
  /// Stores the next number.
  void store(mlir::Value number);
  /// Ends the function; its name.
  mlir::StringAttr finish();

private:
  mlir::OpBuilder builder;
  mlir::func::FuncOp function;
  mlir::IRMapping mapping;
  int64_t count = 0;
};

} // namespace optc::place

#endif // OPTC_PLACE_SHAPECOMPUTATIONS_H
