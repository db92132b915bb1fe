//===- UnshareEmpty.cpp - one tensor.empty and linalg.fill per use -------===//
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

using namespace mlir;

namespace optc::place {
#define GEN_PASS_DEF_PLACEUNSHAREEMPTY
#include "lib/Place/Passes.h.inc"

namespace {

/// Whether the op is made once per use: an empty tensor or a fill of one.
bool isCheapInit(Operation *op) {
  if (auto fill = dyn_cast<linalg::FillOp>(op))
    return fill.getNumResults() == 1 && fill.getOutputs()[0].getDefiningOp<tensor::EmptyOp>();
  return isa<tensor::EmptyOp>(op);
}

struct UnshareEmptyPass : impl::PlaceUnshareEmptyBase<UnshareEmptyPass> {
  using PlaceUnshareEmptyBase::PlaceUnshareEmptyBase;

  void runOnOperation() override {
    // Users first: a cloned fill then gets its own empty tensor.
    SmallVector<Operation *> inits;
    getOperation()->walk<WalkOrder::PostOrder>([&](Operation *op) {
      if (isCheapInit(op))
        inits.push_back(op);
    });
    for (Operation *op : llvm::reverse(inits))
      unshare(op);
    getOperation()->walk([](tensor::EmptyOp op) { moveUp(op); });
  }

private:
  static void moveUp(tensor::EmptyOp op) {
    Operation *last = nullptr;
    for (Value size : op.getDynamicSizes())
      if (Operation *def = size.getDefiningOp(); def && def->getBlock() == op->getBlock())
        if (!last || last->isBeforeInBlock(def))
          last = def;
    if (last)
      op->moveAfter(last);
    else
      op->moveBefore(op->getBlock(), op->getBlock()->begin());
  }

  static void unshare(Operation *op) {
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : op->getResult(0).getUses())
      uses.push_back(&use);
    // Newest first in use lists: the first in the text keeps the original.
    std::reverse(uses.begin(), uses.end());
    for (OpOperand *use : uses) {
      OpBuilder builder(use->getOwner());
      Operation *own = use == uses.front() ? op : builder.clone(*op);
      // Errors about its memory name the node that it is for.
      own->setLoc(use->getOwner()->getLoc());
      use->set(own->getResult(0));
    }
  }
};

} // namespace
} // namespace optc::place
