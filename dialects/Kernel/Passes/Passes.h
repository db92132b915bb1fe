//===- Passes.h - passes of the kernel dialect ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The passes of KernelPasses.td, and the pattern sets that other stages use.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_KERNEL_PASSES_PASSES_H
#define OPTC_DIALECTS_KERNEL_PASSES_PASSES_H

#include "dialects/Kernel/Kernel.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/Pass.h"

namespace optc::kernel {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "dialects/Kernel/KernelPasses.h.inc"

/// Says whether an op is to be decomposed.
using DecomposeFilter = std::function<bool(mlir::Operation *)>;

/// Kernel ops on tensors for which `filter` holds become linalg.
void populateDecomposePatterns(mlir::RewritePatternSet &patterns, const DecomposeFilter &filter);

} // namespace optc::kernel

#endif // OPTC_DIALECTS_KERNEL_PASSES_PASSES_H
