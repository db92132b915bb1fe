//===- Builder.cpp - building nn ops -------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Builder.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Builder.h"
#include "dialects/NN/ConstantFold.h"
#include "lib/IR/ErrorId.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

void NNBuilder::discard(Operation *op) {
  op->walk([&](Operation *inner) {
    for (Value result : inner->getResults())
      shapes.forget(result);
    for (Region &region : inner->getRegions())
      for (Value argument : region.getArguments())
        shapes.forget(argument);
  });
  op->erase();
}

void NNBuilder::discardRegion(Region &region) {
  for (Block &block : region)
    while (!block.empty())
      discard(&block.back());
  region.getBlocks().clear();
}

/// Sizes from here on may be multiplied: no machine has the memory for a value of more elements.
static bool isBeyondMemory(ArrayRef<int64_t> shape) {
  constexpr int64_t mostElements = int64_t(1) << 47;
  int64_t elements = 1;
  return !llvm::is_contained(shape, 0) && llvm::any_of(shape, [&](int64_t size) {
    return !ShapedType::isDynamic(size) &&
           (__builtin_mul_overflow(elements, size, &elements) || elements > mostElements);
  });
}

SmallVector<Value> NNBuilder::finish(Operation *op) {
  if (failed(shapes.infer(op)))
    throw InferenceFailed();
  for (Type type : op->getResultTypes())
    if (auto tensor = dyn_cast<RankedTensorType>(type);
        tensor && isBeyondMemory(tensor.getShape())) {
      withId(op->emitError(), E1054)
          << "it makes a value of " << tensor << ", which has more than 2^47 elements";
      throw InferenceFailed();
    }
  // Known contents make a constant, whatever computed them.
  if (op->getNumResults() == 1 && !isa<ConstantOp>(op)) {
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    if (auto values = shapes.getConstantContents(op->getResult(0))) {
      discard(op);
      return {constant(makeInts(type, *values))};
    }
  }
  SmallVector<Value> folded;
  if (succeeded(tryFold(op, folded)) && !folded.empty()) {
    discard(op);
    return folded;
  }
  return llvm::to_vector_of<Value>(op->getResults());
}

int64_t NNBuilder::axisOf(Value value, int64_t axis) {
  int64_t rank = rankOf(value);
  if (axis >= -rank && axis < rank)
    return axis < 0 ? axis + rank : axis;
  withId(emitError(loc), E2002) << "axis " << axis << " is out of range for rank " << rank;
  throw InferenceFailed();
}

Value NNBuilder::constant(ElementsAttr value) { return ConstantOp::create(*this, loc, value); }

Value NNBuilder::ints(ArrayRef<int64_t> values) {
  return constant(DenseIntElementsAttr::get(
      RankedTensorType::get({static_cast<int64_t>(values.size())}, getI64Type()), values));
}

Value NNBuilder::scalar(Type elementType, double value) {
  auto type = RankedTensorType::get({}, elementType);
  if (isa<FloatType>(elementType))
    return constant(makeFloats(type, value));
  return constant(makeInts(type, static_cast<int64_t>(value)));
}

Value NNBuilder::unary(UnaryKind kind, Value input) {
  return make<UnaryOp>(kind == UnaryKind::IsNan ? getI1Type() : elementOf(input), kind, input);
}

Value NNBuilder::binary(BinaryKind kind, Value lhs, Value rhs) {
  return make<BinaryOp>(elementOf(lhs), kind, lhs, rhs);
}

Value NNBuilder::compare(ComparePredicate predicate, Value lhs, Value rhs) {
  return make<CompareOp>(getI1Type(), predicate, lhs, rhs);
}

Value NNBuilder::select(Value condition, Value lhs, Value rhs) {
  return make<SelectOp>(elementOf(lhs), condition, lhs, rhs);
}

Value NNBuilder::convert(Value input, Type elementType) {
  return elementOf(input) == elementType ? input : make<CastOp>(elementType, input);
}

Value NNBuilder::shapeOf(Value input) { return make<ShapeOp>(getI64Type(), input); }

Value NNBuilder::sizeOf(Value input, int64_t dim) {
  if (dim >= rankOf(input)) {
    // A slice of the shape would be empty, and the fault show where nobody looks for it.
    emitError(loc) << "an operand has rank " << rankOf(input) << ", needed is at least " << dim + 1;
    throw InferenceFailed();
  }
  return slice(shapeOf(input), 0, dim, dim + 1);
}

Value NNBuilder::reshape(Value input, Value shape, bool allowZero) {
  return make<ReshapeOp>(elementOf(input), input, shape, allowZero ? getUnitAttr() : UnitAttr());
}

Value NNBuilder::reshape(Value input, ArrayRef<int64_t> shape) {
  return reshape(input, ints(shape));
}

Value NNBuilder::withSizes(Value input, ArrayRef<int64_t> sizes) {
  SmallVector<Value> parts;
  bool isKnown = true;
  for (auto [dim, size] : llvm::enumerate(sizes)) {
    bool isNew = typeOf(input).isDynamicDim(dim) && !ShapedType::isDynamic(size);
    isKnown &= !isNew;
    parts.push_back(isNew ? ints({size}) : sizeOf(input, dim));
  }
  return isKnown ? input : reshape(input, concat(parts, 0), /*allowZero=*/true);
}

Value NNBuilder::squeeze(Value input, ArrayRef<int64_t> dims) {
  SmallVector<Value> sizes;
  for (int64_t i = 0, e = rankOf(input); i < e; ++i)
    if (!llvm::is_contained(dims, i))
      sizes.push_back(sizeOf(input, i));
  return reshape(input, sizes.empty() ? ints({}) : concat(sizes, 0), /*allowZero=*/true);
}

Value NNBuilder::unsqueeze(Value input, ArrayRef<int64_t> dims) {
  SmallVector<Value> sizes;
  int64_t next = 0;
  for (int64_t i = 0, e = rankOf(input) + dims.size(); i < e; ++i)
    sizes.push_back(llvm::is_contained(dims, i) ? ints({1}) : sizeOf(input, next++));
  return reshape(input, sizes.empty() ? ints({}) : concat(sizes, 0), /*allowZero=*/true);
}

Value NNBuilder::transpose(Value input, ArrayRef<int64_t> permutation) {
  return make<TransposeOp>(elementOf(input), input, permutation);
}

Value NNBuilder::expand(Value input, Value shape) {
  return make<ExpandOp>(elementOf(input), input, shape);
}

Value NNBuilder::concat(ValueRange inputs, int64_t axis) {
  return make<ConcatOp>(elementOf(inputs.front()), inputs, axis);
}

Value NNBuilder::slice(Value input, int64_t axis, Value start, Value end) {
  return make<SliceOp>(elementOf(input), input, start, end, ints({1}), ArrayRef<int64_t>(axis));
}

Value NNBuilder::slice(Value input, int64_t axis, int64_t start, int64_t end) {
  Value first = ints({start}), result = slice(input, axis, first, ints({end}));
  bool isToEnd = end == std::numeric_limits<int64_t>::max();
  if (!typeOf(result).isDynamicDim(axis) || (start < 0) != (end < 0 || isToEnd))
    return result;
  SmallVector<int64_t> sizes(typeOf(result).getShape());
  sizes[axis] = isToEnd ? -start : end - start;
  Shape shape = shapes.getShape(result);
  shape[axis] = shapes.constant(sizes[axis]);
  result.setType(typeOf(result).clone(sizes));
  shapes.setShape(result, shape);
  return result;
}

Value NNBuilder::iota(Value count) {
  Value zero = scalar(getI64Type(), 0), one = scalar(getI64Type(), 1);
  return make<RangeOp>(getI64Type(), zero, reshape(count, ArrayRef<int64_t>()), one);
}

Value NNBuilder::reduce(ReduceKind kind, Value input, ArrayRef<int64_t> axes, bool keepDims) {
  SmallVector<int64_t> sorted(axes);
  llvm::sort(sorted);
  Value result = make<ReduceOp>(elementOf(input), kind, input, sorted);
  return keepDims ? result : squeeze(result, sorted);
}

Value NNBuilder::gather(Value input, Value indices, int64_t axis) {
  return make<GatherOp>(elementOf(input), input, indices, axis);
}

Value NNBuilder::gatherElements(Value input, Value indices, int64_t axis) {
  return make<GatherElementsOp>(elementOf(input), input, indices, axis);
}
