//===- EarlyValues.cpp - scalars are computed as early as possible -------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See EarlyValues.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Place/EarlyValues.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace optc::place;

/// The op of the block after which `value` is known; null for the start of the block.
Operation *EarlyValues::hoist(Value value, Operation *floor) {
  Operation *op = value.getDefiningOp();
  if (!op || op->getBlock() != &block)
    return nullptr; // an argument, or of a block around this one
  bool isAbove = floor && op->isBeforeInBlock(floor);
  if (!done.insert(op).second || isAbove || op->getNumRegions() != 0 || !isPure(op))
    return op;
  Operation *last = hoist(op->getOperands(), floor);
  if (floor && (!last || last->isBeforeInBlock(floor)))
    last = floor;
  if (last)
    op->moveAfter(last);
  else
    op->moveBefore(&block, block.begin());
  return op;
}

Operation *EarlyValues::hoist(ValueRange values, Operation *floor) {
  Operation *last = nullptr;
  for (Value value : values) {
    Operation *op = hoist(value, floor);
    if (op && (!last || last->isBeforeInBlock(op)))
      last = op;
  }
  return last;
}
