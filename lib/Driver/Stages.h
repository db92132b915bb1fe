//===- Stages.h - the order of passes ------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function per stage that is the same for all targets, each block of it with the reason for its
// place. The table of stages is in docs/Architecture.md.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_STAGES_H
#define OPTC_DRIVER_STAGES_H

#include "lib/Target/Target.h"
#include "mlir/Pass/PassManager.h"

namespace optc::driver {

/// nn -> smaller nn.
void addSimplifyPasses(mlir::OpPassManager &pm, const CodeOptions &options,
                       const Preferences &preferences);
/// A decoder as a step that adds tokens to caches. Before products get other forms: of scores only
/// those of the last token are computed.
void addStatePasses(mlir::OpPassManager &pm);
/// Products in narrower types where the model has integers, or the options ask for narrow floats.
void addCompressPasses(mlir::OpPassManager &pm, const CodeOptions &options,
                       const Preferences &preferences);
/// nn -> kernel and linalg ops on tensors, fused.
void addFusePasses(mlir::OpPassManager &pm, unsigned optimize);

} // namespace optc::driver

#endif // OPTC_DRIVER_STAGES_H
