//===- ShapeComputations.cpp - what follows from the shapes of the inputs -===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See ShapeComputations.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Place/ShapeComputations.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

bool optc::place::followsFromShapes(Value value, func::FuncOp function) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  if (auto dim = dyn_cast<memref::DimOp>(op)) {
    auto arg = dyn_cast<BlockArgument>(dim.getSource());
    return arg && arg.getOwner()->getParentOp() == function && dim.getConstantIndex();
  }
  if (!isa<arith::ArithDialect, affine::AffineDialect>(op->getDialect()) ||
      op->getNumRegions() != 0 || !isMemoryEffectFree(op))
    return false;
  return llvm::all_of(op->getOperands(),
                      [&](Value operand) { return followsFromShapes(operand, function); });
}

Value optc::place::cloneComputation(OpBuilder &builder, Value value, IRMapping &mapping) {
  if (Value known = mapping.lookupOrNull(value))
    return known;
  Operation *op = value.getDefiningOp();
  for (Value operand : op->getOperands())
    cloneComputation(builder, operand, mapping);
  builder.clone(*op, mapping);
  return mapping.lookup(value);
}
