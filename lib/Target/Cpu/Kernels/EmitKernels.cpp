//===- EmitKernels.cpp - kernel ops become loops --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass cpu-emit-kernels.
//
//===----------------------------------------------------------------------===//
#include "lib/IR/Remarks.h"
#include "lib/Target/Cpu/Kernels/Kernels.h"
#include "lib/Target/Cpu/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"

namespace optc::cpu {
#define GEN_PASS_DEF_CPUEMITKERNELS
#include "lib/Target/Cpu/Passes.h.inc"
} // namespace optc::cpu

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

/// The emitter's name in the report.
static StringRef familyOf(Operation *op) {
  auto conv = dyn_cast<kernel::ConvOp>(op);
  bool isDepthwise = conv && isa_and_present<kernel::TapsAttr>(conv.getLayoutAttr());
  return isDepthwise ? "depthwise" : op->getName().stripDialect();
}

/// Moves stack memory of constant size to the start of the function or of the parallel
/// body it is in: in a loop it would grow the stack with every iteration.
static void hoistScratch(Operation *root) {
  SmallVector<memref::AllocaOp> scratch;
  root->walk([&](memref::AllocaOp op) {
    if (op->getNumOperands() == 0)
      scratch.push_back(op);
  });
  for (memref::AllocaOp op : scratch) {
    Operation *owner = op->getParentOp();
    while (!isa<kernel::ParallelOp, FunctionOpInterface>(owner))
      owner = owner->getParentOp();
    op->moveBefore(&owner->getRegion(0).front(), owner->getRegion(0).front().begin());
  }
}

namespace {

struct EmitKernelsPass : cpu::impl::CpuEmitKernelsBase<EmitKernelsPass> {
  using CpuEmitKernelsBase::CpuEmitKernelsBase;

  void runOnOperation() override {
    const CpuLevel *cpu = findCodeLevel(level);
    if (!cpu) {
      getOperation()->emitError("no CPU level is named '") << level << "'";
      return signalPassFailure();
    }
    auto emitOne = [&](auto op) -> LogicalResult {
      StringRef reason;
      if (!canEmit(op, reason))
        return op.emitOpError("cannot be emitted for the CPU: ") << reason;
      OpBuilder builder(op);
      if (failed(emitKernel(builder, op, *cpu)))
        return failure();
      remarkMade("cpu-emit-kernels", familyOf(op), op);
      op.erase();
      return success();
    };
    WalkResult result = getOperation()->walk([&](Operation *op) {
      LogicalResult done =
          TypeSwitch<Operation *, LogicalResult>(op)
              .Case<kernel::AttentionOp, kernel::MatmulOp, kernel::ConvOp, kernel::PoolOp>(emitOne)
              .Default(success());
      return failed(done) ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    hoistScratch(getOperation());
  }
};

} // namespace
