//===- EmitRowNorm.h - kernel.row_norm as vector loops ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Part of the pass cpu-emit-rows.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_ROWS_EMITROWNORM_H
#define OPTC_TARGET_CPU_ROWS_EMITROWNORM_H

#include "dialects/Kernel/Kernel.h"
#include "lib/Target/Host/CpuLevel.h"

namespace optc::cpu {

/// Replaces the op, on memrefs, by loops. Fails when a layout is not strided.
mlir::LogicalResult emitRowNorm(kernel::RowNormOp op, const CpuLevel &level);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_ROWS_EMITROWNORM_H
