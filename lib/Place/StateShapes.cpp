//===- StateShapes.cpp - which states of loops keep their shape -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See StateShapes.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Place/StateShapes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;

namespace optc::place {

static bool isTensor(Value value) { return isa<RankedTensorType>(value.getType()); }

SmallVector<LoopState> statesOf(scf::ForOp loop) {
  SmallVector<LoopState> states;
  for (auto [next, current, init] :
       llvm::zip_equal(loop.getBody()->getTerminator()->getOpOperands(), loop.getRegionIterArgs(),
                       loop.getInitArgs()))
    if (isTensor(current))
      states.push_back({&next, current, init});
  return states;
}

SmallVector<LoopState> statesOf(scf::WhileOp loop) {
  SmallVector<LoopState> states;
  scf::ConditionOp condition = loop.getConditionOp();
  for (OpOperand &next : loop.getYieldOp()->getOpOperands()) {
    Value before = loop.getBeforeArguments()[next.getOperandNumber()];
    auto forwarded = llvm::find(condition.getArgs(), before);
    if (isTensor(before) && forwarded != condition.getArgs().end())
      states.push_back({&next, loop.getAfterArguments()[forwarded.getIndex()],
                        loop.getInits()[next.getOperandNumber()]});
  }
  return states;
}

namespace {
/// That a state keeps its shape, and what else of its loop then has it.
struct Claim {
  LoopState state;
  SmallVector<Value> alsoSame;
};
} // namespace

static SmallVector<Claim> claimsOf(Operation *root) {
  SmallVector<Claim> claims;
  root->walk([&](Operation *op) {
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      for (const LoopState &state : statesOf(loop))
        claims.push_back({state, {loop.getResult(state.next->getOperandNumber())}});
    } else if (auto loop = dyn_cast<scf::WhileOp>(op)) {
      for (const LoopState &state : statesOf(loop))
        claims.push_back({state,
                          {loop.getBeforeArguments()[state.next->getOperandNumber()],
                           loop.getResult(cast<BlockArgument>(state.current).getArgNumber())}});
    }
  });
  return claims;
}

StateShapes::StateShapes(Operation *root) {
  SmallVector<Claim> claims = claimsOf(root);
  for (const Claim &claim : claims) {
    sameAs[claim.state.current] = claim.state.init;
    for (Value other : claim.alsoSame)
      sameAs[other] = claim.state.init;
  }
  auto wrong = claims.end();
  while ((wrong = llvm::find_if(claims, [&](const Claim &claim) { return !holds(claim.state); })) !=
         claims.end()) {
    sameAs.erase(wrong->state.current);
    for (Value other : wrong->alsoSame)
      sameAs.erase(other);
    claims.erase(wrong);
  }
}

bool StateShapes::holds(const LoopState &state) const {
  Value next = state.next->get();
  auto type = cast<RankedTensorType>(next.getType());
  if (type != state.init.getType() || type != state.current.getType())
    return false;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim) && !areEqual(sizeOf(next, dim), sizeOf(state.init, dim)))
      return false;
  return true;
}

namespace {
/// Looks no further once it has seen so many sizes: solving takes time exponential in how deep the
/// choices among them are nested.
class NearSizes : public ValueBoundsConstraintSet {
public:
  explicit NearSizes(MLIRContext *context)
      : ValueBoundsConstraintSet(context,
                                 [this](Value, std::optional<int64_t>, ValueBoundsConstraintSet &) {
                                   return ++seen > mostSeen;
                                 }) {}

private:
  static constexpr int mostSeen = 48;
  int seen = 0;
};
} // namespace

bool StateShapes::areEqual(Size a, Size b) const {
  if (a.value == b.value && a.number == b.number)
    return true;
  if (!a.value || !b.value)
    return false;
  auto variable = [](Size size) {
    return size.number < 0 ? ValueBoundsConstraintSet::Variable(size.value)
                           : ValueBoundsConstraintSet::Variable(size.value, size.number);
  };
  return NearSizes(a.value.getContext())
      .populateAndCompare(variable(a), ValueBoundsConstraintSet::EQ, variable(b));
}

StateShapes::Size StateShapes::sizeOf(OpFoldResult size) const {
  if (auto number = getConstantIntValue(size))
    return {Value(), *number};
  Value index = cast<Value>(size);
  if (auto dim = index.getDefiningOp<tensor::DimOp>())
    if (auto number = dim.getConstantIndex(); number && isTensor(dim.getSource()))
      return sizeOf(dim.getSource(), *number);
  return {index, -1};
}

/// Follows a tensor back to where its size is made.
StateShapes::Size StateShapes::sizeOf(Value tensor, int64_t dim) const {
  while (true) {
    auto type = cast<RankedTensorType>(tensor.getType());
    if (!type.isDynamicDim(dim))
      return {Value(), type.getDimSize(dim)};
    if (Value same = sameAs.lookup(tensor)) {
      tensor = same;
      continue;
    }
    Operation *op = tensor.getDefiningOp();
    if (auto made = dyn_cast_if_present<DestinationStyleOpInterface>(op)) {
      tensor = made.getTiedOpOperand(llvm::cast<OpResult>(tensor))->get();
    } else if (auto cast = dyn_cast_if_present<tensor::CastOp>(op);
               cast && isTensor(cast.getSource())) {
      tensor = cast.getSource();
    } else if (auto empty = dyn_cast_if_present<tensor::EmptyOp>(op)) {
      return sizeOf(empty.getMixedSizes()[dim]);
    } else if (auto branch = dyn_cast_if_present<scf::IfOp>(op)) {
      unsigned number = llvm::cast<OpResult>(tensor).getResultNumber();
      Size one = sizeOf(branch.thenYield().getOperand(number), dim);
      Size other = sizeOf(branch.elseYield().getOperand(number), dim);
      return areEqual(one, other) ? one : Size{tensor, dim};
    } else {
      return {tensor, dim};
    }
  }
}

} // namespace optc::place
