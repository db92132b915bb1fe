//===- VersionGuards.cpp - epilogues through guards -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In an upsampling network with unknown sizes, the sum of a convolution and an upsampled map
// has a guard behind the convolution, whose output could be 1x1. One convolution more in the
// code keeps the sum in the epilogue of the one that runs.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Kernel.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

namespace optc::fuse {
#define GEN_PASS_DEF_FUSEVERSIONGUARDS
#include "lib/Fuse/Passes.h.inc"
} // namespace optc::fuse

using namespace mlir;
using namespace optc;

namespace {
/// %p = producer                                          %c = scf.if %fits {
/// %g = scf.if %fits { yield %p } else { yield f(%p) }      %p1 = producer; yield consumer(%p1)
/// %c = consumer(%g)                                      } else { .. consumer(f(%p2)) }
struct Guarded {
  Operation *producer;
  scf::IfOp guard;
  linalg::GenericOp consumer;
};
} // namespace

/// Whether an op could be the epilogue of what it reads as `value`.
static bool isEpilogueOf(linalg::GenericOp op, Value value) {
  if (op.getNumDpsInits() != 1 || op.getNumParallelLoops() != op.getNumLoops())
    return false;
  return llvm::all_of(op->getOpOperands(), [&](OpOperand &operand) {
    bool isIdentity = op.getMatchingIndexingMap(&operand).isIdentity();
    return isIdentity || (operand.get() != value && !op.isDpsInit(&operand));
  });
}

static std::optional<Guarded> match(scf::IfOp guard) {
  if (guard->getNumResults() != 1 || !guard->hasOneUse())
    return std::nullopt;
  auto consumer = dyn_cast<linalg::GenericOp>(*guard->user_begin());
  auto producer = guard.thenYield().getOperand(0).getDefiningOp<kernel::EpilogueOpInterface>();
  if (!producer || !consumer || producer->getBlock() != guard->getBlock() ||
      consumer->getBlock() != guard->getBlock() || !isEpilogueOf(consumer, guard.getResult(0)))
    return std::nullopt;
  bool isOnlyGuarded = llvm::all_of(producer->getUsers(),
                                    [&](Operation *user) { return guard->isProperAncestor(user); });
  return isOnlyGuarded ? std::optional<Guarded>({producer, guard, consumer}) : std::nullopt;
}

/// producer; what the branch computes of it; consumer.
static void buildVersion(OpBuilder &builder, Guarded guarded, Block &branch) {
  IRMapping mapping;
  builder.clone(*guarded.producer, mapping);
  for (Operation &op : branch.without_terminator())
    builder.clone(op, mapping);
  Value guardedValue = branch.getTerminator()->getOperand(0);
  mapping.map(guarded.guard.getResult(0), mapping.lookupOrDefault(guardedValue));
  Operation *result = builder.clone(*guarded.consumer.getOperation(), mapping);
  scf::YieldOp::create(builder, guarded.consumer.getLoc(), result->getResults());
}

static void buildVersions(Guarded guarded) {
  OpBuilder builder(guarded.consumer);
  scf::IfOp guard = guarded.guard;
  auto versions = scf::IfOp::create(
      builder, guarded.consumer.getLoc(), guard.getCondition(),
      [&](OpBuilder &body, Location) { buildVersion(body, guarded, *guard.thenBlock()); },
      [&](OpBuilder &body, Location) { buildVersion(body, guarded, *guard.elseBlock()); });
  linalg::GenericOp consumer = guarded.consumer;
  consumer->replaceAllUsesWith(versions);
  consumer->erase();
  guard->erase();
  guarded.producer->erase();
}

namespace {
struct VersionGuards : optc::fuse::impl::FuseVersionGuardsBase<VersionGuards> {
  void runOnOperation() override {
    // One at a time, in order: a consumer with two guards loses its place to the first.
    SmallVector<scf::IfOp> guards;
    getOperation()->walk([&](scf::IfOp op) { guards.push_back(op); });
    for (scf::IfOp guard : guards)
      if (std::optional<Guarded> guarded = match(guard))
        buildVersions(*guarded);
  }
};
} // namespace
