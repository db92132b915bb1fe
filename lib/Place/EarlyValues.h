//===- EarlyValues.h - scalars are computed as early as possible ---------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The elimination of empty tensors can only use memory that exists before the producer. So
// memory is asked for as soon as its sizes are known, and those are computed as early as can be.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_PLACE_EARLYVALUES_H
#define OPTC_PLACE_EARLYVALUES_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseSet.h"

namespace optc::place {

/// Moves the scalar computation behind values as early in a block as its inputs allow.
class EarlyValues {
public:
  explicit EarlyValues(mlir::Block &block) : block(block) {}

  /// The last op of the block after which the values are known; null for the start of the block.
  /// Nothing moves above `floor`, if there is one: what is read may rely on a check there.
  mlir::Operation *hoist(mlir::ValueRange values, mlir::Operation *floor = nullptr);

private:
  mlir::Operation *hoist(mlir::Value value, mlir::Operation *floor);

  mlir::Block &block;
  llvm::DenseSet<mlir::Operation *> done;
};

} // namespace optc::place

#endif // OPTC_PLACE_EARLYVALUES_H
