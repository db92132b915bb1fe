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
#include "dialects/Run/Run.h"
#include "lib/IR/Remarks.h"
#include "lib/Target/Cpu/Kernels/Kernels.h"
#include "lib/Target/Cpu/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace optc::cpu {
#define GEN_PASS_DEF_CPUEMITKERNELS
#include "lib/Target/Cpu/Passes.h.inc"
} // namespace optc::cpu

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

const KernelEmitters &KernelEmitters::get() {
  static const KernelEmitters all = [] {
    KernelEmitters emitters;
#define F(Name) add##Name##Emitters(emitters);
#include "lib/Target/Cpu/Kernels/Families.def"
    return emitters;
  }();
  return all;
}

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
    while (!isa<run::ParallelOp, FunctionOpInterface>(owner))
      owner = owner->getParentOp();
    op->moveBefore(&owner->getRegion(0).front(), owner->getRegion(0).front().begin());
  }
}

namespace {

struct EmitKernelsPass : cpu::impl::CpuEmitKernelsBase<EmitKernelsPass> {
  using CpuEmitKernelsBase::CpuEmitKernelsBase;

  void runOnOperation() override {
    const CpuLevel *cpu = requireCpuLevel(level, getOperation());
    if (!cpu)
      return signalPassFailure();
    auto emitOne = [&](Operation *op) -> LogicalResult {
      const KernelEmitters::Emitter *emitter = KernelEmitters::get().find(op);
      if (!emitter)
        return success();
      StringRef reason;
      if (!emitter->canEmit(op, reason))
        return op->emitOpError("cannot be emitted for the CPU: ") << reason;
      OpBuilder builder(op);
      if (failed(emitter->emit(builder, op, *cpu)))
        return failure();
      remarkMade("cpu-emit-kernels", familyOf(op), op);
      op->erase();
      return success();
    };
    WalkResult result = getOperation()->walk([&](Operation *op) {
      return failed(emitOne(op)) ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    hoistScratch(getOperation());
  }
};

} // namespace
