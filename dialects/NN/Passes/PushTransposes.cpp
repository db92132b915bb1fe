//===- PushTransposes.cpp - transposes towards the results ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One walk in program order: an op whose operand is transpose(x) is rebuilt on x, followed
// by a transpose of its result, which the later ops meet. Notation: y = transpose(x, p),
// dimension i of y is dimension p[i] of x.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Passes/Passes.h"
#include "dialects/NN/Passes/TransposePusher.h"

namespace optc::nn {
#define GEN_PASS_DEF_NNPUSHTRANSPOSES
#include "dialects/NN/NNPasses.h.inc"
} // namespace optc::nn

using namespace mlir;
using namespace optc::nn;

namespace {
struct PushTransposes : optc::nn::impl::NNPushTransposesBase<PushTransposes> {
  void runOnOperation() override {
    auto rewrite = [&](NNBuilder &b) {
      SmallVector<Operation *> ops;
      getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) { ops.push_back(op); });
      TransposePusher pusher(&getContext(), b.getShapes());
      for (Operation *op : ops)
        pusher.visit(op);
    };
    if (failed(rewriteFunction(getOperation(), rewrite)))
      signalPassFailure();
  }
};
} // namespace
