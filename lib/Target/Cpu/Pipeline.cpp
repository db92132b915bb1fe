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
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

/// Loops and vectors to the LLVM dialect.
static void addLlvmConversions(OpPassManager &pm) {
  VectorTransferToSCFOptions unrolled;
  unrolled.enableFullUnroll();
  pm.addNestedPass<func::FuncOp>(createConvertVectorToSCFPass(unrolled));
  pm.addPass(optc::cpu::createCpuExpandShapes());
  pm.addPass(memref::createExpandStridedMetadataPass());
  // vector-to-scf and expanded views leave affine.apply.
  pm.addPass(createLowerAffinePass());
  pm.addNestedPass<func::FuncOp>(createSCFToControlFlowPass());
  // Before arith: vector.create_mask leaves arith constants.
  pm.addPass(createConvertVectorToLLVMPass());
  // All others at once: each conversion goes through the whole module.
  ConvertToLLVMPassOptions rest;
  for (const char *dialect : {"arith", "cf", "func", "index", "math", "memref", "ub"})
    rest.filterDialects.push_back(dialect);
  rest.allowPatternRollback = false; // faster; no pattern of these fails halfway
  pm.addPass(createConvertToLLVMPass(rest));
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(optc::cpu::createCpuBFloatAsBits());
}

void optc::cpu::addCpuPasses(OpPassManager &pm, const CpuLevel &level) {
  CpuEmitKernelsOptions kernels;
  kernels.level = level.name.str();
  pm.addNestedPass<func::FuncOp>(createCpuEmitKernels(kernels));
  CpuEmitRowsOptions rows;
  rows.level = level.name.str();
  pm.addNestedPass<func::FuncOp>(createCpuEmitRows(rows));
  // Constants and views that loops do not need would become captured values. One pass over the
  // module is enough for that: a function made of several layers' loops is simplified once.
  GreedyRewriteConfig once;
  once.setMaxIterations(1).setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
  pm.addPass(createCanonicalizerPass(once));
  pm.addPass(createCSEPass());
  pm.addPass(createCpuOutline());
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(createCSEPass());
  // After merging equal functions: each is worked on once.
  CpuShortenArithmeticOptions arithmetic;
  arithmetic.level = level.name.str();
  pm.addPass(createCpuShortenArithmetic(arithmetic));
  CpuExpandMathOptions math;
  math.level = level.name.str();
  pm.addPass(createCpuExpandMath(math));
  pm.addPass(createCpuLowerRuntime());
  addLlvmConversions(pm);
  // On plain values, so that no case per type is needed.
  pm.addPass(createCpuLowerParallel());
  pm.addPass(createCSEPass());
}
