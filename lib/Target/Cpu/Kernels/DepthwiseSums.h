//===- DepthwiseSums.h - sums of a tile of a depthwise conv ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The products of one register tile: `lanes` channels of some neighbouring output places of one or
// more image rows. Of bf16, where the CPU multiplies pairs, two taps are one step: an element of
// the input stands beside its neighbour in the image, lane by lane, and so do weights. Neighbours
// below each other are best, since all taps of a window's row share them with other places.
// Elsewhere bf16 is widened as it is loaded.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_DEPTHWISESUMS_H
#define OPTC_TARGET_CPU_KERNELS_DEPTHWISESUMS_H

#include "lib/Target/Cpu/Kernels/DepthwisePlan.h"
#include "lib/Target/Cpu/Kernels/LaneProduct.h"
#include "lib/Target/Cpu/Vector/LoopNest.h"

namespace optc::cpu {

/// So many products of bytes are a sum that f32 holds: 2^24 / 2^16.
constexpr int64_t mostExactTaps = 256;

class DepthwiseSums {
public:
  /// `input` has the dims batch, places, channel, taps; `filter` is flat, [taps][channels].
  DepthwiseSums(kernel::ConvOp op, const DepthwisePlan &plan, const CpuLevel &level,
                const NestOperand &input, mlir::Value filter);

  /// A tile: its image rows and places, and where its first input element is, of channel `channel`;
  /// the channels that exist (null: all).
  struct SumTile {
    int64_t rows, places;
    mlir::OpFoldResult base, channel;
    mlir::Value mask;
  };
  /// Sums in f32 of all places row by row; of bytes these are exact (`mostExactTaps`). All taps are
  /// unrolled: an input element is loaded once.
  llvm::SmallVector<mlir::Value> sumUnrolled(mlir::OpBuilder &builder, const SumTile &tile) const;
  /// A loop over the taps, for large windows; of one image row.
  llvm::SmallVector<mlir::Value> sumLooped(mlir::OpBuilder &builder, const SumTile &tile) const;

private:
  class Inputs;
  unsigned rowDim() const { return spatial - 1; }
  unsigned placeDim() const { return spatial; }
  unsigned tapDim(unsigned i) const { return spatial + 2 + i; }
  mlir::OpFoldResult attr(int64_t value) const {
    return mlir::IntegerAttr::get(mlir::IndexType::get(op->getContext()), value);
  }
  /// In the type that is in memory, and widened to f32.
  mlir::Value loadStored(mlir::OpBuilder &builder, mlir::Value flat, mlir::OpFoldResult offset,
                         mlir::Value mask) const;
  mlir::Value load(mlir::OpBuilder &builder, mlir::Value flat, mlir::OpFoldResult offset,
                   mlir::Value mask) const;
  /// Lane i holds element i of both; of `first` and zero where `second` is null.
  mlir::Value join(mlir::OpBuilder &builder, mlir::Value first, mlir::Value second) const;
  mlir::Value weight(mlir::OpBuilder &builder, const SumTile &tile, TapStep step) const;

  mutable kernel::ConvOp op; // accessors of ops are not const
  const DepthwiseShape shape;
  const NestOperand &input;
  mlir::Value filter;
  mlir::Location loc;
  unsigned spatial;
  int64_t lanes;
  PairProduct pairs;
};

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_DEPTHWISESUMS_H
