//===- Pipeline.cpp - the order of the CPU target's passes ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From memrefs to the LLVM dialect, one block per step with the reason for its place.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Cpu.h"
#include "lib/Target/Host/Host.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;

void optc::cpu::addCpuPasses(OpPassManager &pm, const CpuLevel &level) {
  CpuEmitKernelsOptions kernels;
  kernels.level = std::string(level.name);
  pm.addNestedPass<func::FuncOp>(createCpuEmitKernels(kernels));
  CpuEmitRowsOptions rows;
  rows.level = std::string(level.name);
  pm.addNestedPass<func::FuncOp>(createCpuEmitRows(rows));
  host::addOutlinePasses(pm);
  // After merging equal functions: each is worked on once.
  CpuShortenArithmeticOptions arithmetic;
  arithmetic.level = std::string(level.name);
  pm.addPass(createCpuShortenArithmetic(arithmetic));
  CpuExpandMathOptions math;
  math.level = std::string(level.name);
  pm.addPass(createCpuExpandMath(math));
  host::addLlvmPasses(pm);
}
