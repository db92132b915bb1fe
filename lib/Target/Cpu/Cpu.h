//===- Cpu.h - the CPU target --------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The passes from memrefs to the LLVM dialect and their pipeline. Code generation from
// there is in Codegen.h.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_CPU_H
#define OPTC_TARGET_CPU_CPU_H

#include "dialects/Kernel/Kernel.h"
#include "lib/Place/Place.h"
#include "lib/Target/Cpu/Passes.h"
#include "lib/Target/Host/CpuLevel.h"
#include "lib/Target/Target.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace optc::cpu {

/// Memrefs to the LLVM dialect, for one level of CPUs.
void addCpuPasses(mlir::OpPassManager &pm, const CpuLevel &level);

/// How the CPU target places: kernels hand over tiles in a core's cache unless `optimize` is less
/// than 2.
place::PlaceOptions getCpuPlaceOptions(int optimize);

/// What the CPU asks of the stages before the fork.
Preferences getCpuPreferences();

/// The target "cpu" of lib/Target/Target.h.
void registerCpuTarget();

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_CPU_H
