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
#include "dialects/Run/Run.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace optc;
using namespace optc::place;

/// Whether a value is computed by ops that a copy of them computes, too, and follows from the
/// shapes if its operands do.
static bool isComputation(Operation *op) {
  return op && isa<arith::ArithDialect, affine::AffineDialect>(op->getDialect()) &&
         op->getNumRegions() == 0 && isMemoryEffectFree(op);
}

static bool isShape(Operation *op, func::FuncOp function) {
  auto dim = dyn_cast_if_present<memref::DimOp>(op);
  auto arg = dim ? dyn_cast<BlockArgument>(dim.getSource()) : BlockArgument();
  return arg && arg.getOwner()->getParentOp() == function && dim.getConstantIndex();
}

bool optc::place::followsFromShapes(Value value, func::FuncOp function) {
  // Each value once: sizes are made of each other layer by layer, often of the same one twice.
  llvm::SetVector<Value> needed;
  needed.insert(value);
  for (size_t i = 0; i < needed.size(); ++i) {
    Operation *op = needed[i].getDefiningOp();
    if (isShape(op, function))
      continue;
    if (!isComputation(op))
      return false;
    needed.insert(op->operand_begin(), op->operand_end());
  }
  return true;
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

ShapeFunction::ShapeFunction(func::FuncOp entry, StringRef suffix, Type element) : builder(entry) {
  int64_t numInputs = run::getEntry(entry).getInputs();
  SmallVector<Type> types(entry.getArgumentTypes().take_front(numInputs));
  types.push_back(MemRefType::get({ShapedType::kDynamic}, element));
  function = func::FuncOp::create(builder, entry.getLoc(), (entry.getSymName() + suffix).str(),
                                  builder.getFunctionType(types, {}));
  builder.setInsertionPointToStart(function.addEntryBlock());
  for (int64_t i = 0; i < numInputs; ++i)
    mapping.map(entry.getArgument(i), function.getArgument(i));
}

void ShapeFunction::store(Value number) {
  Location loc = function.getLoc();
  Value position = arith::ConstantIndexOp::create(builder, loc, count++);
  Value table = function.getArguments().back();
  memref::StoreOp::create(builder, loc, number, table, position);
}

StringAttr ShapeFunction::finish() {
  func::ReturnOp::create(builder, function.getLoc());
  return function.getSymNameAttr();
}
