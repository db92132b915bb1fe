//===- Stages.cpp - the order of passes ----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Stages.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Stages.h"
#include "dialects/Kernel/Passes/Passes.h"
#include "dialects/NN/Passes/Passes.h"
#include "lib/Conversion/NNToLinalg/NNToLinalg.h"
#include "lib/Fuse/Fuse.h"
#include "lib/Target/Cpu/Cpu.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace optc;

static void addCleanup(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void optc::driver::addSimplifyPasses(OpPassManager &pm, unsigned optimize, StringRef precision, bool exact) {
  addCleanup(pm);
  if (optimize == 0)
    return;
  OpPassManager &functions = pm.nest<func::FuncOp>();
  // Before transposes move: what separates the parts of a norm is harder to look through.
  functions.addPass(nn::createNNRaiseNorms());
  functions.addPass(nn::createNNRaiseRope());
  functions.addPass(nn::createNNRaiseAttention());
  functions.addPass(nn::createNNBoundAttention());
  functions.addPass(nn::createNNPushTransposes());
  // Constants per channel are along the last dimension now.
  functions.addPass(nn::createNNFoldBatchNorm());
  // After filters are scaled, which asks for constants: nn-fold-weights cuts them.
  functions.addPass(nn::createNNCropWindows());
  // After weights have their values, which are rounded once; before they are rearranged.
  if (precision != "f32") {
    functions.addPass(nn::createNNExpandRecurrent()); // narrows their products, too
    functions.addPass(nn::createNNNarrowContractions({precision.str(), exact}));
  }
  functions.addPass(nn::createNNFoldWeights());
  addCleanup(pm);
}

void optc::driver::addFusePasses(OpPassManager &pm, unsigned optimize) {
  // No target has a kernel for a whole recurrent layer.
  pm.addNestedPass<func::FuncOp>(nn::createNNExpandRecurrent());
  if (optimize >= 1)
    pm.addNestedPass<func::FuncOp>(nn::createNNFoldWeights());
  pm.addPass(createConvertNNToLinalg());
  // Sizes become one value per symbol, so that equal shapes are equal values.
  addCleanup(pm);
  if (optimize == 0)
    return;
  // Chains first: an epilogue takes a whole chain at once.
  pm.addPass(fuse::createFuseElementwise());
  pm.addPass(kernel::createKernelFuseEpilogue());
  // Where a guard was in the way of an epilogue, there are two versions, and it fuses there.
  pm.addPass(fuse::createFuseVersionGuards());
  pm.addPass(kernel::createKernelFuseEpilogue());
  addCleanup(pm);
}

void optc::driver::addKernelPasses(OpPassManager &pm, unsigned optimize, bool exact) {
  if (optimize < 2) {
    pm.addPass(kernel::createKernelDecompose());
  } else {
    // After fusion, which does not change weights; before memory is planned for them. The choice
    // is the target's, and what it leaves alone gets the usual layout.
    cpu::CpuChooseWinogradOptions winograd;
    winograd.exact = exact;
    pm.addPass(cpu::createCpuChooseWinograd(winograd));
    if (!exact)
      pm.addPass(kernel::createKernelSimplifyEpilogues());
    pm.addPass(kernel::createKernelPackWeights());
    // Before packs are values of their own.
    pm.addPass(kernel::createKernelShareWeights());
    pm.addPass(kernel::createKernelEvaluatePacks());
    pm.addPass(cpu::createCpuDeclineKernels());
  }
  // What the target has no kernel for has joined the linalg ops, and chains may form again.
  if (optimize >= 1)
    pm.addPass(fuse::createFuseElementwise());
  addCleanup(pm);
}
