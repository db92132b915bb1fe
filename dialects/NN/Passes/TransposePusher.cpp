//===- TransposePusher.cpp - one op below a transpose --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See TransposePusher.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Passes/TransposePusher.h"
#include "dialects/NN/SizeValues.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace optc::nn;

static bool isUnit(DimExpr size) { return getConstant(size) == 1; }

/// Whether only dimensions of size 1 change places.
static bool movesOnlyUnits(Permutation permutation, ArrayRef<DimExpr> input) {
  int64_t last = -1;
  for (int64_t dim : permutation) {
    if (isUnit(input[dim]))
      continue;
    if (dim < last)
      return false;
    last = dim;
  }
  return true;
}

Value optc::nn::buildTranspose(NNBuilder &b, Value input, Permutation permutation) {
  SmallVector<int64_t> total(permutation);
  if (auto inner = input.getDefiningOp<TransposeOp>()) {
    for (int64_t &dim : total)
      dim = inner.getPermutation()[dim];
    input = inner.getInput();
  }
  if (llvm::is_sorted(total))
    return input;
  Shape shape = b.getShapes().getShape(input);
  if (!movesOnlyUnits(total, shape))
    return b.transpose(input, total);
  return reshapeTo(b, input, llvm::map_to_vector(total, [&](int64_t dim) { return shape[dim]; }));
}

/// w with transpose(w, permutation) == value, up to broadcasting to `result`; null if that would
/// cost as much as is gained.
Value TransposePusher::undo(Value value, Permutation permutation, ArrayRef<DimExpr> result) {
  Shape shape = b.getShapes().getShape(value);
  if (llvm::all_of(shape, isUnit))
    return shape.size() <= 1 ? value : reshapeTo(b, value, {});
  if (auto transpose = value.getDefiningOp<TransposeOp>())
    if (transpose.getPermutation() == permutation)
      return transpose.getInput();
  Shape wide(permutation.size() - shape.size(), b.getShapes().constant(1));
  wide.append(shape);
  bool broadcasts = false;
  for (auto [mine, all] : llvm::zip(wide, result))
    broadcasts |= isUnit(mine) && !isUnit(all);
  SmallVector<int64_t> back = invertPermutation(permutation);
  if (!broadcasts && !value.getDefiningOp<ConstantOp>() && !movesOnlyUnits(back, wide))
    return {};
  return buildTranspose(b, reshapeTo(b, value, wide), back);
}

/// The same of an operand that is not repeated.
Value TransposePusher::undoWhole(Value value, Permutation permutation) {
  auto transpose = value.getDefiningOp<TransposeOp>();
  if (transpose && transpose.getPermutation() == permutation)
    return transpose.getInput();
  SmallVector<int64_t> back = invertPermutation(permutation);
  if (!value.getDefiningOp<ConstantOp>() && !movesOnlyUnits(back, b.getShapes().getShape(value)))
    return {};
  return buildTranspose(b, value, back);
}

/// A transpose of a transpose is at most one.
Value TransposePusher::joinTransposes(TransposeOp op) {
  bool isReduced = !op.getInput().getDefiningOp<TransposeOp>() &&
                   !llvm::is_sorted(op.getPermutation()) &&
                   !movesOnlyUnits(op.getPermutation(), b.getShapes().getShape(op.getInput()));
  return isReduced ? Value() : buildTranspose(b, op.getInput(), op.getPermutation());
}

Value TransposePusher::push(TransposableOpInterface op) {
  Shape result = b.getShapes().getShape(op->getResult(0));
  bool repeats = op.repeatsOperands();
  OperandRange operands = op->getOperands().take_front(op.getNumTransposed());
  TransposeOp leader;
  for (Value operand : operands)
    if (auto transpose = operand.getDefiningOp<TransposeOp>(); transpose && !leader)
      if (!repeats || transpose.getPermutation().size() == result.size())
        leader = transpose;
  if (!leader)
    return {};
  SmallVector<int64_t> permutation(leader.getPermutation());
  SmallVector<Value> data;
  for (Value operand : operands) {
    data.push_back(repeats ? undo(operand, permutation, result) : undoWhole(operand, permutation));
    if (!data.back())
      return {};
  }
  Value built = op.buildOnTransposed(b, data, permutation);
  return built ? buildTranspose(b, built, permutation) : Value();
}

void TransposePusher::visit(Operation *op) {
  if (op->getNumResults() != 1 || !isa<SymbolicShapeOpInterface>(op))
    return;
  b.setInsertionPoint(op);
  b.setLoc(op->getLoc());
  Value replacement;
  if (auto transpose = dyn_cast<TransposeOp>(op))
    replacement = joinTransposes(transpose);
  else if (auto transposable = dyn_cast<TransposableOpInterface>(op))
    replacement = push(transposable);
  // A type may know more than inference does, where the model declared it.
  if (replacement && replacement.getType() == op->getResult(0).getType())
    op->getResult(0).replaceAllUsesWith(replacement);
}
