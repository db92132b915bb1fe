//===- TransposedPanel.h - a panel copied from a transposed rhs -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Copies some columns of a rhs whose columns are contiguous in memory (K of attention) into
// the order in which tiles read a panel, [depth][width], in scratch memory on the stack; or,
// rounded, into pairs of bf16, [depth / 2][width][2].
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_TRANSPOSEDPANEL_H
#define OPTC_TARGET_CPU_KERNELS_TRANSPOSEDPANEL_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"

namespace optc::cpu {

/// Element (k, n) is flat[base + n * columnStride + k * depthStride]; columns from
/// `firstColumn` on are copied, those beyond `columns` repeat the last one.
struct TransposedPanel {
  mlir::Value flat;
  mlir::OpFoldResult base, columnStride, depthStride;
  mlir::Value firstColumn;
  mlir::OpFoldResult columns;
  int64_t width, depth, lanes;
  /// How many columns of the panel are wanted; null: all.
  mlir::OpFoldResult wanted = {};
  /// Whether f32 becomes pairs of bf16; the depth is even.
  bool isPaired = false;

  /// Elements that move together, and how many there are in a column.
  int64_t step() const { return isPaired ? 2 : 1; }
  int64_t steps() const { return depth / step(); }
};

/// Returns the copy, a 1-D memref.
mlir::Value emitTransposedPanel(mlir::OpBuilder &builder, mlir::Location loc,
                                const TransposedPanel &panel);

/// Combines the lanes of each of as many vectors as one has lanes: lane i is what became of vector
/// i.
mlir::Value combineLanes(mlir::OpBuilder &builder, mlir::Location loc,
                         llvm::ArrayRef<mlir::Value> vectors,
                         llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)> combine);

/// The same for sums.
mlir::Value emitLaneSums(mlir::OpBuilder &builder, mlir::Location loc,
                         llvm::ArrayRef<mlir::Value> vectors);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_TRANSPOSEDPANEL_H
