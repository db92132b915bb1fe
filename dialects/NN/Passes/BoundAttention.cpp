//===- BoundAttention.cpp - causal bounds taken out of masks ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exports compute the causal mask as a comparison of two ranges, keys <= queries, and join it
// with what else excludes keys.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Builder.h"
#include "dialects/NN/Passes/Matchers.h"
#include "dialects/NN/Passes/Passes.h"
#include "lib/IR/Remarks.h"

namespace optc::nn {
#define GEN_PASS_DEF_NNBOUNDATTENTION
#include "dialects/NN/NNPasses.h.inc"
} // namespace optc::nn

using namespace mlir;
using namespace optc::nn;

/// Scores vanish beside such a number: added to them it leaves only itself.
static constexpr double hides = -1e30;

namespace {
/// Integers start, start + 1, ... along one dimension; `fromEnd` is 0 for the last.
struct Places {
  Value start; // a scalar
  int64_t fromEnd;
};

/// Masks exclude where they are false.
struct CausalMask {
  CompareOp comparison;
  Value keys, queries; ///< what is compared
  Value offset;        ///< place of the first query, a scalar
  SmallVector<Value> rest;
};

class AttentionBounder {
public:
  explicit AttentionBounder(NNBuilder &b) : b(b) {}

  void chooseInsteadOfAdding(AttentionOp op);
  void takeBound(AttentionOp op);

private:
  std::optional<Places> matchPlaces(Value value);
  bool matchCausal(Value mask, CausalMask &found);
  bool keepsOwnPlace(const CausalMask &causal);
  Value joinRest(const CausalMask &causal, PadOp pad);

  NNBuilder &b;
};
} // namespace

//===----------------------------------------------------------------------===//
// Added masks
//===----------------------------------------------------------------------===//

/// s + (c ? 0 : lowest) is c ? s : lowest.
void AttentionBounder::chooseInsteadOfAdding(AttentionOp op) {
  auto select = op.getMask() ? op.getMask().getDefiningOp<SelectOp>() : SelectOp();
  if (!select)
    return;
  auto kept = splatOf(select.getLhs()), excluded = splatOf(select.getRhs());
  Shape mask = b.getShapes().getShape(op.getMask());
  if (kept != 0.0 || !excluded || !(*excluded <= hides) ||
      b.getShapes().getShape(select.getCondition()) != mask)
    return;
  op.getMaskMutable().assign(select.getCondition());
  op.setFill(llvm::APFloat(*excluded));
}

//===----------------------------------------------------------------------===//
// Causal masks
//===----------------------------------------------------------------------===//

/// A range of step 1, with dimensions of size 1 around it, moved by scalars.
std::optional<Places> AttentionBounder::matchPlaces(Value value) {
  SymbolicShapes &shapes = b.getShapes();
  if (auto range = value.getDefiningOp<RangeOp>()) {
    auto step = shapes.getConstantContents(range.getDelta());
    if (step && step->front() == 1)
      return Places{range.getStart(), 0};
    return std::nullopt;
  }
  auto reshape = value.getDefiningOp<ReshapeOp>();
  auto inner = reshape ? matchPlaces(reshape.getInput()) : std::nullopt;
  if (!inner)
    return std::nullopt;
  Shape from = shapes.getShape(reshape.getInput()), to = shapes.getShape(value);
  DimExpr size = from[from.size() - 1 - inner->fromEnd];
  std::optional<Places> found;
  for (auto [i, dim] : llvm::enumerate(llvm::reverse(to))) {
    if (getConstant(dim) == 1)
      continue;
    if (dim != size || found)
      return std::nullopt;
    found = Places{inner->start, static_cast<int64_t>(i)};
  }
  return found;
}

/// Whether the mask is a conjunction in which keys <= queries occurs.
bool AttentionBounder::matchCausal(Value mask, CausalMask &found) {
  if (auto both = matchBinary(mask, BinaryKind::And)) {
    bool isLeft = matchCausal(both.getLhs(), found);
    bool isRight = matchCausal(both.getRhs(), found);
    return isLeft || isRight;
  }
  auto compare = mask.getDefiningOp<CompareOp>();
  bool isLess = compare && compare.getPredicate() == ComparePredicate::Le;
  bool isGreater = compare && compare.getPredicate() == ComparePredicate::Ge;
  if (!found.comparison && (isLess || isGreater)) {
    Value keys = isLess ? compare.getLhs() : compare.getRhs();
    Value queries = isLess ? compare.getRhs() : compare.getLhs();
    auto first = matchPlaces(keys), second = matchPlaces(queries);
    auto start = first ? b.getShapes().getConstantContents(first->start) : std::nullopt;
    if (first && second && first->fromEnd == 0 && second->fromEnd == 1 && start &&
        start->front() == 0 && b.elementOf(second->start).isInteger(64)) {
      found.comparison = compare;
      found.keys = keys;
      found.queries = queries;
      found.offset = second->start;
      return true;
    }
  }
  found.rest.push_back(mask);
  return false;
}

/// Whether the rest of the mask never excludes the key at the place of the query itself.
bool AttentionBounder::keepsOwnPlace(const CausalMask &causal) {
  return llvm::all_of(causal.rest, [&](Value mask) {
    auto either = matchBinary(mask, BinaryKind::Or);
    if (!either)
      return false;
    for (Value part : {either.getLhs(), either.getRhs()}) {
      auto compare = part.getDefiningOp<CompareOp>();
      if (compare && compare.getPredicate() == ComparePredicate::Eq &&
          ((compare.getLhs() == causal.keys && compare.getRhs() == causal.queries) ||
           (compare.getLhs() == causal.queries && compare.getRhs() == causal.keys)))
        return true;
    }
    return false;
  });
}

/// The mask without its causal part, padded as it was; null if it can not be.
Value AttentionBounder::joinRest(const CausalMask &causal, PadOp pad) {
  Value mask = causal.rest.front();
  for (Value part : ArrayRef(causal.rest).drop_front())
    mask = b.binary(BinaryKind::And, mask, part);
  if (!pad)
    return b.rankOf(mask) < 2 ? b.unsqueeze(mask, {0}) : mask;
  if (b.getShapes().getShape(mask).back() != b.getShapes().getShape(pad.getInput()).back() ||
      b.rankOf(mask) != b.rankOf(pad.getInput()))
    return {};
  return b.make<PadOp>(b.elementOf(mask), pad.getMode(), mask, pad.getPads(), pad.getValue());
}

/// Padding behind the keys excludes what it adds.
static bool isPaddedKeys(PadOp pad, SymbolicShapes &shapes) {
  auto pads = shapes.getContents(pad.getPads());
  return pad.getMode() == PadMode::Constant && splatOf(pad.getValue()) == 0.0 && pads &&
         llvm::all_of(ArrayRef(*pads).drop_back(),
                      [](DimExpr amount) { return getConstant(amount) == 0; });
}

void AttentionBounder::takeBound(AttentionOp op) {
  Value mask = op.getMask();
  // Without a bound an offset does not count.
  if (!mask || !b.elementOf(mask).isInteger(1) || op.getAfter() || op.getBefore())
    return;
  auto pad = mask.getDefiningOp<PadOp>();
  if (pad && !isPaddedKeys(pad, b.getShapes()))
    return;
  CausalMask causal;
  if (!matchCausal(pad ? pad.getInput() : mask, causal) || (pad && causal.rest.empty()))
    return;
  // A row without keys would see all of them with the fill, and none behind the bound.
  if (!op.getFill().isInfinity() && !keepsOwnPlace(causal))
    return;
  b.setInsertionPoint(op);
  b.setLoc(op.getLoc());
  Value rest = causal.rest.empty() ? Value() : joinRest(causal, pad);
  if (!causal.rest.empty() && (!rest || getConstant(b.getShapes().getShape(rest).back()) == 1))
    return;
  if (rest)
    op.getMaskMutable().assign(rest);
  else
    op.getMaskMutable().clear();
  op.getOffsetMutable().assign(b.reshape(causal.offset, {1}));
  op.setAfter(0);
  optc::remarkMade("nn-bound-attention", "causal bound", op);
}

namespace {
struct BoundAttention : optc::nn::impl::NNBoundAttentionBase<BoundAttention> {
  void runOnOperation() override {
    auto rewrite = [&](NNBuilder &b) {
      AttentionBounder bounder(b);
      getOperation().walk([&](AttentionOp op) {
        bounder.chooseInsteadOfAdding(op);
        bounder.takeBound(op);
      });
    };
    if (failed(rewriteFunction(getOperation(), rewrite)))
      signalPassFailure();
  }
};
} // namespace
