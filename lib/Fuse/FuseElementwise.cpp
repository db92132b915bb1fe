//===- FuseElementwise.cpp - elementwise fusion --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs upstream's elementwise fusion under a rule of what pays.
//
//===----------------------------------------------------------------------===//
#include "lib/Fuse/Fuse.h"
#include "lib/Support/Remarks.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace optc::fuse {
#define GEN_PASS_DEF_FUSEELEMENTWISE
#include "lib/Fuse/Passes.h.inc"
} // namespace optc::fuse

using namespace mlir;

/// A body that only passes on its argument costs nothing to repeat; nor does widening it, which
/// saves reading the wide form.
static bool isTrivial(linalg::GenericOp op) {
  return llvm::all_of(op.getBody()->without_terminator(),
                      [](Operation &inner) { return isa<arith::ExtFOp>(inner); });
}

static bool readsByIndex(linalg::GenericOp op) {
  return op
      .walk([](Operation *inner) {
        bool reads = isa<tensor::ExtractOp, linalg::IndexOp>(inner);
        return reads ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

/// Why it does not pay to compute an operand inside the op that reads it; empty if it does:
/// producers with one consumer, each element of which is needed once.
static StringRef whyNot(linalg::GenericOp producer, OpOperand *operand) {
  auto consumer = cast<linalg::GenericOp>(operand->getOwner());
  if (readsByIndex(producer))
    return "the producer reads by index";
  if (isTrivial(producer))
    return {};
  for (Operation *user : producer->getUsers())
    if (user != consumer)
      return "the producer has other users";
  if (consumer.getMatchingIndexingMap(operand).getNumResults() != consumer.getNumLoops())
    return "the consumer reads each element more than once";
  return {};
}

/// An image that is enlarged is repeated along one dim, whose copies a reshape joins to it, and then
/// along the next. Both are one op once that reshape has moved behind the second, if one is there
/// already: else it would come between an op and the memory that it writes to.
static bool separatesRepeats(OpOperand *operand) {
  auto reshape = operand->get().getDefiningOp<tensor::CollapseShapeOp>();
  auto consumer = dyn_cast<linalg::GenericOp>(operand->getOwner());
  auto producer = reshape ? reshape.getSrc().getDefiningOp<linalg::GenericOp>() : nullptr;
  return consumer && producer && isTrivial(producer) && consumer.getNumDpsInputs() == 1 &&
         consumer->hasOneUse() && isa<tensor::CollapseShapeOp>(*consumer->user_begin());
}

/// Asked for operands that can be fused.
static bool pays(OpOperand *operand) {
  auto producer = operand->get().getDefiningOp<linalg::GenericOp>();
  if (!producer || !isa<linalg::GenericOp>(operand->getOwner()) ||
      !whyNot(producer, operand).empty())
    return false;
  optc::remarkMade("fuse-elementwise", "chain", producer, operand->getOwner());
  return true;
}

/// What the patterns left, with the reason.
static void reportRefusals(linalg::GenericOp consumer) {
  for (OpOperand *operand : consumer.getDpsInputOperands()) {
    auto producer = operand->get().getDefiningOp<linalg::GenericOp>();
    if (!producer)
      continue;
    StringRef reason = linalg::areElementwiseOpsFusable(operand) ? whyNot(producer, operand)
                                                                 : "the producer is not elementwise";
    if (!reason.empty())
      optc::remarkRefused("fuse-elementwise", "chain", producer, consumer, reason);
  }
}

namespace {
/// Upstream gives a joined op the location of its consumer: this adds that of the producer, so
/// that messages and profiles name all nodes.
class NameKeeper : public RewriterBase::Listener {
public:
  /// `operand` is about to be fused.
  void announce(OpOperand *operand) {
    producer = operand->get().getLoc();
    consumer = operand->getOwner()->getLoc();
  }
  void notifyOperationInserted(Operation *op, OpBuilder::InsertPoint) override {
    if (!isa<linalg::GenericOp>(op) || !producer || op->getLoc() != *consumer)
      return;
    op->setLoc(FusedLoc::get(op->getContext(), {*producer, *consumer}));
    producer.reset();
  }

private:
  std::optional<Location> producer, consumer;
};

struct FuseElementwise : optc::fuse::impl::FuseElementwiseBase<FuseElementwise> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    NameKeeper names;
    linalg::populateElementwiseOpsFusionPatterns(patterns, [&](OpOperand *operand) {
      bool fuses = pays(operand);
      if (fuses)
        names.announce(operand);
      return fuses;
    });
    linalg::populateFoldReshapeOpsByExpansionPatterns(patterns, separatesRepeats);
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    // Sizes asked of an op that is gone otherwise.
    memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    affine::AffineApplyOp::getCanonicalizationPatterns(patterns, &getContext());
    linalg::GenericOp::getCanonicalizationPatterns(patterns, &getContext());
    // Producers come first, so that a chain is joined in one visit.
    GreedyRewriteConfig config;
    config.setUseTopDownTraversal(true).setListener(&names);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      return signalPassFailure();
    getOperation()->walk(reportRefusals);
  }
};
} // namespace
