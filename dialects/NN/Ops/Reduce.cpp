//===- Reduce.cpp - reductions, prefix sums and sorting ------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shape rules, contents and folds of Reduce.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/ConstantFold.h"

using namespace mlir;
using namespace optc::nn;

static Type elementType(Value value) { return cast<TensorType>(value.getType()).getElementType(); }

static bool isExtremum(ReduceKind kind) {
  return kind == ReduceKind::Max || kind == ReduceKind::Min;
}

/// The shape with the size of one dimension replaced, or an error with the rule's id.
static LogicalResult replaceDim(Operation *op, StringRef rule, Value input, Value result,
                                int64_t axis, DimExpr size, SymbolicShapes &shapes) {
  Shape shape = shapes.getShape(input);
  if (axis < 0 || axis >= static_cast<int64_t>(shape.size()))
    return op->emitOpError("[") << rule << "] axis " << axis << " of an input of rank "
                                << shape.size();
  if (size)
    shape[axis] = size;
  shapes.setShape(result, shape);
  return success();
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

/// The combination of the elements of a small integer tensor, or null.
static DimExpr combineContents(ReduceKind kind, ArrayRef<DimExpr> elements,
                               SymbolicShapes &shapes) {
  if (kind == ReduceKind::Prod)
    return shapes.product(elements);
  if (kind == ReduceKind::Sum) {
    DimExpr sum = shapes.constant(0);
    for (DimExpr element : elements)
      sum = shapes.add(sum, element);
    return sum;
  }
  std::optional<int64_t> best;
  for (DimExpr element : elements) {
    std::optional<int64_t> value = getConstant(element);
    if (!value)
      return elements.size() == 1 ? element : DimExpr();
    best = !best                     ? *value
           : kind == ReduceKind::Max ? std::max(*best, *value)
                                     : std::min(*best, *value);
  }
  return best ? shapes.constant(*best) : DimExpr();
}

LogicalResult ReduceOp::inferShapes(SymbolicShapes &shapes) {
  Shape shape = shapes.getShape(getInput());
  int64_t previous = -1;
  for (int64_t axis : getAxes()) {
    if (axis <= previous || axis >= static_cast<int64_t>(shape.size()))
      return emitOpError("[nn.reduce.R1] axes [")
             << getAxes() << "] of an input of rank " << shape.size();
    shape[axis] = shapes.constant(1);
    previous = axis;
  }
  if (elementType(getInput()) != elementType(getResult()))
    return emitOpError("[nn.reduce.R2] reduces ")
           << elementType(getInput()) << " to " << elementType(getResult());
  shapes.setShape(getResult(), shape);
  // The least and largest of 32-bit numbers do not wrap around.
  Type element = elementType(getInput());
  bool isExact =
      element.isSignlessInteger(64) || (element.isSignlessInteger(32) && isExtremum(getKind()));
  if (shape.size() == 1 && getAxes().size() == 1 && isExact &&
      shapes.hasDerivedContents(getInput()))
    if (auto elements = shapes.getContents(getInput()))
      if (DimExpr combined = combineContents(getKind(), *elements, shapes))
        shapes.setContents(getResult(), combined);
  return success();
}

/// Over no dimension, or over dimensions of size 1, nothing is combined.
OpFoldResult ReduceOp::fold(FoldAdaptor) {
  auto type = dyn_cast<RankedTensorType>(getInput().getType());
  if (!type || getType() != type)
    return {};
  bool isCopy = llvm::all_of(getAxes(), [&](int64_t axis) { return type.getDimSize(axis) == 1; });
  return isCopy ? getInput() : OpFoldResult();
}

LogicalResult ReduceMaskedOp::inferShapes(SymbolicShapes &shapes) {
  Shape shape = shapes.getShape(getInput());
  Shape mask = shapes.getShape(getMask());
  if (mask.size() != 1 || getConstant(mask[0]) != static_cast<int64_t>(shape.size()))
    return emitOpError("[nn.reduce_masked.R1] the mask has ")
           << getMask().getType() << " for an input of rank " << shape.size();
  if (elementType(getInput()) != elementType(getResult()))
    return emitOpError("[nn.reduce_masked.R2] reduces ")
           << elementType(getInput()) << " to " << elementType(getResult());
  auto known = shapes.getConstantContents(getMask());
  for (auto [i, dim] : llvm::enumerate(shape))
    if (getConstant(dim) != 1 && !(known && !(*known)[i]))
      dim = known ? shapes.constant(1) : shapes.unknownDim(getResult(), i);
  shapes.setShape(getResult(), shape);
  return success();
}

LogicalResult ArgReduceOp::inferShapes(SymbolicShapes &shapes) {
  if (!isExtremum(getKind()))
    return emitOpError("[nn.arg_reduce.R2] the kind is ") << stringifyReduceKind(getKind());
  return replaceDim(*this, "nn.arg_reduce.R1", getInput(), getResult(), getAxis(),
                    shapes.constant(1), shapes);
}

//===----------------------------------------------------------------------===//
// Prefix sums, sorting
//===----------------------------------------------------------------------===//

LogicalResult CumulativeOp::inferShapes(SymbolicShapes &shapes) {
  if (isExtremum(getKind()))
    return emitOpError("[nn.cumulative.R2] the kind is ") << stringifyReduceKind(getKind());
  if (elementType(getInput()) != elementType(getResult()))
    return emitOpError("[nn.cumulative.R3] makes ")
           << elementType(getResult()) << " of " << elementType(getInput());
  return replaceDim(*this, "nn.cumulative.R1", getInput(), getResult(), getAxis(), {}, shapes);
}

LogicalResult ArgSortOp::inferShapes(SymbolicShapes &shapes) {
  Shape shape = shapes.getShape(getInput());
  auto k = shapes.getContents(getK());
  if (shape.empty())
    return emitOpError("[nn.argsort.R1] a scalar can not be sorted");
  if (!k || k->size() != 1)
    return emitOpError("[nn.argsort.R2] k has ") << getK().getType() << ", it needs one element";
  auto wanted = getConstant((*k)[0]), size = getConstant(shape.back());
  if (wanted && (*wanted < 0 || (size && *wanted > *size)))
    return emitOpError("[nn.argsort.R2] k is ")
           << *wanted << ", a row has " << (size ? Twine(*size) : Twine("some")) << " elements";
  shape.back() = (*k)[0];
  shapes.setShape(getResult(), shape);
  return success();
}

Value ReduceOp::buildOnTransposed(NNBuilder &b, ValueRange data,
                                  SmallVectorImpl<int64_t> &permutation) {
  SmallVector<int64_t> axes = mapAxes(getAxes(), permutation);
  llvm::sort(axes);
  return rebuildOn(*this, b, data, [&](Operation *copy) { cast<ReduceOp>(copy).setAxes(axes); });
}

Value ArgReduceOp::buildOnTransposed(NNBuilder &b, ValueRange data,
                                     SmallVectorImpl<int64_t> &permutation) {
  int64_t axis = permutation[getAxis()];
  return rebuildOn(*this, b, data, [&](Operation *copy) { cast<ArgReduceOp>(copy).setAxis(axis); });
}

Value CumulativeOp::buildOnTransposed(NNBuilder &b, ValueRange data,
                                      SmallVectorImpl<int64_t> &permutation) {
  int64_t axis = permutation[getAxis()];
  return rebuildOn(*this, b, data,
                   [&](Operation *copy) { cast<CumulativeOp>(copy).setAxis(axis); });
}
