//===- Stages.h - the order of passes ------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function per stage, each block of it with the reason for its place. The table of
// stages is in docs/Architecture.md.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_STAGES_H
#define OPTC_DRIVER_STAGES_H

#include "mlir/Pass/PassManager.h"

namespace optc::driver {

/// nn -> smaller nn. `optimize` and `precision` are those of CompileOptions.
void addSimplifyPasses(mlir::OpPassManager &pm, unsigned optimize, llvm::StringRef precision, bool exact);
/// nn -> kernel and linalg ops on tensors, fused.
void addFusePasses(mlir::OpPassManager &pm, unsigned optimize);
/// The kernel ops the target takes get packed weights; the others become linalg.
void addKernelPasses(mlir::OpPassManager &pm, unsigned optimize, bool exact);

} // namespace optc::driver

#endif // OPTC_DRIVER_STAGES_H
