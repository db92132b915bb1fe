//===- RowNormEmitter.h - writes the loops of one row normalization ---------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shared by EmitRowNorm.cpp, which has the formulas, and RowNormWalks.cpp, which walks rows.
// Lanes are neighbours in the row when the last axis is normalized ("along"), else neighbouring
// rows ("columns"), whose statistics are then vectors.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_ROWS_ROWNORMEMITTER_H
#define OPTC_TARGET_CPU_ROWS_ROWNORMEMITTER_H

#include "dialects/Kernel/Kernel.h"
#include "lib/Target/Cpu/Vector/VectorLoop.h"
#include "lib/Target/Host/CpuLevel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

namespace optc::cpu {

/// A sum or a maximum over a row.
enum class Statistic { Sum, Maximum };

class RowNormEmitter {
public:
  RowNormEmitter(kernel::RowNormOp op, LoopNest nest, const CpuLevel &level)
      : loc(op.getLoc()), op(op), nest(std::move(nest)), compute(op.getComputeType()) {
    plan(level);
  }

  void emit(mlir::OpBuilder &builder);

private:
  using Offsets = llvm::SmallVector<mlir::Value>;
  /// One position of a row: the operands' offsets and the position along `dim`; lanes that
  /// exist (null: all).
  struct Place {
    const Offsets &offsets;
    mlir::Value position, mask;
  };
  /// The value at a place, for a statistic or for what is computed from it.
  using ElementBuilder = llvm::function_ref<mlir::Value(mlir::OpBuilder &, const Place &)>;

  void plan(const CpuLevel &level);
  bool canVectorize(unsigned dim);

  // Walks.
  Offsets advance(mlir::OpBuilder &builder, const Offsets &offsets, llvm::ArrayRef<unsigned> along,
                  mlir::ValueRange at) {
    return nest.advance(builder, loc, offsets, along, at);
  }
  llvm::SmallVector<mlir::OpFoldResult> sizesOf(llvm::ArrayRef<unsigned> dims) {
    return llvm::map_to_vector(dims, [&](unsigned dim) { return nest.dims[dim].size; });
  }
  LaneAccess access(mlir::OpBuilder &builder, unsigned operand, const Place &place) {
    return accessLanes(builder, loc, nest.operands[operand], place.offsets[operand], dim,
                       place.position, lanes, place.mask);
  }
  llvm::SmallVector<LaneValue> loadInputs(mlir::OpBuilder &builder, mlir::Block &block,
                                          unsigned skip, const Place &place);
  mlir::Value prologue(mlir::OpBuilder &builder, const Place &place);
  void finish(mlir::OpBuilder &builder, mlir::Value normalized, const Place &place);
  mlir::Value combine(mlir::OpBuilder &builder, Statistic kind, mlir::Value lhs, mlir::Value rhs);
  LaneValue reduceAlong(mlir::OpBuilder &builder, Statistic kind, const Offsets &offsets,
                        int64_t unroll, ElementBuilder element);
  LaneValue reduce(mlir::OpBuilder &builder, Statistic kind, const Offsets &offsets, int64_t unroll,
                   ElementBuilder element);
  void forEach(mlir::OpBuilder &builder, const Offsets &offsets, int64_t unroll,
               llvm::function_ref<void(mlir::OpBuilder &, const Place &)> element);

  // Formulas.
  void emitRow(mlir::OpBuilder &builder, const Offsets &offsets);
  void emitSoftmax(mlir::OpBuilder &builder, const Offsets &offsets);
  void emitLogSoftmax(mlir::OpBuilder &builder, const Offsets &offsets);
  void emitMeanVariance(mlir::OpBuilder &builder, const Offsets &offsets);
  void emitOverRoot(mlir::OpBuilder &builder, const Offsets &offsets, ElementBuilder element);
  mlir::Value maximum(mlir::OpBuilder &builder, const Offsets &offsets);
  /// value / (number of elements of a row).
  mlir::Value mean(mlir::OpBuilder &builder, mlir::Value value);
  /// 1 / sqrt(value + epsilon).
  mlir::Value inverseRoot(mlir::OpBuilder &builder, mlir::Value value);

  mlir::Value constant(mlir::OpBuilder &builder, double value, mlir::Type type);
  mlir::Type laneType() {
    return lanes == 1 ? mlir::Type(compute) : mlir::VectorType::get({lanes}, compute);
  }
  mlir::Value vector(mlir::OpBuilder &builder, LaneValue value) {
    return toVector(builder, loc, value, lanes);
  }
  /// Operand of the nest that is the init.
  unsigned init() { return nest.operands.size() - 1; }

  mlir::Location loc;
  kernel::RowNormOp op;
  LoopNest nest;
  mlir::FloatType compute;
  unsigned dim = 0;  ///< the vectorized dim
  bool along = true; ///< it is normalized
  int64_t lanes = 1;
  llvm::SmallVector<unsigned> outer, normalized; ///< dims without the vectorized one
  /// With columns: the position along `dim` of the current vector, and its mask.
  mlir::Value column, columnMask;
};

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_ROWS_ROWNORMEMITTER_H
