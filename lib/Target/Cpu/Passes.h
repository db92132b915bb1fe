//===- Passes.h - passes of the CPU target ----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Declarations generated from Passes.td, and what passes of a level share.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_PASSES_H
#define OPTC_TARGET_CPU_PASSES_H

#include "lib/Target/Host/CpuLevel.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace optc::cpu {

#define GEN_PASS_DECL
#include "lib/Target/Cpu/Passes.h.inc"

/// The level that a pass was given by name; null after an error at `root`.
inline const CpuLevel *requireCpuLevel(llvm::StringRef name, mlir::Operation *root) {
  const CpuLevel *level = findCodeLevel(name);
  if (!level)
    root->emitError("unknown CPU level '") << name << "'";
  return level;
}

#define GEN_PASS_REGISTRATION
#include "lib/Target/Cpu/Passes.h.inc"

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_PASSES_H
