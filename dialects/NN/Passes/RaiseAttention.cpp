//===- RaiseAttention.cpp - attention written in primitive ops --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Matches matmul(softmax(scores), value), where scores is, from the outside to the inside, an
// optional mask, an optional soft cap, an optional scale and matmul(query, transposed key).
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Passes/Matchers.h"
#include "dialects/NN/Passes/Passes.h"
#include "dialects/NN/Passes/TransposePusher.h"
#include "dialects/NN/SizeValues.h"
#include "lib/IR/Remarks.h"

namespace optc::nn {
#define GEN_PASS_DEF_NNRAISEATTENTION
#include "dialects/NN/NNPasses.h.inc"
} // namespace optc::nn

using namespace mlir;
using namespace optc::nn;

namespace {
/// What was found on the way from the softmax to the product of queries and keys.
struct Scores {
  Value query, transposedKey;
  double scale = 1;
  std::optional<double> softcap;
  Value mask;              ///< null: none
  double fill = -INFINITY; ///< masks of i1: the score of an excluded key
  bool isInverted = false; ///< masks of i1: true excludes
};

class AttentionRaiser {
public:
  AttentionRaiser(NNBuilder &b) : b(b) {}
  void raise(MatmulOp op);

private:
  bool matchScores(Value value, Scores &scores);
  bool matchMask(Value value, Scores &scores);
  bool matchProduct(Value value, Scores &scores);
  bool fitsMask(const Scores &scores, Value product);
  /// [B, N, T, D] where `value` repeats each of N heads H / N times, else `value`.
  Value withoutRepetition(Value value);
  /// With rank 3, one head is inserted.
  Value withHeads(Value value);
  Value build(const Scores &scores, Value value, bool isGuarded);
  bool canBuild(Value query, Value key, Value value);

  NNBuilder &b;
};
} // namespace

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

/// x where value = x * factor; multiplies `scale` by the factor.
static Value matchScaled(Value value, double &scale) {
  if (auto quotient = matchBinary(value, BinaryKind::Div))
    if (auto divisor = splatOf(quotient.getRhs())) {
      scale /= *divisor;
      return quotient.getLhs();
    }
  if (auto product = matchBinary(value, BinaryKind::Mul))
    for (auto [x, factor] : {std::pair(product.getLhs(), product.getRhs()),
                             std::pair(product.getRhs(), product.getLhs())})
      if (auto constant = splatOf(factor)) {
        scale *= *constant;
        return x;
      }
  return {};
}

/// x where value = c * tanh(x / c).
static Value matchSoftcap(Value value, std::optional<double> &softcap) {
  double outer = 1, inner = 1;
  Value bent = matchScaled(value, outer);
  auto tanh = bent ? bent.getDefiningOp<UnaryOp>() : UnaryOp();
  if (!tanh || tanh.getKind() != UnaryKind::Tanh)
    return {};
  Value x = matchScaled(tanh.getInput(), inner);
  if (!x || !(outer > 0) || std::abs(outer * inner - 1) > 1e-6)
    return {};
  softcap = outer;
  return x;
}

/// The cap and all scales: those of the product, and those of its operands.
bool AttentionRaiser::matchProduct(Value value, Scores &scores) {
  if (Value capped = matchSoftcap(value, scores.softcap))
    value = capped;
  for (Value inner = value; inner; inner = matchScaled(value, scores.scale)) {
    value = inner;
    if (!value.hasOneUse()) // it has to be stored anyway
      return false;
  }
  auto product = value.getDefiningOp<MatmulOp>();
  if (!product)
    return false;
  scores.query = product.getLhs();
  scores.transposedKey = product.getRhs();
  for (Value *operand : {&scores.query, &scores.transposedKey})
    while (Value inner = matchScaled(*operand, scores.scale))
      *operand = inner;
  return !scores.mask || fitsMask(scores, value);
}

/// Whether the mask broadcasts to the scores, but not along the keys.
bool AttentionRaiser::fitsMask(const Scores &scores, Value product) {
  Shape mask = b.getShapes().getShape(scores.mask), all = b.getShapes().getShape(product);
  if (mask.size() > all.size() || mask.size() < 2)
    return false;
  for (auto [size, wanted] : llvm::zip(mask, ArrayRef(all).take_back(mask.size()))) {
    auto have = getConstant(size), want = getConstant(wanted);
    if (have != 1 && ((want == 1 && size != wanted) || (have && want && *have != *want)))
      return false;
  }
  return getConstant(mask.back()) != 1 || getConstant(all.back()) == 1;
}

bool AttentionRaiser::matchMask(Value value, Scores &scores) {
  if (auto sum = matchBinary(value, BinaryKind::Add))
    for (auto [inner, mask] :
         {std::pair(sum.getLhs(), sum.getRhs()), std::pair(sum.getRhs(), sum.getLhs())}) {
      Scores found;
      found.mask = mask;
      if (matchProduct(inner, found)) {
        scores = found;
        return true;
      }
    }
  auto select = value.getDefiningOp<SelectOp>();
  if (!select)
    return false;
  for (bool isInverted : {false, true}) {
    Value inner = isInverted ? select.getRhs() : select.getLhs();
    auto fill = splatOf(isInverted ? select.getLhs() : select.getRhs());
    Scores found;
    found.mask = select.getCondition();
    found.isInverted = isInverted;
    if (!fill || !matchProduct(inner, found))
      continue;
    scores = found;
    scores.fill = *fill;
    return true;
  }
  return false;
}

bool AttentionRaiser::matchScores(Value value, Scores &scores) {
  if (!value.hasOneUse())
    return false;
  return matchProduct(value, scores) || matchMask(value, scores = Scores());
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

/// reshape(expand(reshape(x))): [B, N, T, D], [B, N, 1, T, D], [B, N, R, T, D], [B, N * R, T, D].
Value AttentionRaiser::withoutRepetition(Value value) {
  SymbolicShapes &shapes = b.getShapes();
  auto reshape = value.getDefiningOp<ReshapeOp>();
  auto expand = reshape ? reshape.getInput().getDefiningOp<ExpandOp>() : ExpandOp();
  if (!expand)
    return value;
  Shape narrow = shapes.getShape(expand.getInput()), wide = shapes.getShape(expand.getResult()),
        merged = shapes.getShape(value);
  if (narrow.size() != 5 || wide.size() != 5 || merged.size() != 4 || getConstant(narrow[2]) != 1 ||
      !getConstant(narrow[1]) || !getConstant(wide[2]))
    return value;
  Shape kept = {narrow[0], narrow[1], narrow[3], narrow[4]};
  Shape expected = {wide[0], shapes.mul(wide[1], wide[2]), wide[3], wide[4]};
  for (int64_t dim : {0, 1, 3, 4})
    if (narrow[dim] != wide[dim])
      return value;
  return merged == expected ? reshapeTo(b, expand.getInput(), kept) : value;
}

Value AttentionRaiser::withHeads(Value value) {
  return b.rankOf(value) == 3 ? b.unsqueeze(value, {1}) : value;
}

/// The rules of nn.attention, which must hold before it is built.
bool AttentionRaiser::canBuild(Value query, Value key, Value value) {
  SymbolicShapes &shapes = b.getShapes();
  Shape q = shapes.getShape(query), k = shapes.getShape(key), v = shapes.getShape(value);
  if (q.size() != 4 || k.size() != 4 || v.size() != 4)
    return false;
  auto heads = getConstant(q[1]), groups = getConstant(k[1]);
  bool divides = heads && groups && *groups > 0 && *heads % *groups == 0;
  auto agree = [](DimExpr x, DimExpr y) {
    auto a = getConstant(x), c = getConstant(y);
    return x == y || (!a && !c) || (a && c && *a == *c);
  };
  // Sizes of 1 would broadcast where the other is not.
  return (divides || q[1] == k[1]) && agree(q[0], k[0]) && agree(k[0], v[0]) && agree(k[1], v[1]);
}

Value AttentionRaiser::build(const Scores &scores, Value value, bool isGuarded) {
  int64_t rank = b.rankOf(scores.query);
  SmallVector<int64_t> swapped = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  std::swap(swapped[rank - 1], swapped[rank - 2]);
  Value key = withoutRepetition(buildTranspose(b, scores.transposedKey, swapped));
  Value query = withHeads(scores.query), repeated = value;
  key = withHeads(key);
  value = withHeads(withoutRepetition(value));
  if (b.getShapes().getShape(key)[1] != b.getShapes().getShape(value)[1])
    value = withHeads(repeated); // keys that are not repeated the same way
  if (!canBuild(query, key, value))
    return {};
  Value mask = scores.mask;
  if (mask && scores.isInverted)
    mask = b.unary(UnaryKind::Not, mask);
  if (mask && rank == 3)
    mask = withHeads(mask);
  auto attr = [&](double number) { return b.getF64FloatAttr(number); };
  Value result = b.make<AttentionOp>(
      b.elementOf(query), query, key, value, mask, Value(), Value(), attr(scores.scale),
      scores.softcap ? attr(*scores.softcap) : FloatAttr(), attr(scores.fill), IntegerAttr(),
      IntegerAttr(), isGuarded ? b.getUnitAttr() : UnitAttr(), TypeAttr());
  return rank == 3 ? b.squeeze(result, {1}) : result;
}

/// p where value is p, or p with 0 for NaN.
static Value withoutGuard(Value value, bool &isGuarded) {
  auto select = value.getDefiningOp<SelectOp>();
  auto test = select ? select.getCondition().getDefiningOp<UnaryOp>() : UnaryOp();
  isGuarded = test && test.getKind() == UnaryKind::IsNan && splatOf(select.getLhs()) == 0.0 &&
              test.getInput() == select.getRhs();
  return isGuarded ? select.getRhs() : value;
}

void AttentionRaiser::raise(MatmulOp op) {
  bool isGuarded = false;
  auto softmax = withoutGuard(op.getLhs(), isGuarded).getDefiningOp<SoftmaxOp>();
  int64_t rank = b.rankOf(op.getLhs());
  if (!softmax || softmax.getLog() || softmax.getAxis() != static_cast<uint64_t>(rank - 1))
    return;
  // Weights that are wanted otherwise have to be stored anyway.
  size_t users = std::distance(softmax->user_begin(), softmax->user_end());
  if (users != (isGuarded ? 2 : 1) || !op.getLhs().hasOneUse())
    return;
  Scores scores;
  if (!matchScores(softmax.getInput(), scores))
    return;
  bool sameRank = b.rankOf(scores.query) == rank && b.rankOf(scores.transposedKey) == rank &&
                  b.rankOf(op.getRhs()) == rank;
  if (!sameRank || (rank != 3 && rank != 4))
    return;
  b.setInsertionPoint(op);
  b.setLoc(op.getLoc());
  Value result = build(scores, op.getRhs(), isGuarded);
  if (!result || result.getType() != op.getType())
    return;
  op.getResult().replaceAllUsesWith(result);
  optc::remarkMade("nn-raise-attention", "attention", result.getDefiningOp());
}

namespace {
struct RaiseAttention : optc::nn::impl::NNRaiseAttentionBase<RaiseAttention> {
  void runOnOperation() override {
    auto raise = [](MatmulOp op, NNBuilder &b) { AttentionRaiser(b).raise(op); };
    if (failed(rewriteEach<MatmulOp>(getOperation(), raise)))
      signalPassFailure();
  }
};
} // namespace
