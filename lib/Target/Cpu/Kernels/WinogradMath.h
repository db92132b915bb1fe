//===- WinogradMath.h - Winograd transforms of vectors --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The transforms of WinogradTransform.h as arithmetic on vectors, along one side of a tile.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_WINOGRADMATH_H
#define OPTC_TARGET_CPU_KERNELS_WINOGRADMATH_H

#include "dialects/Kernel/WinogradTransform.h"
#include "mlir/IR/Builders.h"

namespace optc::cpu {

class WinogradMath {
public:
  WinogradMath(const kernel::WinogradTransform &transform, mlir::Location loc)
      : transform(transform), loc(loc) {}

  /// B^T: `size` inputs to as many positions.
  llvm::SmallVector<mlir::Value> fromInputs(mlir::OpBuilder &builder,
                                            llvm::ArrayRef<mlir::Value> inputs) const;
  /// A^T: `size` positions to `tile` outputs.
  llvm::SmallVector<mlir::Value> toOutputs(mlir::OpBuilder &builder,
                                           llvm::ArrayRef<mlir::Value> positions) const;

private:
  mlir::Value addScaled(mlir::OpBuilder &builder, mlir::Value sum, double factor,
                        mlir::Value value) const;
  mlir::Value evaluate(mlir::OpBuilder &builder, llvm::ArrayRef<double> polynomial,
                       llvm::ArrayRef<mlir::Value> inputs, int64_t first) const;

  const kernel::WinogradTransform &transform;
  mlir::Location loc;
};

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_WINOGRADMATH_H
