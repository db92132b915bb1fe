//===- DecomposeConcat.cpp - concat becomes inserts ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Passes.td.
//
//===----------------------------------------------------------------------===//
#include "lib/Place/Place.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace optc::place {
#define GEN_PASS_DEF_PLACEDECOMPOSECONCAT
#include "lib/Place/Passes.h.inc"

namespace {
struct DecomposeConcatPass : impl::PlaceDecomposeConcatBase<DecomposeConcatPass> {
  using PlaceDecomposeConcatBase::PlaceDecomposeConcatBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    tensor::populateDecomposeTensorConcatPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
} // namespace optc::place
