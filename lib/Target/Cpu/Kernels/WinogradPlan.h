//===- WinogradPlan.h - sizes of a Winograd convolution -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How a Winograd convolution is cut into blocks of tiles, chunks of columns and items, and how
// its scratch memory is laid out. Winograd.cpp writes the loops.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_WINOGRADPLAN_H
#define OPTC_TARGET_CPU_KERNELS_WINOGRADPLAN_H

#include "dialects/Kernel/Kernel.h"
#include "lib/Target/Cpu/Kernels/Columns.h"
#include "mlir/IR/Builders.h"

namespace optc::cpu {

/// Sizes of the result: batch, rows and columns of places.
struct WinogradImage {
  mlir::OpFoldResult batch, height, width;
};

struct WinogradPlan {
  /// Tiles of one image along its sides, and of all images.
  mlir::OpFoldResult tilesDown, tilesAcross, tiles;
  /// Tiles of a block, blocks, and the numbers of tiles that a block may have (none: any).
  int64_t blockTiles;
  mlir::OpFoldResult blocks;
  llvm::SmallVector<int64_t> possibleTiles;
  /// Columns are computed in chunks, of so many columns (a multiple of the panels, but for the
  /// last chunk). A block is one item, or as many items as there are chunks.
  int64_t chunkWidth, chunks;
  mlir::OpFoldResult itemsPerBlock, chunksPerItem;
  /// Whether the filter's pairs are taken apart for products in f32.
  bool splitsPairs;
  /// In ns.
  mlir::OpFoldResult itemCost;
  /// How many elements ahead the filter is prefetched, or 0.
  int64_t weightsAhead;
  /// Scratch memory of an item, in elements: transformed inputs [position][tile][channel], with
  /// these strides, and sums of products [tile][position][column of the chunk].
  int64_t tileStride, positionStride, inputsSize, sumsSize;

  static WinogradPlan get(mlir::OpBuilder &builder, kernel::ConvOp op, const WinogradImage &image,
                          const CpuLevel &level);
};

/// How the columns of a chunk are covered by register tiles.
llvm::SmallVector<ColumnGroup> coverChunk(kernel::WinogradAttr layout, int64_t width,
                                          const CpuLevel &level);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_WINOGRADPLAN_H
