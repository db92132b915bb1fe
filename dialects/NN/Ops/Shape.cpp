//===- Shape.cpp - shapes and data movement ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shape rules, contents and folds of Shape.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/ConstantFold.h"
#include "dialects/NN/SliceSizes.h"
#include "dialects/NN/Weights.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace optc::nn;

LogicalResult ShapeOp::inferShapes(SymbolicShapes &shapes) {
  const Shape &input = shapes.getShape(getInput());
  Shape elements(input);
  shapes.setShape(getResult(), {shapes.constant(elements.size())}); // nn.shape_of.R1
  shapes.setContents(getResult(), elements);
  return success();
}

//===----------------------------------------------------------------------===//
// Reshape
//===----------------------------------------------------------------------===//

LogicalResult ReshapeOp::inferShapes(SymbolicShapes &shapes) {
  Shape input = shapes.getShape(getInput());
  std::optional<Shape> wanted = shapes.getContents(getShape());
  if (!wanted)
    return emitOpError("[nn.reshape.R1] the shape operand has ")
           << getShape().getType() << ", its length must be static and at most " << maxContents;
  Shape result;
  int64_t remainder = -1;
  bool isExact = true;
  for (auto [i, dim] : llvm::enumerate(*wanted)) {
    std::optional<int64_t> value = getConstant(dim);
    if (value && *value == -1) {
      if (remainder >= 0)
        return emitOpError("[nn.reshape.R1] two sizes are -1");
      remainder = i;
      dim = shapes.constant(1);
    } else if (value && *value == 0 && !getAllowZero()) {
      if (i >= input.size())
        return emitOpError("[nn.reshape.R1] size ")
               << i << " is 0 (copy), but the input has rank " << input.size();
      dim = input[i];
    } else if (value && *value < -1) {
      return emitOpError("[nn.reshape.R1] size ") << i << " is " << *value;
    } else if (!value && !shapes.isNonNegative(dim) && !isa<AffineBinaryOpExpr>(dim)) {
      isExact = false; // may be -1 or 0 when the model runs
      dim = shapes.unknownDim(getResult(), i);
    }
    result.push_back(dim);
  }
  DimExpr count = shapes.product(input), known = shapes.product(result);
  auto countValue = getConstant(count), knownValue = getConstant(known);
  // Of sizes that are not all known: 1 element is no tensor of ? x 3.
  int64_t divisor = std::max<int64_t>(1, known.getLargestKnownDivisor());
  if (countValue && !knownValue && *countValue % divisor != 0)
    return emitOpError("[nn.reshape.R2] ")
           << *countValue << " elements can not be divided into parts of " << divisor;
  if (remainder >= 0) {
    if (knownValue == 0 || (countValue && knownValue && *countValue % *knownValue != 0))
      return emitOpError("[nn.reshape.R2] ")
             << (countValue ? Twine(*countValue) : Twine("some"))
             << " elements can not be divided into parts of " << *knownValue;
    result[remainder] =
        isExact ? shapes.floorDiv(count, known) : shapes.unknownDim(getResult(), remainder);
  } else if (countValue && knownValue && *countValue != *knownValue) {
    return emitOpError("[nn.reshape.R2] the input has ")
           << *countValue << " elements, the shape asks for " << *knownValue;
  }
  shapes.setShape(getResult(), result);
  if (result.size() <= 1 && shapes.hasDerivedContents(getInput()))
    if (auto elements = shapes.getContents(getInput()))
      shapes.setContents(getResult(), *elements);
  return success();
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  auto type = dyn_cast<RankedTensorType>(getType());
  if (!type || !type.hasStaticShape())
    return {};
  if (getInput().getType() == type)
    return getInput();
  auto value = dyn_cast_or_null<ElementsAttr>(adaptor.getInput());
  return value ? reshapeConstant(value, type) : ElementsAttr();
}

namespace {
/// reshape(reshape(x)) -> reshape(x), unless the outer copies a size of the inner.
struct MergeReshapes : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<ReshapeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "its input is no reshape");
    DenseIntElementsAttr shape;
    if (!matchPattern(op.getShape(), m_Constant(&shape)))
      return rewriter.notifyMatchFailure(op, "its shape is not constant");
    for (const APInt &size : shape.getValues<APInt>())
      if (size.isZero())
        return rewriter.notifyMatchFailure(op, "it copies a size of its input");
    rewriter.modifyOpInPlace(op, [&] { op.getInputMutable().assign(inner.getInput()); });
    return success();
  }
};
} // namespace

void ReshapeOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<MergeReshapes>(context);
}

//===----------------------------------------------------------------------===//
// Transpose
//===----------------------------------------------------------------------===//

LogicalResult TransposeOp::inferShapes(SymbolicShapes &shapes) {
  const Shape &input = shapes.getShape(getInput());
  SmallVector<bool> seen(input.size(), false);
  Shape result;
  for (int64_t dim : getPermutation()) {
    if (dim < 0 || dim >= static_cast<int64_t>(input.size()) || seen[dim])
      return emitOpError("[nn.transpose.R1] [")
             << getPermutation() << "] is no permutation of " << input.size() << " dimensions";
    seen[dim] = true;
    result.push_back(input[dim]);
  }
  if (result.size() != input.size())
    return emitOpError("[nn.transpose.R1] [")
           << getPermutation() << "] is no permutation of " << input.size() << " dimensions";
  shapes.setShape(getResult(), result);
  return success();
}

OpFoldResult TransposeOp::fold(FoldAdaptor adaptor) {
  ArrayRef<int64_t> permutation = getPermutation();
  auto type = dyn_cast<RankedTensorType>(getType());
  if (!type)
    return {};
  if (getInput().getType() == type && llvm::is_sorted(permutation))
    return getInput();
  auto constant = dyn_cast_or_null<ElementsAttr>(adaptor.getInput());
  if (!constant)
    return {};
  ArrayRef<int64_t> shape = constant.getShapedType().getShape();
  return foldMove(constant, type, [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> source(shape.size());
    for (auto [i, dim] : llvm::enumerate(permutation))
      source[dim] = index[i];
    int64_t position = 0;
    for (auto [at, size] : llvm::zip(source, shape))
      position = position * size + at;
    return position;
  });
}

namespace {
/// transpose(transpose(x)) -> transpose(x)
struct MergeTransposes : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<TransposeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "its input is no transpose");
    SmallVector<int64_t> permutation;
    for (int64_t dim : op.getPermutation())
      permutation.push_back(inner.getPermutation()[dim]);
    if (llvm::is_sorted(permutation) && inner.getInput().getType() == op.getType())
      rewriter.replaceOp(op, inner.getInput());
    else
      rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getType(), inner.getInput(), permutation);
    return success();
  }
};
} // namespace

void TransposeOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<MergeTransposes>(context);
}

//===----------------------------------------------------------------------===//
// Expand, concat
//===----------------------------------------------------------------------===//

LogicalResult ExpandOp::inferShapes(SymbolicShapes &shapes) {
  std::optional<Shape> wanted = shapes.getContents(getShape());
  if (!wanted)
    return emitOpError("[nn.expand.R1] the shape operand has ")
           << getShape().getType() << ", its length must be static and at most " << maxContents;
  std::optional<Shape> result = shapes.broadcast(shapes.getShape(getInput()), *wanted);
  if (!result)
    return emitOpError("[nn.expand.R2] the input's shape ")
           << getInput().getType() << " does not broadcast to the wanted one";
  for (DimExpr size : *result)
    if (auto value = getConstant(size); value && *value < -1)
      return emitOpError("[nn.expand.R2] a size of ") << *value << " is asked for";
  shapes.setShape(getResult(), *result);
  auto count = result->size() <= 1 ? getConstant(shapes.product(*result)) : std::nullopt;
  if (count && *count >= 0 && *count <= maxContents && shapes.hasDerivedContents(getInput()))
    if (auto elements = shapes.getContents(getInput()); elements && elements->size() == 1)
      shapes.setContents(getResult(), Shape(*count, elements->front()));
  return success();
}

OpFoldResult ExpandOp::fold(FoldAdaptor adaptor) {
  auto type = dyn_cast<RankedTensorType>(getType());
  if (type && type.hasStaticShape() && getInput().getType() == type)
    return getInput();
  return {};
}

LogicalResult ConcatOp::inferShapes(SymbolicShapes &shapes) {
  if (getInputs().empty())
    return emitOpError("[nn.concat.R1] has no inputs");
  Shape result = shapes.getShape(getInputs().front());
  int64_t axis = getAxis();
  if (axis < 0 || axis >= static_cast<int64_t>(result.size()))
    return emitOpError("[nn.concat.R1] axis ") << axis << " of inputs of rank " << result.size();
  SmallVector<DimExpr> sizes = {result[axis]};
  for (Value input : getInputs().drop_front()) {
    Shape next = shapes.getShape(input);
    if (next.size() != result.size())
      return emitOpError("[nn.concat.R1] inputs have ranks ")
             << result.size() << " and " << next.size();
    for (int64_t i = 0, e = result.size(); i < e; ++i) {
      if (i == axis) {
        sizes.push_back(next[i]);
        continue;
      }
      auto left = getConstant(result[i]), right = getConstant(next[i]);
      if (left && right && *left != *right)
        return emitOpError("[nn.concat.R2] size ")
               << i << " differs between inputs: " << *left << " and " << *right;
      shapes.requireEqual(result[i], next[i]);
      result[i] = left ? result[i] : right ? next[i] : result[i];
    }
  }
  result[axis] = shapes.sum(sizes);
  shapes.setShape(getResult(), result);
  Shape elements;
  bool isDerived = false;
  for (Value input : getInputs()) {
    isDerived |= shapes.hasDerivedContents(input);
    auto part = result.size() == 1 ? shapes.getContents(input) : std::nullopt;
    if (!part)
      return success();
    elements.append(*part);
  }
  if (isDerived)
    shapes.setContents(getResult(), elements);
  return success();
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  if (getInputs().size() == 1 && getInputs().front().getType() == getType())
    return getInputs().front();
  return {};
}

//===----------------------------------------------------------------------===//
// Slice
//===----------------------------------------------------------------------===//

LogicalResult SliceOp::inferShapes(SymbolicShapes &shapes) {
  Shape input = shapes.getShape(getInput());
  auto starts = shapes.getContents(getStarts()), ends = shapes.getContents(getEnds()),
       steps = shapes.getContents(getSteps());
  size_t count = getAxes().size();
  if (!starts || !ends || !steps || starts->size() != count || ends->size() != count ||
      steps->size() != count)
    return emitOpError("[nn.slice.R1] starts, ends and steps need ") << count << " elements each";
  Shape result(input);
  for (auto [i, axis] : llvm::enumerate(getAxes())) {
    if (axis < 0 || axis >= static_cast<int64_t>(input.size()) || llvm::count(getAxes(), axis) != 1)
      return emitOpError("[nn.slice.R2] axis ") << axis << " of an input of rank " << input.size();
    if ((*steps)[i] == shapes.constant(0))
      return emitOpError("[nn.slice.R2] the step of axis ") << axis << " is zero";
    DimExpr size = inferSliceSize(input[axis], (*starts)[i], (*ends)[i], (*steps)[i], shapes);
    result[axis] = size ? size : shapes.unknownDim(getResult(), axis);
  }
  shapes.setShape(getResult(), result);
  // Elements of a 1-D slice with constant bounds.
  auto first = shapes.getConstantContents(getStarts()),
       step = shapes.getConstantContents(getSteps());
  auto length = input.size() == 1 ? getConstant(result[0]) : std::nullopt;
  auto elements =
      shapes.hasDerivedContents(getInput()) ? shapes.getContents(getInput()) : std::nullopt;
  if (!first || !step || !length || !elements || count != 1)
    return success();
  int64_t size = elements->size();
  int64_t at = (*first)[0] < 0 ? (*first)[0] + size : (*first)[0];
  at = std::min(std::max(at, int64_t(0)), (*step)[0] > 0 ? size : size - 1);
  Shape picked;
  for (int64_t i = 0; i < *length; ++i)
    picked.push_back((*elements)[at + i * (*step)[0]]);
  shapes.setContents(getResult(), picked);
  return success();
}

OpFoldResult SliceOp::fold(FoldAdaptor adaptor) {
  auto type = dyn_cast<RankedTensorType>(getType());
  auto starts = readInts(adaptor.getStarts()), steps = readInts(adaptor.getSteps());
  if (!type || !type.hasStaticShape() || !steps)
    return {};
  bool forward = llvm::all_of(*steps, [](int64_t step) { return step == 1; });
  if (forward && getInput().getType() == type)
    return getInput();
  auto constant = dyn_cast_or_null<ElementsAttr>(adaptor.getInput());
  if (!constant || !starts)
    return {};
  ArrayRef<int64_t> shape = constant.getShapedType().getShape();
  return foldMove(constant, type, [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> source(index);
    for (auto [axis, start, step] : llvm::zip(getAxes(), *starts, *steps)) {
      int64_t size = shape[axis], first = start < 0 ? start + size : start;
      first = std::max<int64_t>(0, std::min(first, step > 0 ? size : size - 1));
      source[axis] = first + index[axis] * step;
    }
    int64_t position = 0;
    for (auto [at, size] : llvm::zip(source, shape))
      position = position * size + at;
    return position;
  });
}

//===----------------------------------------------------------------------===//
// Pad, range
//===----------------------------------------------------------------------===//

LogicalResult PadOp::inferShapes(SymbolicShapes &shapes) {
  Shape result = shapes.getShape(getInput());
  std::optional<Shape> pads = shapes.getContents(getPads());
  size_t rank = result.size();
  if (!pads || pads->size() != 2 * rank)
    return emitOpError("[nn.pad.R1] pads needs ")
           << 2 * rank << " elements, has " << getPads().getType();
  if (!shapes.getShape(getValue()).empty() ||
      cast<TensorType>(getValue().getType()).getElementType() !=
          cast<TensorType>(getInput().getType()).getElementType())
    return emitOpError("[nn.pad.R2] the value has type ") << getValue().getType();
  for (size_t i = 0; i < rank; ++i) {
    result[i] = shapes.add(shapes.add(result[i], (*pads)[i]), (*pads)[rank + i]);
    if (auto size = getConstant(result[i]); size && *size < 0)
      return emitOpError("[nn.pad.R1] dimension ") << i << " gets the size " << *size;
  }
  shapes.setShape(getResult(), result);
  return success();
}

/// How many of first, first + step, ... are before last; the most a size can be where there are
/// more.
static int64_t countSteps(int64_t first, int64_t last, int64_t step) {
  if (step > 0 ? first >= last : first <= last)
    return 0;
  // Distances of 64-bit integers fit without a sign.
  uint64_t distance =
      step > 0 ? uint64_t(last) - uint64_t(first) : uint64_t(first) - uint64_t(last);
  uint64_t magnitude = step > 0 ? uint64_t(step) : -uint64_t(step);
  constexpr uint64_t most = std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>(std::min((distance - 1) / magnitude, most - 1) + 1);
}

LogicalResult RangeOp::inferShapes(SymbolicShapes &shapes) {
  for (Value operand : getOperands())
    if (!shapes.getShape(operand).empty() ||
        cast<TensorType>(operand.getType()).getElementType() !=
            cast<TensorType>(getStart().getType()).getElementType())
      return emitOpError("[nn.range.R1] operands must be scalars of one type, one has ")
             << operand.getType();
  auto start = shapes.getContents(getStart()), limit = shapes.getContents(getLimit()),
       delta = shapes.getContents(getDelta());
  auto step = delta ? getConstant((*delta)[0]) : std::nullopt;
  if (step && *step == 0)
    return emitOpError("[nn.range.R1] delta is zero");
  DimExpr size;
  if (start && limit && step) {
    auto first = getConstant((*start)[0]), last = getConstant((*limit)[0]);
    DimExpr length = shapes.sub((*limit)[0], (*start)[0]);
    if (first && last)
      size = shapes.constant(countSteps(*first, *last, *step));
    else if (*step == 1 && shapes.isNonNegative(length))
      size = length;
  }
  size = size ? size : shapes.unknownDim(getResult(), 0);
  shapes.setShape(getResult(), {size});
  auto first = start ? getConstant((*start)[0]) : std::nullopt;
  if (auto count = getConstant(size); count && first && step && *count <= maxContents) {
    Shape elements;
    for (int64_t i = 0; i < *count; ++i)
      elements.push_back(shapes.constant(*first + i * *step));
    shapes.setContents(getResult(), elements);
  }
  return success();
}
