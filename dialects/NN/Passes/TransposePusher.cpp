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

static SmallVector<int64_t> inverse(Permutation permutation) {
  SmallVector<int64_t> result(permutation.size());
  for (auto [i, dim] : llvm::enumerate(permutation))
    result[dim] = i;
  return result;
}

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
  SmallVector<int64_t> back = inverse(permutation);
  if (!broadcasts && !value.getDefiningOp<ConstantOp>() && !movesOnlyUnits(back, wide))
    return {};
  return buildTranspose(b, reshapeTo(b, value, wide), back);
}

/// A copy of `op` with other operands, changed before its result type is inferred.
Value TransposePusher::rebuild(Operation *op, ValueRange operands,
                               function_ref<void(Operation *)> change) {
  Operation *copy = op->clone();
  copy->setOperands(operands);
  auto type = cast<TensorType>(op->getResult(0).getType());
  copy->getResult(0).setType(UnrankedTensorType::get(type.getElementType()));
  if (change)
    change(copy);
  b.insert(copy);
  return b.finish(copy)[0];
}

/// v with v[p[i]] = vector[offset + i].
Value TransposePusher::permuteElements(Value vector, Permutation permutation, int64_t offset) {
  SmallVector<Value> parts;
  for (int64_t from : inverse(permutation))
    parts.push_back(b.slice(vector, 0, offset + from, offset + from + 1));
  return b.concat(parts, 0);
}

//===----------------------------------------------------------------------===//
// Ops with several data operands
//===----------------------------------------------------------------------===//

Value TransposePusher::pushElementwise(Operation *op) {
  Shape result = b.getShapes().getShape(op->getResult(0));
  TransposeOp leader;
  for (Value operand : op->getOperands())
    if (auto transpose = operand.getDefiningOp<TransposeOp>())
      if (transpose.getPermutation().size() == result.size() && !leader)
        leader = transpose;
  // The elements of a head that rotary embedding pairs lie in its last dimension.
  auto rope = dyn_cast<RopeOp>(op);
  if (!leader ||
      (rope && leader.getPermutation().back() + 1 != static_cast<int64_t>(result.size())))
    return {};
  if (rope && llvm::all_of(b.getShapes().getShape(rope.getCos()), isUnit))
    return {}; // would become a scalar
  SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    operands.push_back(undo(operand, leader.getPermutation(), result));
    if (!operands.back())
      return {};
  }
  return buildTranspose(b, rebuild(op, operands), leader.getPermutation());
}

Value TransposePusher::pushConcat(ConcatOp op) {
  TransposeOp leader;
  for (Value operand : op.getInputs())
    if (auto transpose = operand.getDefiningOp<TransposeOp>(); transpose && !leader)
      leader = transpose;
  if (!leader)
    return {};
  Permutation permutation = leader.getPermutation();
  SmallVector<Value> operands;
  for (Value operand : op.getInputs()) {
    auto transpose = operand.getDefiningOp<TransposeOp>();
    if (transpose && transpose.getPermutation() == permutation) {
      operands.push_back(transpose.getInput());
      continue;
    }
    Shape shape = b.getShapes().getShape(operand);
    if (!operand.getDefiningOp<ConstantOp>() && !movesOnlyUnits(inverse(permutation), shape))
      return {};
    operands.push_back(buildTranspose(b, operand, inverse(permutation)));
  }
  Value joined = rebuild(op, operands, [&](Operation *copy) {
    cast<ConcatOp>(copy).setAxis(permutation[op.getAxis()]);
  });
  return buildTranspose(b, joined, permutation);
}

//===----------------------------------------------------------------------===//
// Ops with one data operand
//===----------------------------------------------------------------------===//

static SmallVector<int64_t> mapAxes(ArrayRef<int64_t> axes, Permutation permutation) {
  return llvm::map_to_vector(axes, [&](int64_t axis) { return permutation[axis]; });
}

Value TransposePusher::pushAlongAxes(Operation *op, TransposeOp transpose) {
  Permutation permutation = transpose.getPermutation();
  auto sorted = [&](ArrayRef<int64_t> axes) {
    SmallVector<int64_t> mapped = mapAxes(axes, permutation);
    llvm::sort(mapped);
    return mapped;
  };
  SmallVector<Value> operands(op->getOperands());
  operands.front() = transpose.getInput();
  Value result = rebuild(op, operands, [&](Operation *copy) {
    TypeSwitch<Operation *>(copy)
        .Case<ReduceOp, NormalizeOp>([&](auto each) { each.setAxes(sorted(each.getAxes())); })
        .Case<SoftmaxOp, ArgReduceOp, CumulativeOp>(
            [&](auto each) { each.setAxis(permutation[each.getAxis()]); });
  });
  return buildTranspose(b, result, permutation);
}

Value TransposePusher::pushSlice(SliceOp op, TransposeOp transpose) {
  Permutation permutation = transpose.getPermutation();
  SmallVector<Value> operands(op->getOperands());
  operands.front() = transpose.getInput();
  Value result = rebuild(op, operands, [&](Operation *copy) {
    cast<SliceOp>(copy).setAxes(mapAxes(op.getAxes(), permutation));
  });
  return buildTranspose(b, result, permutation);
}

Value TransposePusher::pushPad(PadOp op, TransposeOp transpose) {
  Permutation permutation = transpose.getPermutation();
  Value pads = b.concat({permuteElements(op.getPads(), permutation),
                         permuteElements(op.getPads(), permutation, permutation.size())},
                        0);
  Value result = rebuild(op, {transpose.getInput(), pads, op.getValue()});
  return buildTranspose(b, result, permutation);
}

Value TransposePusher::pushExpand(ExpandOp op, TransposeOp transpose) {
  Permutation permutation = transpose.getPermutation();
  int64_t rank = permutation.size();
  if (b.rankOf(op.getResult()) != rank || b.typeOf(op.getShape()).getDimSize(0) != rank)
    return {};
  Value result = rebuild(op, {transpose.getInput(), permuteElements(op.getShape(), permutation)});
  return buildTranspose(b, result, permutation);
}

/// The dimensions of the indices take the place of the gathered one.
Value TransposePusher::pushGather(GatherOp op, TransposeOp transpose) {
  if (op.getInput() != transpose.getResult())
    return {};
  Permutation permutation = transpose.getPermutation();
  int64_t axis = op.getAxis(), inner = permutation[axis], count = b.rankOf(op.getIndices());
  Value result = rebuild(op, {transpose.getInput(), op.getIndices()},
                         [&](Operation *copy) { cast<GatherOp>(copy).setAxis(inner); });
  SmallVector<int64_t> moved;
  for (auto [i, dim] : llvm::enumerate(permutation)) {
    if (static_cast<int64_t>(i) != axis)
      moved.push_back(dim < inner ? dim : dim + count - 1);
    else
      for (int64_t k = 0; k < count; ++k)
        moved.push_back(inner + k);
  }
  return buildTranspose(b, result, moved);
}

//===----------------------------------------------------------------------===//
// Reshape
//===----------------------------------------------------------------------===//

namespace {
/// Dimensions of a reshape's input and of its result with equal products.
struct DimGroup {
  SmallVector<int64_t> from, to;
};
} // namespace

static std::optional<SmallVector<DimGroup>> groupDims(ArrayRef<DimExpr> from, ArrayRef<DimExpr> to,
                                                      SymbolicShapes &shapes) {
  SmallVector<DimGroup> groups;
  size_t i = 0, j = 0;
  while (i < from.size() || j < to.size()) {
    DimGroup group;
    DimExpr left = shapes.constant(1), right = left;
    auto takeLeft = [&] {
      left = shapes.mul(left, from[i]);
      group.from.push_back(i++);
    };
    auto takeRight = [&] {
      right = shapes.mul(right, to[j]);
      group.to.push_back(j++);
    };
    if (i < from.size() && isUnit(from[i]) && !(j < to.size() && isUnit(to[j]))) {
      takeLeft();
    } else if (j < to.size() && isUnit(to[j]) && !(i < from.size() && isUnit(from[i]))) {
      takeRight();
    } else {
      if (i == from.size() || j == to.size())
        return std::nullopt;
      takeLeft();
      takeRight();
      while (left != right) {
        auto a = getConstant(left), c = getConstant(right);
        bool growsLeft = a && c ? *a < *c : group.from.size() <= group.to.size();
        if (growsLeft ? i < from.size() : j == to.size() && i < from.size())
          takeLeft();
        else if (j < to.size())
          takeRight();
        else
          return std::nullopt;
      }
    }
    groups.push_back(group);
  }
  return groups;
}

/// reshape(transpose(x)) = transpose(reshape(x)), if every group of dimensions that the reshape
/// joins or splits is contiguous in x. Dimensions of size 1 are free.
Value TransposePusher::pushReshape(ReshapeOp op, TransposeOp transpose) {
  Permutation permutation = transpose.getPermutation();
  Shape inner = b.getShapes().getShape(transpose.getInput());
  Shape from = b.getShapes().getShape(op.getInput()), to = b.getShapes().getShape(op.getResult());
  auto groups = groupDims(from, to, b.getShapes());
  if (!groups)
    return {};
  // Dimensions of x that are not 1, numbered; a group must be a run of these numbers.
  SmallVector<int64_t> number(inner.size(), -1);
  for (int64_t i = 0, next = 0, e = inner.size(); i < e; ++i)
    if (!isUnit(inner[i]))
      number[i] = next++;
  std::multimap<int64_t, const DimGroup *> ordered;
  int64_t previous = -1;
  for (const DimGroup &group : *groups) {
    int64_t first = -1, last = -1;
    for (int64_t dim : group.from) {
      int64_t at = number[permutation[dim]];
      if (at < 0)
        continue;
      if (last >= 0 && at != last + 1)
        return {};
      first = first < 0 ? at : first;
      last = at;
    }
    // Dimensions of 1 stay behind what they follow: one may grow and join it again.
    previous = first < 0 ? previous : first;
    ordered.emplace(previous, &group);
  }
  Shape sizes;
  SmallVector<int64_t> moved(to.size());
  for (auto [_, group] : ordered)
    for (int64_t dim : group->to) {
      moved[dim] = sizes.size();
      sizes.push_back(to[dim]);
    }
  return buildTranspose(b, reshapeTo(b, transpose.getInput(), sizes), moved);
}

//===----------------------------------------------------------------------===//
// Dispatch
//===----------------------------------------------------------------------===//

Value TransposePusher::push(Operation *op) {
  if (isa<UnaryOp, BinaryOp, CompareOp, SelectOp, CastOp, RopeOp>(op))
    return pushElementwise(op);
  if (auto concat = dyn_cast<ConcatOp>(op))
    return pushConcat(concat);
  auto transpose = op->getNumOperands() ? op->getOperand(0).getDefiningOp<TransposeOp>() : nullptr;
  if (auto own = dyn_cast<TransposeOp>(op)) {
    bool isReduced = !transpose && !llvm::is_sorted(own.getPermutation()) &&
                     !movesOnlyUnits(own.getPermutation(), b.getShapes().getShape(own.getInput()));
    return isReduced ? Value() : buildTranspose(b, own.getInput(), own.getPermutation());
  }
  if (!transpose)
    return {};
  return TypeSwitch<Operation *, Value>(op)
      .Case<ReduceOp, NormalizeOp, SoftmaxOp, ArgReduceOp, CumulativeOp>(
          [&](auto each) { return pushAlongAxes(each, transpose); })
      .Case([&](SliceOp each) { return pushSlice(each, transpose); })
      .Case([&](PadOp each) { return pushPad(each, transpose); })
      .Case([&](ExpandOp each) { return pushExpand(each, transpose); })
      .Case([&](GatherOp each) { return pushGather(each, transpose); })
      .Case([&](ReshapeOp each) { return pushReshape(each, transpose); })
      .Default([](Operation *) { return Value(); });
}

void TransposePusher::visit(Operation *op) {
  if (op->getNumResults() != 1 || !isa<SymbolicShapeOpInterface>(op))
    return;
  b.setInsertionPoint(op);
  b.setLoc(op->getLoc());
  Value replacement = push(op);
  // A type may know more than inference does, where the model declared it.
  if (replacement && replacement.getType() == op->getResult(0).getType())
    op->getResult(0).replaceAllUsesWith(replacement);
}
