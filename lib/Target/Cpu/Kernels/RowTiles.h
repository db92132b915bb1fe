//===- RowTiles.h - rows cut into tiles -----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cuts a number of rows (or of neighbouring places) into register tiles. Each height of tile is
// code of its own, so there are few: a known number is split evenly into tiles of one or two
// heights (20 = 7 + 7 + 6), an unknown one into a few fixed heights.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_ROWTILES_H
#define OPTC_TARGET_CPU_KERNELS_ROWTILES_H

#include "mlir/IR/Builders.h"

namespace optc::cpu {

/// Rows of the tiles that `count` rows are split into evenly: `count` / tiles or one more.
struct RowSplit {
  int64_t tiles, rows, longer; ///< `longer` tiles have rows + 1, the others rows
  static RowSplit get(int64_t count, int64_t maxRows);
};

/// Neighbouring rows [first, first + count), with all values count can have if they are known.
struct RowPart {
  mlir::OpFoldResult first, count;
  llvm::SmallVector<int64_t> possibleCounts;

  /// Part `index` of `rows` rows in parts of `size` rows, of which the last may be smaller.
  static RowPart get(mlir::OpBuilder &builder, mlir::Location loc, mlir::OpFoldResult rows,
                     int64_t size, mlir::Value index);
};

/// Emits a tile of `rows` rows from row `first` on.
using TileBuilder =
    llvm::function_ref<void(mlir::OpBuilder &, mlir::OpFoldResult first, int64_t rows)>;

/// Tiles of at most `maxRows` rows that cover [first, first + count). If `count` is not
/// constant but one of `possibleCounts`, the tiles are as even as for constants.
void emitRowTiles(mlir::OpBuilder &builder, mlir::Location loc, mlir::OpFoldResult first,
                  mlir::OpFoldResult count, int64_t maxRows, llvm::ArrayRef<int64_t> possibleCounts,
                  TileBuilder tile);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_ROWTILES_H
