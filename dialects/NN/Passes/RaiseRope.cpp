//===- RaiseRope.cpp - rotary embedding written in primitive ops ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Matches x * cos + concat(-x[h:], x[:h]) * sin. The tables hold each angle twice, nn.rope
// wants it once: where they are made of concat(angles, angles), or are a constant whose halves
// are equal, what computes them is built again for one half.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Builder.h"
#include "dialects/NN/Passes/Matchers.h"
#include "dialects/NN/Passes/Passes.h"
#include "dialects/NN/SizeValues.h"
#include "lib/IR/Remarks.h"
#include "llvm/ADT/TypeSwitch.h"

namespace optc::nn {
#define GEN_PASS_DEF_NNRAISEROPE
#include "dialects/NN/NNPasses.h.inc"
} // namespace optc::nn

using namespace mlir;
using namespace optc::nn;

static int64_t lastSize(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getRank() == 0 ? 1 : type.getShape().back();
}

//===----------------------------------------------------------------------===//
// Half tables
//===----------------------------------------------------------------------===//

namespace {
/// Builds the first halves, along the last dimension, of values whose halves are equal.
class Halves {
public:
  explicit Halves(NNBuilder &b) : b(b) {}

  /// Null if the halves are not known to be equal.
  Value of(Value value) {
    auto [it, isNew] = known.try_emplace(value);
    if (!isNew)
      return it->second;
    Operation *op = value.getDefiningOp();
    if (!op || lastSize(value) <= 0 || lastSize(value) % 2)
      return {};
    Value half =
        TypeSwitch<Operation *, Value>(op)
            .Case<ConstantOp, ConcatOp, UnaryOp, CastOp, BinaryOp, ReshapeOp, GatherOp, SliceOp>(
                [&](auto each) { return halve(each); })
            .Default(Value());
    return known[value] = half;
  }

private:
  Value halve(ConstantOp op) {
    auto bytes = getConstantBytes(op.getValue());
    auto type = cast<RankedTensorType>(op.getType());
    if (!bytes)
      return {};
    size_t half = lastSize(op) / 2 * type.getElementTypeBitWidth() / 8;
    for (size_t row = 0; row < bytes->size(); row += 2 * half)
      if (bytes->slice(row, half) != bytes->slice(row + half, half))
        return {};
    b.setInsertionPointAfter(op);
    return b.slice(op, type.getRank() - 1, 0, lastSize(op) / 2);
  }
  Value halve(ConcatOp op) {
    bool isTwice = op.getInputs().size() == 2 && op.getInputs()[0] == op.getInputs()[1] &&
                   static_cast<int64_t>(op.getAxis()) + 1 == b.rankOf(op);
    return isTwice ? op.getInputs()[0] : Value();
  }
  Value halve(UnaryOp op) {
    Value input = of(op.getInput());
    return input ? at(op, [&] { return b.unary(op.getKind(), input); }) : Value();
  }
  Value halve(CastOp op) {
    Value input = of(op.getInput());
    return input ? at(op, [&] { return b.convert(input, b.elementOf(op)); }) : Value();
  }
  /// Operands of last size 1 are the same for both halves.
  Value halve(BinaryOp op) {
    auto part = [&](Value operand) { return lastSize(operand) == 1 ? operand : of(operand); };
    Value lhs = part(op.getLhs()), rhs = part(op.getRhs());
    return lhs && rhs ? at(op, [&] { return b.binary(op.getKind(), lhs, rhs); }) : Value();
  }
  Value halve(ReshapeOp op) {
    if (lastSize(op.getInput()) != lastSize(op))
      return {};
    Value input = of(op.getInput());
    if (!input)
      return {};
    Shape shape = b.getShapes().getShape(op.getResult());
    shape.back() = b.getShapes().constant(lastSize(op) / 2);
    return at(op, [&] { return reshapeTo(b, input, shape); });
  }
  Value halve(GatherOp op) {
    if (static_cast<int64_t>(op.getAxis()) + 1 == b.rankOf(op.getInput()) ||
        lastSize(op.getInput()) != lastSize(op))
      return {};
    Value input = of(op.getInput());
    return input ? at(op, [&] { return b.gather(input, op.getIndices(), op.getAxis()); }) : Value();
  }
  Value halve(SliceOp op) {
    if (llvm::is_contained(op.getAxes(), b.rankOf(op) - 1))
      return {};
    Value input = of(op.getInput());
    return input ? at(op,
                      [&] {
                        return b.make<SliceOp>(b.elementOf(op), input, op.getStarts(), op.getEnds(),
                                               op.getSteps(), op.getAxes());
                      })
                 : Value();
  }

  Value at(Operation *op, function_ref<Value()> build) {
    b.setInsertionPointAfter(op);
    b.setLoc(op->getLoc());
    return build();
  }

  NNBuilder &b;
  llvm::DenseMap<Value, Value> known;
};

class RopeRaiser {
public:
  explicit RopeRaiser(NNBuilder &b) : b(b), halves(b) {}

  void raise(BinaryOp op);
  void raisePart(ConcatOp op);

private:
  bool isTurned(Value value, Value x);

  NNBuilder &b;
  Halves halves;
};
} // namespace

//===----------------------------------------------------------------------===//
// The pattern
//===----------------------------------------------------------------------===//

/// Whether value is input[.., first : end].
static bool isSlice(Value value, Value input, int64_t first, int64_t end, SymbolicShapes &shapes) {
  auto slice = value.getDefiningOp<SliceOp>();
  int64_t last = cast<RankedTensorType>(input.getType()).getRank() - 1, size = lastSize(input);
  if (!slice || slice.getInput() != input || slice.getAxes() != ArrayRef(last))
    return false;
  auto starts = shapes.getConstantContents(slice.getStarts()),
       ends = shapes.getConstantContents(slice.getEnds()),
       steps = shapes.getConstantContents(slice.getSteps());
  if (!starts || !ends || !steps || (*steps)[0] != 1)
    return false;
  auto clamped = [&](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + size : at, 0, size); };
  return clamped((*starts)[0]) == first && clamped((*ends)[0]) == end;
}

/// Whether value is concat(-x[h:], x[:h]).
bool RopeRaiser::isTurned(Value value, Value x) {
  auto concat = value.getDefiningOp<ConcatOp>();
  int64_t size = lastSize(x);
  if (!concat || concat.getInputs().size() != 2 || size <= 0 || size % 2 ||
      static_cast<int64_t>(concat.getAxis()) + 1 != b.rankOf(value))
    return false;
  auto negated = concat.getInputs()[0].getDefiningOp<UnaryOp>();
  return negated && negated.getKind() == UnaryKind::Neg &&
         isSlice(negated.getInput(), x, size / 2, size, b.getShapes()) &&
         isSlice(concat.getInputs()[1], x, 0, size / 2, b.getShapes());
}

void RopeRaiser::raise(BinaryOp op) {
  auto first = matchBinary(op.getLhs(), BinaryKind::Mul),
       second = matchBinary(op.getRhs(), BinaryKind::Mul);
  if (op.getKind() != BinaryKind::Add || !first || !second)
    return;
  for (auto [straight, turned] : {std::pair(first, second), std::pair(second, first)})
    for (int i : {0, 1})
      for (int j : {0, 1}) {
        Value x = straight->getOperand(i), cos = straight->getOperand(1 - i);
        Value sin = turned->getOperand(1 - j);
        if (!isTurned(turned->getOperand(j), x) || x.getType() != op.getType() ||
            b.rankOf(cos) > b.rankOf(x) || b.rankOf(cos) != b.rankOf(sin))
          continue;
        Value halfCos = halves.of(cos), halfSin = halves.of(sin);
        if (!halfCos || !halfSin || halfCos.getType() != halfSin.getType())
          continue;
        b.setInsertionPoint(op);
        b.setLoc(op.getLoc());
        Value rope = b.make<RopeOp>(b.elementOf(x), x, halfCos, halfSin, UnitAttr());
        op.getResult().replaceAllUsesWith(rope);
        optc::remarkMade("nn-raise-rope", "rotary embedding", rope.getDefiningOp());
        return;
      }
}

/// concat(rope(x[:r]), x[r:]) is one op.
void RopeRaiser::raisePart(ConcatOp op) {
  auto rope = op.getInputs()[0].getDefiningOp<RopeOp>();
  auto slice = rope ? rope.getInput().getDefiningOp<SliceOp>() : SliceOp();
  if (!slice || op.getInputs().size() != 2 ||
      static_cast<int64_t>(op.getAxis()) + 1 != b.rankOf(op))
    return;
  Value x = slice.getInput();
  int64_t turned = lastSize(rope), size = lastSize(x);
  if (!isSlice(slice, x, 0, turned, b.getShapes()) || turned != 2 * lastSize(rope.getCos()) ||
      !isSlice(op.getInputs()[1], x, turned, size, b.getShapes()))
    return;
  b.setInsertionPoint(op);
  b.setLoc(rope.getLoc());
  op.getResult().replaceAllUsesWith(
      b.make<RopeOp>(b.elementOf(x), x, rope.getCos(), rope.getSin(), rope.getInterleavedAttr()));
}

namespace {
struct RaiseRope : optc::nn::impl::NNRaiseRopeBase<RaiseRope> {
  void runOnOperation() override {
    auto rewrite = [&](NNBuilder &b) {
      SmallVector<BinaryOp> sums;
      getOperation().walk([&](BinaryOp op) { sums.push_back(op); });
      RopeRaiser raiser(b);
      for (BinaryOp op : sums)
        raiser.raise(op);
      SmallVector<ConcatOp> concats;
      getOperation().walk([&](ConcatOp op) { concats.push_back(op); });
      for (ConcatOp op : concats)
        raiser.raisePart(op);
    };
    if (failed(rewriteFunction(getOperation(), rewrite)))
      signalPassFailure();
  }
};
} // namespace
