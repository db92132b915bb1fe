//===- RowPlan.h - how a loop nest becomes vector loops ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decides for one elementwise or reducing op which loop dimension is vectorized, how wide and
// in which of three shapes, and what an element costs. Emission is in EmitRows.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_ROWS_ROWPLAN_H
#define OPTC_TARGET_CPU_ROWS_ROWPLAN_H

#include "lib/Target/Cpu/Vector/LoopNest.h"
#include "lib/Target/Cpu/Vector/VectorizeBody.h"
#include "lib/Target/Host/CpuLevel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

namespace optc::cpu {

/// How a reduction combines: the op at the end of the body, and its neutral element.
struct Combiner {
  mlir::Operation *op = nullptr;
  mlir::arith::AtomicRMWKind kind;
};

/// The combiner of block argument `accumulator` when the body is `yield(combine(accumulator,
/// something))`, at yield operand `result`.
std::optional<Combiner> matchCombiner(mlir::Block &body, mlir::BlockArgument accumulator,
                                      unsigned result);

/// The neutral element of the combiner, as a scalar constant.
mlir::TypedAttr neutralElement(const Combiner &combiner, mlir::Type type);

/// The vector of partial results as one scalar.
mlir::Value reduceLanes(mlir::OpBuilder &builder, mlir::Location loc, const Combiner &combiner,
                        mlir::Value vector);

/// lhs and rhs (scalars or vectors) combined.
mlir::Value combine(mlir::OpBuilder &builder, const Combiner &combiner, mlir::Value lhs,
                    mlir::Value rhs);

/// An op as the planner sees it: args of `body` are one per operand of the nest, inputs first,
/// in the order of `arguments`.
struct RowOp {
  mlir::Block *body;
  LoopNest nest;
  /// Per block argument: index of the nest's operand, or -1 for a scalar operand.
  llvm::SmallVector<int> arguments;
  llvm::SmallVector<mlir::Value> scalars;
};

struct RowPlan {
  enum Shape {
    Elementwise, ///< all dims parallel
    Columns,     ///< lanes are parallel, reduced dims are loops with accumulators in registers
    Along,       ///< lanes are reduced: partial results per lane, combined at the end
  };
  Shape shape = Elementwise;
  unsigned dim = 0;
  int64_t lanes = 1;
  int64_t unroll = 1;
  /// The dim along which transposed operands of an elementwise op are contiguous: it and
  /// `dim` are walked in square tiles.
  std::optional<unsigned> tileDim;
  /// The short innermost dim of the outputs, all of which is computed for the positions of a
  /// vector: `dim` is the one next to it.
  std::optional<unsigned> channelDim;
  /// Cost of one execution of the body, in 1/1024 ns.
  int64_t cost = 1024;
  llvm::SmallVector<Combiner> combiners;
};

/// The plan for `op` on a CPU of this level; lanes = 1 when it cannot be vectorized.
RowPlan planRows(const RowOp &op, const CpuLevel &level);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_ROWS_ROWPLAN_H
