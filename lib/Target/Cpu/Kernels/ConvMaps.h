//===- ConvMaps.h - the iteration space of conv ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// kernel.conv as a loop nest over (batch, place.., group, output, phase.. | tap.., channel), for
// the emitters that walk through it.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_CONVMAPS_H
#define OPTC_TARGET_CPU_KERNELS_CONVMAPS_H

#include "dialects/Kernel/Kernel.h"
#include "lib/Target/Cpu/Vector/LoopNest.h"

namespace optc::cpu {

/// Maps of the operands over the iteration space. Dims of size 1 get no coefficient, so
/// that the nest sees through them.
class ConvMaps {
public:
  explicit ConvMaps(kernel::ConvOp op)
      : op(op), spatial(op.getNumSpatial()), phases(op.getPhases().size()) {}

  unsigned batch() const { return 0; }
  unsigned place(unsigned i) const { return 1 + i; }
  unsigned group() const { return 1 + spatial; }
  unsigned output() const { return 2 + spatial; }
  unsigned phase(unsigned i) const { return 3 + spatial + i; }
  unsigned tap(unsigned i) const { return 3 + spatial + phases + i; }
  unsigned channel() const { return 3 + 2 * spatial + phases; }
  unsigned size() const { return 4 + 2 * spatial + phases; }

  /// Operands: input, extras, result. Fails when one is not strided.
  mlir::FailureOr<LoopNest> getNest(mlir::OpBuilder &builder);

private:
  mlir::AffineExpr dim(unsigned i) { return mlir::getAffineDimExpr(i, op->getContext()); }
  mlir::AffineExpr zero() { return mlir::getAffineConstantExpr(0, op->getContext()); }
  mlir::AffineMap input();
  mlir::AffineMap result();
  llvm::SmallVector<mlir::OpFoldResult> sizes(mlir::OpBuilder &builder);

  kernel::ConvOp op;
  unsigned spatial, phases;
};

/// The packed filter as a flat memref.
mlir::Value getFlatFilter(mlir::OpBuilder &builder, kernel::ConvOp op);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_CONVMAPS_H
