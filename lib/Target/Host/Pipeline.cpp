//===- Pipeline.cpp - the order of the passes of host programs -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From loops on memrefs to the LLVM dialect, one block per step with the reason for its place.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Host/Host.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void optc::host::addOutlinePasses(OpPassManager &pm) {
  // Constants and views that loops do not need would become captured values. One pass over the
  // module is enough for that: a function made of several layers' loops is simplified once.
  GreedyRewriteConfig once;
  once.setMaxIterations(1).setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
  pm.addPass(createCanonicalizerPass(once));
  pm.addPass(createCSEPass());
  pm.addPass(createHostOutline());
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(createCSEPass());
}

void optc::host::addLlvmPasses(OpPassManager &pm) {
  pm.addPass(createHostLowerRuntime());
  VectorTransferToSCFOptions unrolled;
  unrolled.enableFullUnroll();
  pm.addNestedPass<func::FuncOp>(createConvertVectorToSCFPass(unrolled));
  pm.addPass(createHostExpandShapes());
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
  pm.addPass(createHostBFloatAsBits());
  // On plain values, so that no case per type is needed.
  pm.addPass(createHostLowerParallel());
  pm.addPass(createCSEPass());
}
