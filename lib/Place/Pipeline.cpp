//===- Pipeline.cpp - the order of the place stage -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From tensors to memory, one block per step with the reason for its place.
//
//===----------------------------------------------------------------------===//
#include "lib/Place/Place.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

static void addCleanup(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

static void addBufferization(OpPassManager &pm) {
  bufferization::OneShotBufferizePassOptions options;
  options.bufferizeFunctionBoundaries = true;
  // Fully dynamic layouts, the default, would make a copy of every reshape of an input.
  options.functionBoundaryTypeConversion = bufferization::LayoutMapOption::IdentityLayoutMap;
  options.unknownTypeConversion = bufferization::LayoutMapOption::IdentityLayoutMap;
  // State that grows from iteration to iteration has no other way.
  options.allowReturnAllocsFromLoops = true;
  pm.addPass(bufferization::createOneShotBufferizePass(options));
}

void optc::place::addPlacePasses(OpPassManager &pm, const PlaceOptions &options) {
  // Sizes of outputs in terms of inputs are found through tensor ops: before all else.
  pm.addNestedPass<func::FuncOp>(createPlaceOutputs());
  // Sizes are resolved now; before what makes a producer write into a part of its user's result.
  pm.addNestedPass<func::FuncOp>(createPlaceEarlyChecks());
  pm.addPass(createPlaceWeights());
  pm.addNestedPass<func::FuncOp>(createPlaceDecomposeConcat());
  addCleanup(pm);
  pm.addNestedPass<func::FuncOp>(createPlaceLoopState());
  // Empty tensors take their place in the destination of what is made of them. CSE shares
  // them, which costs cubic time from here on.
  pm.addNestedPass<func::FuncOp>(createPlaceUnshareEmpty());
  pm.addNestedPass<func::FuncOp>(createPlaceFillBorders());
  // The last before slices are compared; the cleanup below folds it away.
  pm.addNestedPass<func::FuncOp>(createPlaceNameSizes());
  pm.addPass(createPlaceEliminateEmpty());
  addBufferization(pm);
  // Sizes become values of input dims; the second round drops copies of a buffer to itself.
  pm.addPass(memref::createResolveRankedShapeTypeResultDimsPass());
  addCleanup(pm);
  pm.addPass(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(bufferization::createBufferLoopHoistingPass());
  pm.addNestedPass<func::FuncOp>(createPlaceCopiesToLinalg());
  // The last that change what is a buffer.
  if (options.addBufferPasses)
    options.addBufferPasses(pm);
  pm.addPass(createPlaceArena());
  // Of what the arena could not take.
  pm.addNestedPass<func::FuncOp>(createPlaceFree());
  addCleanup(pm);
  pm.addNestedPass<func::FuncOp>(createPlaceJoinFills());
}
