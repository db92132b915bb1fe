//===- Contraction.h - matmul and conv as one loop structure --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Matmul and conv are the same thing below: sums of lhs * rhs over some dims, for every row
// and column, with strides that say where rows, taps and channels lie. This is the emitter of
// that thing; Matmul.cpp and Conv.cpp only describe their op.
//
//     for every item (outer dims, block of rows, matrix, panel):         in parallel
//       for every column group of the panel (a few vectors wide):
//         for every slab (image row) of the block:
//           for every tile of rows:
//             registers[rows][vectors] = 0
//             for every reduction position:                               the hot loop
//               registers[i][j] += broadcast(lhs[i]) * rhs[j]
//             run the epilogue on the registers, store them
//
// Where blocks are for threads rather than for caches, they are the last dim of the items: all
// blocks of a panel before the next panel (ContractionBlocks.cpp).
// Rows are split into tiles evenly (20 = 7 + 7 + 6), so that no tile is small; rows of no tile
// overlap, because a residual may share the result's buffer.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_CONTRACTION_H
#define OPTC_TARGET_CPU_KERNELS_CONTRACTION_H

#include "dialects/Kernel/Kernel.h"
#include "lib/Target/Cpu/Kernels/ClippedTaps.h"
#include "lib/Target/Cpu/Kernels/LaneProduct.h"
#include "lib/Target/Cpu/Vector/LoopNest.h"
#include "lib/Target/Host/CpuLevel.h"

namespace optc::cpu {

/// A dim along which rhs is another matrix: matrices are packed one after the other, and along
/// this dim each is `step` matrices from the one before.
struct MatrixDim {
  unsigned iterator;
  int64_t step;
};

/// A packed rhs of few bits, whose sums are scaled block by block (kernel.block_matmul).
struct BlockForm {
  CodeForm codes;
  int64_t count; ///< blocks of a sum
  /// The iterator that counts blocks; that of the bytes of a block is the next.
  unsigned dim = 0;
  /// Operands of the nest, where they are: one number per row and block.
  std::optional<unsigned> lhsScale = {}, lhsSums = {};
  mlir::Value rhsScale = {}, rhsZero = {}; ///< packed as rhs is; the zeros may be null
  double zeroPoint = 0;                    ///< of all, where there are no zeros
};

/// A contraction to emit. The operands of `nest` are lhs, rhs unless it is packed, those of
/// `blocks`, the extra operands, the result; its iterators are not simplified yet.
struct Contraction {
  kernel::EpilogueOpInterface op;
  const CpuLevel &level;
  LoopNest nest;
  /// The iterator of the column, and how many columns there are (of one group).
  unsigned column;
  mlir::OpFoldResult columns;
  /// Only when rhs is packed: its layout, and of which dims it depends besides its own.
  std::optional<kernel::PanelsAttr> layout;
  mlir::Value packed;
  llvm::SmallVector<MatrixDim> matrices = {};
  /// Dims along which lhs is given without its border.
  llvm::SmallVector<ClippedTaps> clipped = {};
  /// Whether bytes of lhs and rhs have no sign.
  bool isLhsUnsigned = false, isRhsUnsigned = false;
  std::optional<BlockForm> blocks = {};

  /// How many neighbouring positions of the sum a lane takes at a time: those that stand side by
  /// side in the packed rhs.
  int64_t together() const { return layout ? layout->getInterleave() : 1; }

  /// Of a dim of the nest: how many matrices are between one position and the next, 0 if none.
  int64_t matrixStep(unsigned dim) const {
    for (const MatrixDim &matrix : matrices)
      if (nest.dims[dim].iterator == matrix.iterator)
        return matrix.step;
    return 0;
  }
};

/// Whether the emitter takes what is done to sums before they are stored.
bool canEmitEpilogue(kernel::EpilogueOpInterface op, llvm::StringRef &reason);

/// Whether element types and epilogue are such that the emitter takes them; `layout` is that of
/// rhs, if it is packed.
bool canEmitContraction(kernel::EpilogueOpInterface op, mlir::ShapedType lhs, mlir::ShapedType rhs,
                        std::optional<kernel::PanelsAttr> layout, llvm::StringRef &reason);

mlir::LogicalResult emitContraction(mlir::OpBuilder &builder, Contraction contraction);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_CONTRACTION_H
