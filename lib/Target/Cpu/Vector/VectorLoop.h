//===- VectorLoop.h - loops over rows and ranges of items -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loop shapes that all row emitters share: a range of elements in full vectors and one
// masked tail, a nest of plain loops, and items handed to kernel.parallel.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_VECTOR_VECTORLOOP_H
#define OPTC_TARGET_CPU_VECTOR_VECTORLOOP_H

#include "lib/Target/Cpu/Vector/LoopNest.h"
#include "lib/Target/Cpu/Vector/VectorizeBody.h"

namespace optc::cpu {

/// A range of positions and how it is walked. Accumulators: `inits` enter, one group of
/// `identities` (as many) starts each further unrolled step, `combine(k, a, b)` merges
/// groups. All empty for loops that only store.
struct VectorLoop {
  mlir::OpFoldResult lower, upper;
  int64_t lanes = 1;
  int64_t unroll = 1;
  llvm::SmallVector<mlir::Value> inits, identities;
  llvm::function_ref<mlir::Value(mlir::OpBuilder &, unsigned, mlir::Value, mlir::Value)> combine;
};

/// One step of a vector loop: elements [p, p + lanes) for each p of `positions`, of which
/// only those in `mask` exist (null: all). `accumulators` holds one group per position.
struct VectorStep {
  llvm::SmallVector<mlir::Value> positions;
  mlir::Value mask;
  llvm::SmallVector<mlir::Value> accumulators;
};

/// Emits what one step does; returns the new accumulators, in the same order.
using StepBuilder =
    llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::OpBuilder &, const VectorStep &)>;

/// Full vectors times `unroll`, full vectors, one masked tail; parts that a constant size
/// rules out are left out. Returns the accumulators, merged into one group.
llvm::SmallVector<mlir::Value> emitVectorLoop(mlir::OpBuilder &builder, mlir::Location loc,
                                              const VectorLoop &loop, StepBuilder step);

/// A nest of plain loops from 0 to `sizes` around `body(builder, positions, carried)`, which
/// returns the carried values.
using NestBuilder = llvm::function_ref<llvm::SmallVector<mlir::Value>(
    mlir::OpBuilder &, mlir::ValueRange positions, mlir::ValueRange carried)>;
llvm::SmallVector<mlir::Value> emitLoops(mlir::OpBuilder &builder, mlir::Location loc,
                                         llvm::ArrayRef<mlir::OpFoldResult> sizes,
                                         mlir::ValueRange inits, NestBuilder body);

/// Whether what is built here runs in a parallel loop.
bool isInParallel(mlir::OpBuilder &builder);

/// Runs `body` for the ranges of [0, trip): in run.parallel, or as one range in place
/// when that is inside a parallel loop already or too little to be worth it. `cost` in ns
/// per item.
void emitRanges(
    mlir::OpBuilder &builder, mlir::Location loc, mlir::OpFoldResult trip, mlir::OpFoldResult cost,
    llvm::function_ref<void(mlir::OpBuilder &, mlir::OpFoldResult lower, mlir::OpFoldResult upper)>
        body);

/// Runs `body` for every position of a space of these sizes (the last varies fastest), in
/// parallel as emitRanges does.
void emitItems(mlir::OpBuilder &builder, mlir::Location loc,
               llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::OpFoldResult cost,
               llvm::function_ref<void(mlir::OpBuilder &, mlir::ValueRange positions)> body);

/// Reads or writes `lanes` elements of a flat memref from `offset` on, `stride` apart.
/// Stride 0 reads one scalar. With lanes = 1 these are plain loads and stores.
struct LaneAccess {
  mlir::Value flat;
  mlir::Value offset;
  mlir::OpFoldResult stride;
  int64_t lanes;
  mlir::Value mask;
};
/// Of lanes along `dim` of a nest's operand, from `position` on.
LaneAccess accessLanes(mlir::OpBuilder &builder, mlir::Location loc, const NestOperand &operand,
                       mlir::Value offset, unsigned dim, mlir::Value position, int64_t lanes,
                       mlir::Value mask);
LaneValue emitLoad(mlir::OpBuilder &builder, mlir::Location loc, const LaneAccess &access);
void emitStore(mlir::OpBuilder &builder, mlir::Location loc, const LaneAccess &access,
               mlir::Value value);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_VECTOR_VECTORLOOP_H
