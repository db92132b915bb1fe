//===- ArenaLifetimes.h - which buffers the arena can hold, and when they live -===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The analysis behind place-arena, apart from the rewriting. Time is counted in ticks:
// every op of a function, nested ones included, has a first and a last tick, in the order
// of the text; an op without regions has two, one region op spans its body.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_PLACE_ARENALIFETIMES_H
#define OPTC_PLACE_ARENALIFETIMES_H

#include "lib/Place/Place.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"

namespace optc::place {

/// One buffer of the arena: a `memref.alloc`, and those that reuse its memory in place.
struct ArenaBuffer {
  mlir::memref::AllocOp alloc;
  /// Where its uses are counted: a block of the alloc or of an op around it.
  mlir::Block *scope;
  /// Ticks of the first and the last use.
  int64_t first, last;
  /// The index of the buffer whose memory it takes over, or -1.
  int64_t sharesWith = -1;
};

class ArenaLifetimes {
public:
  explicit ArenaLifetimes(mlir::func::FuncOp function);

  /// The allocations that can live in the arena, in program order.
  llvm::ArrayRef<ArenaBuffer> getBuffers() const { return buffers; }

  /// Whether an allocation's size follows from the shapes of the function's arguments.
  static bool hasStaticPlan(mlir::memref::AllocOp alloc);

private:
  void numberOps(mlir::Operation *op, int64_t &tick);
  bool findLifetime(ArenaBuffer &buffer) const;
  void shareInPlace();
  bool mayTakeOver(mlir::Operation *op, mlir::OpOperand &init, mlir::OpOperand &input) const;
  bool isUntouchedBefore(mlir::Operation *op, const ArenaBuffer &buffer) const;
  int64_t rootOf(int64_t buffer) const;
  int64_t bufferAt(mlir::Value value) const;

  mlir::func::FuncOp function;
  mlir::BufferViewFlowAnalysis flow;
  llvm::DenseMap<mlir::Operation *, std::pair<int64_t, int64_t>> ticks;
  llvm::SmallVector<ArenaBuffer> buffers;
  llvm::DenseMap<mlir::Value, int64_t> bufferOf;
};

} // namespace optc::place

#endif // OPTC_PLACE_ARENALIFETIMES_H
