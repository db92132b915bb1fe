//===- ContractionPlan.h - what each dim of a contraction is for ----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decides which dims of a contraction are items, slabs, rows and reductions, and how large
// blocks and panels are. Contraction.cpp writes the loops.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_CONTRACTIONPLAN_H
#define OPTC_TARGET_CPU_KERNELS_CONTRACTIONPLAN_H

#include "lib/Target/Cpu/Kernels/Columns.h"
#include "lib/Target/Cpu/Kernels/Contraction.h"

namespace optc::cpu {

struct ContractionPlan {
  /// Dims of the simplified nest. `row` and `column` are missing when their size is 1.
  llvm::SmallVector<unsigned> outer, matrices, reductions;
  std::optional<unsigned> slab, row, column;
  /// How many positions are summed.
  mlir::OpFoldResult depth;
  /// How many rows there are, and columns.
  mlir::OpFoldResult rows, columns;
  /// Rows of a block where there are no slabs, else slabs of a block; number of blocks.
  mlir::OpFoldResult blockSize, blocks;
  /// The blocks as dims of the items: all panels of one of `outerBlocks` come before the next one,
  /// all of `innerBlocks` before the next panel. One of the two is 1, the other is `blocks`.
  mlir::OpFoldResult outerBlocks, innerBlocks;
  /// The most rows a register tile may have; it may fit fewer.
  int64_t maxTileRows = std::numeric_limits<int64_t>::max();
  /// Columns of a full panel; all panels; full ones; the columns after these (constant 0: none).
  int64_t panelWidth;
  mlir::OpFoldResult panels, fullPanels, restColumns;
  /// Whether rhs is read across its columns, and so copied panel by panel before use.
  bool transposeRhs = false;

  bool hasRest() const { return mlir::getConstantIntValue(restColumns) != 0; }

  static ContractionPlan get(mlir::OpBuilder &builder, Contraction &contraction);
};

/// The part of `ContractionPlan::get` about blocks: all but these are known.
void chooseBlocks(mlir::OpBuilder &builder, Contraction &contraction, ContractionPlan &plan);

/// Longest sum for which a transposed rhs is copied; longer ones gather.
constexpr int64_t maxTransposedDepth = 512;

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_CONTRACTIONPLAN_H
