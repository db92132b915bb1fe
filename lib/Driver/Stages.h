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

/// nn -> smaller nn. `precision` is what contractions multiply: "f32" or "bf16".
void addSimplifyPasses(mlir::OpPassManager &pm, llvm::StringRef precision);
/// nn -> kernel and linalg ops on tensors, fused and with packed weights.
void addFusePasses(mlir::OpPassManager &pm);

} // namespace optc::driver

#endif // OPTC_DRIVER_STAGES_H
