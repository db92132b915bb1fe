//===- LoopState.cpp - loops keep their state in one buffer --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Passes.td. Without it every iteration allocates, and no arena can hold buffers that
// outlive the iteration which made them.
//
//===----------------------------------------------------------------------===//
#include "lib/Place/Place.h"
#include "lib/Place/StateShapes.h"

using namespace mlir;

namespace optc::place {
#define GEN_PASS_DEF_PLACELOOPSTATE
#include "lib/Place/Passes.h.inc"

namespace {

Value destinationOfBranches(scf::IfOp branch, unsigned number);

/// The value whose buffer a destination-passing op or an insert takes over, back to a
/// value that is none of their results.
Value destinationOf(Value value) {
  while (auto result = dyn_cast<OpResult>(value)) {
    if (auto dps = dyn_cast<DestinationStyleOpInterface>(result.getOwner()))
      value = dps.getTiedOpOperand(result)->get();
    else if (auto insert = dyn_cast<tensor::InsertSliceOp>(result.getOwner()))
      value = insert.getDest();
    else if (auto insert = dyn_cast<tensor::InsertOp>(result.getOwner()))
      value = insert.getDest();
    else if (auto loop = dyn_cast<scf::ForOp>(result.getOwner()))
      value = loop.getTiedLoopInit(result)->get(); // an inner loop keeps its state in place
    else if (auto branch = dyn_cast<scf::IfOp>(result.getOwner()))
      return destinationOfBranches(branch, result.getResultNumber());
    else
      break;
  }
  return value;
}

/// The common destination of both branches' values, or the op's own result.
Value destinationOfBranches(scf::IfOp branch, unsigned number) {
  Value first = destinationOf(branch.thenYield().getOperand(number));
  return first == destinationOf(branch.elseYield().getOperand(number)) ? first
                                                                       : branch.getResult(number);
}

/// The yielded values that a result of branches may be; none if it is not one.
SmallVector<OpOperand *> branchesOf(Value value) {
  auto branch = value.getDefiningOp<scf::IfOp>();
  if (!branch)
    return {};
  unsigned number = cast<OpResult>(value).getResultNumber();
  return {&branch.thenYield()->getOpOperand(number), &branch.elseYield()->getOpOperand(number)};
}

bool isMadeHere(OpOperand &yielded) {
  return yielded.getOwner()->getParentRegion()->isAncestor(yielded.get().getParentRegion());
}

/// Whether what is yielded surely is in a buffer that was made for it in the body or branch
/// which yields it, or in that of `state`.
bool isApart(OpOperand &yielded, Value state) {
  Value value = yielded.get(), origin = destinationOf(value);
  if (origin == state)
    return true;
  if (!isMadeHere(yielded))
    return false;
  // First of all, since tensor.empty is shared still: both branches may seem to have the same.
  auto branches = branchesOf(value);
  if (!branches.empty())
    return llvm::all_of(branches, [&](OpOperand *branch) { return isApart(*branch, state); });
  return isa_and_present<tensor::EmptyOp, bufferization::AllocTensorOp>(origin.getDefiningOp());
}

/// Makes it so, by a copy where it is not.
void setApart(OpOperand &yielded, Value state) {
  Value value = yielded.get();
  if (isApart(yielded, state))
    return;
  auto branches = isMadeHere(yielded) ? branchesOf(value) : SmallVector<OpOperand *>();
  for (OpOperand *branch : branches)
    setApart(*branch, state);
  if (!branches.empty())
    return;
  OpBuilder builder(yielded.getOwner());
  yielded.set(bufferization::AllocTensorOp::create(builder, value.getLoc(),
                                                   cast<RankedTensorType>(value.getType()),
                                                   ValueRange{}, /*copy=*/value));
}

void keepInPlace(ArrayRef<LoopState> states, const StateShapes &shapes) {
  SmallVector<LoopState> kept;
  for (const LoopState &state : states) {
    if (destinationOf(state.next->get()) == state.current)
      continue;
    if (shapes.keepsShape(state))
      kept.push_back(state);
    else // what it may share a buffer with lives on when this state is replaced
      setApart(*state.next, state.current);
  }
  // Sources that may be another state are read before any state is overwritten. Branches of
  // which one hands on what is used elsewhere must not be written in place.
  for (const LoopState &state : kept)
    if (states.size() > 1 || !branchesOf(state.next->get()).empty())
      setApart(*state.next, state.current);
  for (const LoopState &state : kept) {
    Value next = state.next->get();
    OpBuilder builder(state.next->getOwner());
    auto copy = bufferization::MaterializeInDestinationOp::create(
        builder, next.getLoc(), next.getType(), next, state.current);
    state.next->set(copy.getResult());
  }
}

struct LoopStatePass : impl::PlaceLoopStateBase<LoopStatePass> {
  using PlaceLoopStateBase::PlaceLoopStateBase;

  void runOnOperation() override {
    StateShapes shapes(getOperation());
    getOperation()->walk([&](Operation *op) {
      if (auto loop = dyn_cast<scf::ForOp>(op))
        keepInPlace(statesOf(loop), shapes);
      else if (auto loop = dyn_cast<scf::WhileOp>(op))
        keepInPlace(statesOf(loop), shapes);
    });
  }
};

} // namespace
} // namespace optc::place
