//===- EliminateEmpty.cpp - empty tensors become parts of destinations ---===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Passes.td. The work is done by MLIR's function of the same name; this pass chooses
// its order.
//
//===----------------------------------------------------------------------===//
#include "lib/Place/Place.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/Bufferization/Transforms/Transforms.h"
#include "mlir/Interfaces/SubsetOpInterface.h"

using namespace mlir;

namespace optc::place {
#define GEN_PASS_DEF_PLACEELIMINATEEMPTY
#include "lib/Place/Passes.h.inc"

namespace {
struct EliminateEmptyPass : impl::PlaceEliminateEmptyBase<EliminateEmptyPass> {
  using PlaceEliminateEmptyBase::PlaceEliminateEmptyBase;

  void runOnOperation() override {
    bufferization::OneShotBufferizationOptions options;
    options.allowReturnAllocsFromLoops = true;
    options.bufferizeFunctionBoundaries = true;
    bufferization::OneShotAnalysisState state(getOperation(), options);
    if (failed(bufferization::analyzeModuleOp(getOperation(), state)))
      return signalPassFailure();
    SmallVector<Operation *> inserts;
    getOperation().walk([&](SubsetInsertionOpInterface op) { inserts.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (Operation *op : llvm::reverse(inserts))
      if (failed(bufferization::eliminateEmptyTensors(rewriter, op, state)))
        return signalPassFailure();
  }
};
} // namespace
} // namespace optc::place
