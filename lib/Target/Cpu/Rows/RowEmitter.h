//===- RowEmitter.h - writes the loops of one elementwise op ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shared by the files that emit its shapes: EmitRows.cpp, EmitTiles.cpp for transposes and
// EmitInterleaved.cpp for those that end in few channels.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_ROWS_ROWEMITTER_H
#define OPTC_TARGET_CPU_ROWS_ROWEMITTER_H

#include "lib/Target/Cpu/Rows/RowPlan.h"
#include "lib/Target/Cpu/Vector/VectorLoop.h"

namespace optc::cpu {

/// Writes the loops of one planned op.
class RowEmitter {
public:
  RowEmitter(mlir::Location loc, const RowOp &op, const RowPlan &plan)
      : loc(loc), op(op), nest(op.nest), plan(plan) {
    for (auto [d, dim] : llvm::enumerate(nest.dims)) {
      if (d == plan.dim || d == plan.channelDim)
        continue;
      (dim.reduction ? reduced : outer).push_back(d);
    }
    outputs = op.body->getTerminator()->getNumOperands();
    positions.resize(nest.dims.size());
  }

  void emit(mlir::OpBuilder &builder);

private:
  using Offsets = llvm::SmallVector<mlir::Value>;

  mlir::Value constant(mlir::OpBuilder &builder, int64_t value) {
    return mlir::arith::ConstantIndexOp::create(builder, loc, value);
  }
  const NestOperand &output(unsigned k) {
    return nest.operands[op.arguments[op.arguments.size() - outputs + k]];
  }
  unsigned outputIndex(unsigned k) { return op.arguments[op.arguments.size() - outputs + k]; }

  mlir::OpFoldResult costOf(mlir::OpBuilder &builder, llvm::ArrayRef<unsigned> dims,
                            mlir::OpFoldResult elements);
  void emitBlocks(mlir::OpBuilder &builder);
  Offsets advance(mlir::OpBuilder &builder, const Offsets &offsets, llvm::ArrayRef<unsigned> dims,
                  mlir::ValueRange at);
  void emitRow(mlir::OpBuilder &builder, const Offsets &offsets, mlir::OpFoldResult lower,
               mlir::OpFoldResult upper);
  void emitElementwise(mlir::OpBuilder &builder, const Offsets &offsets, VectorLoop &loop);
  void emitColumns(mlir::OpBuilder &builder, const Offsets &offsets, VectorLoop &loop);
  void emitAlong(mlir::OpBuilder &builder, const Offsets &offsets, VectorLoop &loop);

  void emitInterleaved(mlir::OpBuilder &builder, const Offsets &offsets, VectorLoop &loop);

  struct Square;
  bool isTransposed(unsigned operand) const;
  llvm::SmallVector<mlir::Value> loadTransposed(mlir::OpBuilder &builder, unsigned operand,
                                                const Offsets &offsets, const Square &tile);
  void emitTile(mlir::OpBuilder &builder, const Offsets &offsets, const Square &tile);
  void emitTiles(mlir::OpBuilder &builder);

  LaneAccess access(mlir::OpBuilder &builder, unsigned operand, const Offsets &offsets,
                    mlir::Value position, mlir::Value mask);
  /// The body at one position; `accumulators` are the values of the outputs (empty: load
  /// what the body uses), `fixed` holds operands loaded before.
  llvm::SmallVector<mlir::Value> emitBody(mlir::OpBuilder &builder, const Offsets &offsets,
                                          mlir::Value position, mlir::Value mask,
                                          mlir::ValueRange accumulators,
                                          llvm::ArrayRef<LaneValue> fixed = {});

  mlir::Location loc;
  const RowOp &op;
  const LoopNest &nest;
  const RowPlan &plan;
  llvm::SmallVector<unsigned> outer, reduced;
  unsigned outputs;
  /// Current position of each dim, for linalg.index.
  llvm::SmallVector<mlir::Value> positions;
};

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_ROWS_ROWEMITTER_H
