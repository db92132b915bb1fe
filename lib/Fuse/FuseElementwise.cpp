//===- FuseElementwise.cpp - elementwise fusion --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Trivial producers are joined one by one, by upstream's pattern and whoever reads them; all
// others in groups (ElementwiseGroups.h): the pattern copies a producer for each operand that
// reads it, so that a body would double wherever a value is used twice.
//
//===----------------------------------------------------------------------===//
#include "lib/Fuse/Fuse.h"
#include "lib/Fuse/JoinElementwise.h"
#include "lib/IR/Remarks.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace optc::fuse {
#define GEN_PASS_DEF_FUSEELEMENTWISE
#include "lib/Fuse/Passes.h.inc"
} // namespace optc::fuse

using namespace mlir;
using namespace optc::fuse;

/// An image that is enlarged is repeated along one dim, whose copies a reshape joins to it, and
/// then along the next. Both are one op once that reshape has moved behind the second, if one is
/// there already: else it would come between an op and the memory that it writes to.
static bool separatesRepeats(OpOperand *operand) {
  auto reshape = operand->get().getDefiningOp<tensor::CollapseShapeOp>();
  auto consumer = dyn_cast<linalg::GenericOp>(operand->getOwner());
  auto producer = reshape ? reshape.getSrc().getDefiningOp<linalg::GenericOp>() : nullptr;
  return consumer && producer && isTrivial(producer) && consumer.getNumDpsInputs() == 1 &&
         consumer->hasOneUse() && isa<tensor::CollapseShapeOp>(*consumer->user_begin());
}

/// Asked for operands that can be fused.
static bool isOfTrivial(OpOperand *operand) {
  auto producer = operand->get().getDefiningOp<linalg::GenericOp>();
  if (!producer || !isa<linalg::GenericOp>(operand->getOwner()) || !isTrivial(producer))
    return false;
  optc::remarkMade("fuse-elementwise", "chain", producer, operand->getOwner());
  return true;
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
    // Ends, because every round leaves fewer ops. One is enough unless joined ops read less.
    for (;;) {
      joinTrivial();
      ElementwiseGroups groups(getOperation());
      if (!joinElementwise(groups))
        return groups.reportRefusals();
    }
  }

  void joinTrivial() {
    RewritePatternSet patterns(&getContext());
    NameKeeper names;
    linalg::populateElementwiseOpsFusionPatterns(patterns, [&](OpOperand *operand) {
      bool fuses = isOfTrivial(operand);
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
    // It may give up before all is done, as where each op of a long chain turns out to be a
    // constant: groups are made of what is left, and the next round goes on.
    (void)applyPatternsGreedily(getOperation(), std::move(patterns), config);
  }
};
} // namespace
