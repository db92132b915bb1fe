//===- PlaceFree.cpp - buffers outside the arena are given back ----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Passes.td. State is freed by comparing addresses at run time: old state is dead
// unless the loop carries it on or started with it.
//
//===----------------------------------------------------------------------===//
#include "lib/Place/Place.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"

using namespace mlir;

namespace optc::place {
#define GEN_PASS_DEF_PLACEFREE
#include "lib/Place/Passes.h.inc"

namespace {

Value addressOf(OpBuilder &builder, Location loc, Value buffer) {
  return memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, buffer);
}

SmallVector<Value> buffersOf(ValueRange values) {
  return llvm::filter_to_vector(values,
                                [](Value value) { return isa<MemRefType>(value.getType()); });
}

struct PlaceFreePass : impl::PlaceFreeBase<PlaceFreePass> {
  using PlaceFreeBase::PlaceFreeBase;

  void runOnOperation() override {
    SmallVector<memref::AllocOp> allocs;
    getOperation().walk([&](memref::AllocOp alloc) { allocs.push_back(alloc); });
    if (allocs.empty())
      return;
    BufferViewFlowAnalysis flow(getOperation());
    llvm::SetVector<Operation *> loops;
    for (memref::AllocOp alloc : allocs) {
      BufferViewFlowAnalysis::ValueSetT aliases = flow.resolve(alloc);
      if (!freeAfterLastUse(alloc, aliases))
        for (Value alias : aliases)
          if (auto arg = dyn_cast<BlockArgument>(alias))
            if (Operation *loop = arg.getOwner()->getParentOp(); loop->isProperAncestor(alloc))
              loops.insert(loop);
    }
    for (Operation *op : loops) {
      if (auto loop = dyn_cast<scf::ForOp>(op))
        freeReplaced(loop.getBody()->getTerminator(), loop.getRegionIterArgs(), loop.getInitArgs());
      else if (auto loop = dyn_cast<scf::WhileOp>(op)) {
        freeReplaced(loop.getYieldOp(), loop.getAfterArguments(), loop.getInits());
        freeReplaced(loop.getConditionOp(), notForwarded(loop), loop.getInits());
      }
    }
  }

private:
  /// The last op of a block, from `first` on, that uses one of some values; null if they leave
  /// the block.
  static Operation *lastUse(Operation *first, const BufferViewFlowAnalysis::ValueSetT &aliases) {
    Block *block = first->getBlock();
    Operation *last = first;
    for (Value alias : aliases) {
      for (Operation *user : alias.getUsers()) {
        Operation *op = block->findAncestorOpInBlock(*user);
        if (!op || op->hasTrait<OpTrait::IsTerminator>())
          return nullptr;
        if (last->isBeforeInBlock(op))
          last = op;
      }
      if (!block->getParent()->isAncestor(alias.getParentRegion()))
        return nullptr;
    }
    return last;
  }

  /// False if the buffer leaves its block, other than by a branch that yields it there.
  static bool freeAfterLastUse(memref::AllocOp alloc,
                               const BufferViewFlowAnalysis::ValueSetT &aliases) {
    OpBuilder builder(alloc->getContext());
    Location loc = alloc.getLoc();
    if (Operation *last = lastUse(alloc, aliases)) {
      builder.setInsertionPointAfter(last);
      memref::DeallocOp::create(builder, loc, alloc);
      return true;
    }
    auto branch = dyn_cast<scf::IfOp>(alloc->getParentOp());
    Operation *last = branch ? lastUse(branch, aliases) : nullptr;
    auto yielded = alloc->getBlock()->getTerminator()->getOperands();
    auto place = llvm::find(yielded, alloc.getResult());
    if (!last || llvm::count(yielded, alloc.getResult()) != 1)
      return false;
    // Freed where it was made: in the same branch of the same condition.
    builder.setInsertionPointAfter(last);
    bool isThen = alloc->getParentRegion() == &branch.getThenRegion();
    auto same = scf::IfOp::create(builder, loc, branch.getCondition(), /*withElseRegion=*/!isThen);
    OpBuilder inside = isThen ? same.getThenBodyBuilder() : same.getElseBodyBuilder();
    memref::DeallocOp::create(inside, loc, branch.getResult(place.getIndex()));
    return true;
  }

  /// State of which the condition hands on a copy.
  static SmallVector<Value> notForwarded(scf::WhileOp loop) {
    return llvm::filter_to_vector(buffersOf(loop.getBeforeArguments()), [&](Value state) {
      return !llvm::is_contained(loop.getConditionOp().getArgs(), state);
    });
  }

  /// Before the terminator of a loop body: frees the state `olds` that is neither among
  /// what the terminator passes on nor among what the loop started with.
  static void freeReplaced(Operation *terminator, ValueRange olds, ValueRange inits) {
    if (buffersOf(olds).empty())
      return;
    OpBuilder builder(terminator);
    Location loc = terminator->getLoc();
    SmallVector<Value> kept;
    for (Value value : buffersOf(terminator->getOperands()))
      kept.push_back(addressOf(builder, loc, value));
    for (Value value : buffersOf(inits))
      kept.push_back(addressOf(builder, loc, value));
    for (Value old : buffersOf(olds)) {
      Value address = addressOf(builder, loc, old);
      Value dead = arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true));
      for (Value other : kept) {
        Value differs =
            arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, address, other);
        dead = arith::AndIOp::create(builder, loc, dead, differs);
      }
      auto branch = scf::IfOp::create(builder, loc, dead, /*withElseRegion=*/false);
      OpBuilder inside = branch.getThenBodyBuilder();
      memref::DeallocOp::create(inside, loc, old);
    }
  }
};

} // namespace
} // namespace optc::place
