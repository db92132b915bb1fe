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
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;

namespace optc::place {
#define GEN_PASS_DEF_PLACELOOPSTATE
#include "lib/Place/Passes.h.inc"

namespace {

/// A tensor that goes from one iteration to the next: what the body yields, the argument
/// of the body that it becomes, and what the loop starts with.
struct State {
  OpOperand *next;
  Value current, init;
};

/// Whether two tensors of the same type have equal sizes, as far as can be told.
bool sameShape(Value a, Value b) {
  auto type = cast<RankedTensorType>(a.getType());
  if (b.getType() != type)
    return false;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (!type.isDynamicDim(dim))
      continue;
    FailureOr<bool> equal = ValueBoundsConstraintSet::areEqual({a, dim}, {b, dim});
    if (failed(equal) || !*equal)
      return false;
  }
  return true;
}

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

/// Whether the value surely is in a buffer of its own.
bool isFresh(Value value) {
  Operation *origin = destinationOf(value).getDefiningOp();
  return origin && isa<tensor::EmptyOp>(origin);
}

SmallVector<State> statesOf(scf::ForOp loop) {
  SmallVector<State> states;
  for (auto [next, current, init] :
       llvm::zip_equal(loop.getBody()->getTerminator()->getOpOperands(), loop.getRegionIterArgs(),
                       loop.getInitArgs()))
    states.push_back({&next, current, init});
  return states;
}

/// Of a while loop, where the condition forwards the state as it is.
SmallVector<State> statesOf(scf::WhileOp loop) {
  SmallVector<State> states;
  scf::ConditionOp condition = loop.getConditionOp();
  for (OpOperand &next : loop.getYieldOp()->getOpOperands()) {
    Value before = loop.getBeforeArguments()[next.getOperandNumber()];
    for (auto [forwarded, after] : llvm::zip_equal(condition.getArgs(), loop.getAfterArguments()))
      if (forwarded == before) {
        states.push_back({&next, after, loop.getInits()[next.getOperandNumber()]});
        break;
      }
  }
  return states;
}

void keepInPlace(ArrayRef<State> states) {
  SmallVector<State> kept;
  for (const State &state : states) {
    Value next = state.next->get();
    if (isa<RankedTensorType>(next.getType()) && destinationOf(next) != state.current &&
        // The second by induction: then every state has the shape of the first.
        (sameShape(next, state.current) || sameShape(next, state.init)))
      kept.push_back(state);
  }
  if (kept.empty())
    return;
  Operation *yield = kept.front().next->getOwner();
  OpBuilder builder(yield);
  // Sources that may be another state are read before any state is overwritten.
  bool alone = llvm::count_if(states, [](const State &state) {
                 return isa<RankedTensorType>(state.current.getType());
               }) == 1;
  for (const State &state : kept) {
    Value next = state.next->get();
    if (alone || isFresh(next))
      continue;
    auto type = cast<RankedTensorType>(next.getType());
    state.next->set(bufferization::AllocTensorOp::create(builder, next.getLoc(), type,
                                                         ValueRange{}, /*copy=*/next));
  }
  for (const State &state : kept) {
    Value next = state.next->get();
    auto copy = bufferization::MaterializeInDestinationOp::create(
        builder, next.getLoc(), next.getType(), next, state.current);
    state.next->set(copy.getResult());
  }
}

struct LoopStatePass : impl::PlaceLoopStateBase<LoopStatePass> {
  using PlaceLoopStateBase::PlaceLoopStateBase;

  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      if (auto loop = dyn_cast<scf::ForOp>(op))
        keepInPlace(statesOf(loop));
      else if (auto loop = dyn_cast<scf::WhileOp>(op))
        keepInPlace(statesOf(loop));
    });
  }
};

} // namespace
} // namespace optc::place
