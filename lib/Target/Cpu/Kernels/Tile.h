//===- Tile.h - one register tile -----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The innermost part of a contraction: a tile of accumulators in registers, the loop over
// reduction positions, the epilogue and the stores.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_TILE_H
#define OPTC_TARGET_CPU_KERNELS_TILE_H

#include "dialects/Kernel/Kernel.h"
#include "lib/Target/Cpu/Kernels/LaneProduct.h"
#include "lib/Target/Cpu/Vector/LoopNest.h"
#include <memory>

namespace optc::cpu {

/// Where a tile reads or writes an operand: element (row, column) is
/// flat[base + row * rowStride + column * columnStride].
struct TileOperand {
  mlir::Value flat;
  mlir::Value base;
  mlir::OpFoldResult rowStride;
  mlir::OpFoldResult columnStride;
};

/// One dim that is summed over.
struct TileReduction {
  mlir::OpFoldResult size;
  mlir::OpFoldResult lhsStride;
  mlir::OpFoldResult rhsStride;
};

/// Of a rhs in blocks, which the first reduction counts: what their dots are scaled with.
struct BlockScales {
  mlir::Type dots; ///< their elements
  /// Element (row, block) of rows of lhs; not there if their buffers are null.
  TileOperand lhsScale, lhsSums;
  /// Element (block, column) of rhs; zeros may be not there.
  TileOperand rhsScale, rhsZero;
  double zeroPoint; ///< where there are none
};

struct RegisterTile {
  int64_t rows, vectors, lanes;
  /// Columns that exist: null for all, else a number between 0 and vectors * lanes.
  mlir::OpFoldResult validColumns;
  /// Whether rhs must not be read beyond the valid columns.
  bool maskRhs = false;
  /// Columns of rhs that lie together, a multiple of the lanes, and how far the next ones are
  /// (0: all lie together).
  int64_t rhsPanel = 0, rhsPanelStride = 0;
  /// How many elements ahead rhs is prefetched (0: not at all).
  int64_t prefetchRhs = 0;
  TileOperand lhs, rhs, result;
  llvm::SmallVector<TileOperand> extras;
  llvm::SmallVector<TileReduction> reductions;
  /// Set where lhs and rhs are narrow: then the last reduction counts what a lane takes at a time.
  std::shared_ptr<const LaneProduct> product;
  std::optional<BlockScales> blocks;
  /// Null: the sums are stored as they are.
  mlir::Block *epilogue = nullptr;
};

void emitTile(mlir::OpBuilder &builder, mlir::Location loc, const RegisterTile &tile);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_TILE_H
