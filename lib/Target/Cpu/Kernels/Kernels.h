//===- Kernels.h - emitters of kernel ops ------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One emitter per op family, in a file of its name. An emitter takes the memref form of an op
// and leaves loops, vector ops and run.parallel in its place; it must succeed on every op
// that `canEmit` accepted while the op was on tensors.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_KERNELS_H
#define OPTC_TARGET_CPU_KERNELS_KERNELS_H

#include "dialects/Kernel/Kernel.h"
#include "lib/Target/Host/CpuLevel.h"
#include "mlir/IR/Builders.h"

namespace optc::cpu {

/// Whether the CPU target has an emitter for this op (on tensors or memrefs); if not, says
/// why. What is declined becomes linalg while it is on tensors.
bool canEmit(kernel::AttentionOp op, llvm::StringRef &reason);
bool canEmit(kernel::MatmulOp op, llvm::StringRef &reason);
bool canEmit(kernel::ConvOp op, llvm::StringRef &reason);
bool canEmit(kernel::PoolOp op, llvm::StringRef &reason);

/// The same for any op; true for ops that are not in a compute family.
bool canEmitKernel(mlir::Operation *op, llvm::StringRef &reason);

/// Writes the loops in front of the op.
mlir::LogicalResult emitKernel(mlir::OpBuilder &builder, kernel::AttentionOp op,
                               const CpuLevel &level);
mlir::LogicalResult emitKernel(mlir::OpBuilder &builder, kernel::MatmulOp op,
                               const CpuLevel &level);
mlir::LogicalResult emitKernel(mlir::OpBuilder &builder, kernel::ConvOp op, const CpuLevel &level);
mlir::LogicalResult emitKernel(mlir::OpBuilder &builder, kernel::PoolOp op, const CpuLevel &level);

/// Part of emitKernel of conv, for filters in the layout `taps`.
mlir::LogicalResult emitDepthwise(mlir::OpBuilder &builder, kernel::ConvOp op,
                                  const CpuLevel &level);

/// The same for filters in the layout `winograd`.
mlir::LogicalResult emitWinograd(mlir::OpBuilder &builder, kernel::ConvOp op,
                                 const CpuLevel &level);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_KERNELS_H
