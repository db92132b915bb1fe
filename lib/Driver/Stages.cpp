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
#include "dialects/QNN/Passes/Passes.h"
#include "dialects/State/Passes/Passes.h"
#include "lib/Conversion/NNToLinalg/NNToLinalg.h"
#include "lib/Fuse/Fuse.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace optc;

static void addCleanup(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void optc::driver::addSimplifyPasses(OpPassManager &pm, const CodeOptions &options,
                                     const Preferences &preferences) {
  if (options.optimize >= 1)
    pm.addNestedPass<func::FuncOp>(
        nn::createNNSplitPhases({preferences.leastPhaseChannels, preferences.mostPhaseTaps}));
  addCleanup(pm);
  if (options.optimize == 0)
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
  addCleanup(pm);
}

void optc::driver::addStatePasses(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(state::createStateBindInputs());
  addCleanup(pm);
  // Without what is the same everywhere in a mask, it may be attention, or causal, only now.
  pm.addNestedPass<func::FuncOp>(nn::createNNRaiseAttention());
  pm.addNestedPass<func::FuncOp>(nn::createNNBoundAttention());
  pm.addNestedPass<func::FuncOp>(state::createStateFormCaches());
  addCleanup(pm);
}

void optc::driver::addCompressPasses(OpPassManager &pm, const CodeOptions &options,
                                     const Preferences &preferences) {
  if (options.optimize == 0)
    return;
  OpPassManager &functions = pm.nest<func::FuncOp>();
  // Where dims are in the order that products are computed in.
  functions.addPass(nn::createNNExpandRecurrent()); // their products are like others
  functions.addPass(qnn::createQNNFormBlocks());
  functions.addPass(qnn::createQNNRaiseQuantize({preferences.unsignedBytes}));
  functions.addPass(qnn::createQNNFormIntegers({preferences.bytesTogether}));
  functions.addPass(qnn::createQNNFormTables()); // of what is left between integers
  // After weights have their values, which are rounded once; before they are rearranged.
  if (options.precision != Precision::F32) {
    functions.addPass(
        nn::createNNNarrowContractions({nameOf(options.precision), options.exact,
                                        preferences.leastPairedTaps, preferences.mostPairedTaps}));
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
  pm.addPass(fuse::createFuseEpilogue());
  // Where a guard was in the way of an epilogue, there are two versions, and it fuses there.
  pm.addPass(fuse::createFuseVersionGuards());
  pm.addPass(fuse::createFuseEpilogue());
  addCleanup(pm);
}
