//===- DeclineKernels.cpp - kernels without an emitter become linalg -------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass cpu-decline-kernels.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Passes/Passes.h"
#include "lib/IR/Remarks.h"
#include "lib/Target/Cpu/Kernels/Kernels.h"
#include "lib/Target/Cpu/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace optc::cpu {
#define GEN_PASS_DEF_CPUDECLINEKERNELS
#include "lib/Target/Cpu/Passes.h.inc"
} // namespace optc::cpu

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

/// True for ops that are not computed by kernels of their own.
static bool canEmitKernel(Operation *op, StringRef &reason) {
  if (const KernelEmitters::Emitter *emitter = KernelEmitters::get().find(op))
    return emitter->canEmit(op, reason);
  if (!isa<kernel::PackOp>(op))
    return true;
  reason = "packs of constants are computed at compile time";
  return false;
}

namespace {

struct DeclineKernelsPass : cpu::impl::CpuDeclineKernelsBase<DeclineKernelsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    kernel::populateDecomposePatterns(patterns, [](Operation *op) {
      StringRef reason;
      if (canEmitKernel(op, reason))
        return false;
      remarkRefused("cpu-decline-kernels", "kernel", op, reason);
      return true;
    });
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
