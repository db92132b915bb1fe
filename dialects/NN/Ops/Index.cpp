//===- Index.cpp - reading and writing at indices ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shape rules, contents and folds of Index.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Builder.h"
#include "dialects/NN/ConstantFold.h"

using namespace mlir;
using namespace optc::nn;

static Type elementType(Value value) { return cast<TensorType>(value.getType()).getElementType(); }

/// Whether two sizes are constants that differ.
static bool surelyDiffer(DimExpr a, DimExpr b) {
  auto left = getConstant(a), right = getConstant(b);
  return left && right && *left != *right;
}

//===----------------------------------------------------------------------===//
// Gathers
//===----------------------------------------------------------------------===//

/// Elements of a small vector at known indices.
static void gatherContents(GatherOp op, SymbolicShapes &shapes) {
  auto indices = shapes.getConstantContents(op.getIndices());
  if (!indices || shapes.getShape(op.getInput()).size() != 1 ||
      shapes.getShape(op.getIndices()).size() > 1 || !shapes.hasDerivedContents(op.getInput()))
    return;
  auto elements = shapes.getContents(op.getInput());
  if (!elements)
    return;
  Shape picked;
  int64_t size = elements->size();
  for (int64_t index : *indices) {
    index = index < 0 ? index + size : index;
    if (index < 0 || index >= size)
      return; // an error when the model runs
    picked.push_back((*elements)[index]);
  }
  shapes.setContents(op.getResult(), picked);
}

LogicalResult GatherOp::inferShapes(SymbolicShapes &shapes) {
  Shape input = shapes.getShape(getInput()), indices = shapes.getShape(getIndices());
  int64_t axis = getAxis();
  if (axis < 0 || axis >= static_cast<int64_t>(input.size()))
    return emitOpError("[nn.gather.R1] axis ") << axis << " of an input of rank " << input.size();
  Shape result(ArrayRef<DimExpr>(input).take_front(axis));
  result.append(indices);
  result.append(input.begin() + axis + 1, input.end());
  shapes.setShape(getResult(), result);
  gatherContents(*this, shapes);
  return success();
}

OpFoldResult GatherOp::fold(FoldAdaptor adaptor) {
  auto type = dyn_cast<RankedTensorType>(getType());
  auto input = dyn_cast_or_null<ElementsAttr>(adaptor.getInput());
  auto indices = readInts(adaptor.getIndices());
  if (!type || !input || !indices)
    return {};
  ArrayRef<int64_t> shape = input.getShapedType().getShape();
  int64_t axis = getAxis(), size = shape[axis];
  for (int64_t &index : *indices) {
    index = index < 0 ? index + size : index;
    if (index < 0 || index >= size)
      return {}; // an error when the model runs
  }
  ArrayRef<int64_t> indexShape = cast<RankedTensorType>(getIndices().getType()).getShape();
  return foldMove(input, type, [&](ArrayRef<int64_t> at) {
    int64_t which = 0, position = 0;
    for (auto [i, extent] : llvm::enumerate(indexShape))
      which = which * extent + at[axis + i];
    for (int64_t i = 0, e = shape.size(); i < e; ++i) {
      int64_t here = i < axis    ? at[i]
                     : i == axis ? (*indices)[which]
                                 : at[i - 1 + indexShape.size()];
      position = position * shape[i] + here;
    }
    return position;
  });
}

LogicalResult GatherElementsOp::inferShapes(SymbolicShapes &shapes) {
  Shape input = shapes.getShape(getInput()), indices = shapes.getShape(getIndices());
  int64_t rank = input.size(), axis = getAxis();
  if (indices.size() != input.size() || axis < 0 || axis >= rank)
    return emitOpError("[nn.gather_elements.R1] axis ")
           << axis << ", an input of rank " << rank << ", indices of rank " << indices.size();
  for (int64_t i = 0; i < rank; ++i) {
    auto have = getConstant(input[i]), want = getConstant(indices[i]);
    if (i != axis && have && want && *want > *have)
      return emitOpError("[nn.gather_elements.R2] size ")
             << i << " of the indices is " << *want << ", the input has " << *have;
  }
  shapes.setShape(getResult(), indices);
  return success();
}

LogicalResult GatherNDOp::inferShapes(SymbolicShapes &shapes) {
  Shape input = shapes.getShape(getInput()), indices = shapes.getShape(getIndices());
  int64_t batch = getBatchDims(), rank = input.size();
  auto length = indices.empty() ? std::nullopt : getConstant(indices.back());
  if (!length || batch < 0 || batch >= static_cast<int64_t>(indices.size()) ||
      batch + *length > rank)
    return emitOpError("[nn.gather_nd.R1] indices of type ")
           << getIndices().getType() << " with " << batch << " batch dimensions, an input of rank "
           << rank;
  for (int64_t i = 0; i < batch; ++i)
    if (surelyDiffer(input[i], indices[i]))
      return emitOpError("[nn.gather_nd.R2] batch size ")
             << i << " differs between " << getInput().getType() << " and "
             << getIndices().getType();
  Shape result(ArrayRef<DimExpr>(indices).drop_back());
  result.append(input.begin() + batch + *length, input.end());
  shapes.setShape(getResult(), result);
  return success();
}

//===----------------------------------------------------------------------===//
// Scatters
//===----------------------------------------------------------------------===//

LogicalResult ScatterElementsOp::inferShapes(SymbolicShapes &shapes) {
  Shape input = shapes.getShape(getInput()), indices = shapes.getShape(getIndices()),
        updates = shapes.getShape(getUpdates());
  int64_t rank = input.size(), axis = getAxis();
  if (indices.size() != input.size() || updates.size() != input.size() || axis < 0 || axis >= rank)
    return emitOpError("[nn.scatter_elements.R1] axis ")
           << axis << ", ranks " << rank << ", " << indices.size() << ", " << updates.size();
  for (int64_t i = 0; i < rank; ++i)
    if (surelyDiffer(indices[i], updates[i]))
      return emitOpError("[nn.scatter_elements.R2] indices have ")
             << getIndices().getType() << ", updates " << getUpdates().getType();
  if (elementType(getInput()) != elementType(getUpdates()) ||
      elementType(getInput()) != elementType(getResult()))
    return emitOpError("[nn.scatter_elements.R3] element types differ: ")
           << elementType(getInput()) << ", " << elementType(getUpdates());
  shapes.setShape(getResult(), input);
  return success();
}

LogicalResult ScatterNDOp::inferShapes(SymbolicShapes &shapes) {
  Shape input = shapes.getShape(getInput()), indices = shapes.getShape(getIndices()),
        updates = shapes.getShape(getUpdates());
  auto length = indices.empty() ? std::nullopt : getConstant(indices.back());
  if (!length || *length > static_cast<int64_t>(input.size()))
    return emitOpError("[nn.scatter_nd.R1] indices of type ")
           << getIndices().getType() << ", an input of rank " << input.size();
  Shape wanted(ArrayRef<DimExpr>(indices).drop_back());
  wanted.append(input.begin() + *length, input.end());
  bool agree = wanted.size() == updates.size();
  for (size_t i = 0; agree && i < wanted.size(); ++i)
    agree = !surelyDiffer(wanted[i], updates[i]);
  if (!agree)
    return emitOpError("[nn.scatter_nd.R2] updates have ")
           << getUpdates().getType() << ", needed are "
           << RankedTensorType::get(getTypeShape(wanted), elementType(getInput()));
  if (elementType(getInput()) != elementType(getUpdates()) ||
      elementType(getInput()) != elementType(getResult()))
    return emitOpError("[nn.scatter_nd.R3] element types differ: ")
           << elementType(getInput()) << ", " << elementType(getUpdates());
  shapes.setShape(getResult(), input);
  return success();
}

//===----------------------------------------------------------------------===//
// Non-zero elements
//===----------------------------------------------------------------------===//

LogicalResult NonZeroOp::inferShapes(SymbolicShapes &shapes) {
  int64_t rank = shapes.getShape(getInput()).size();
  shapes.setShape(getResult(),
                  {shapes.constant(rank), shapes.unknownDim(getResult(), 1)}); // nn.nonzero.R1
  return success();
}

Value GatherOp::buildOnTransposed(NNBuilder &b, ValueRange data,
                                  SmallVectorImpl<int64_t> &permutation) {
  int64_t axis = getAxis(), inner = permutation[axis], count = NNBuilder::rankOf(getIndices());
  Value result =
      rebuildOn(*this, b, data, [&](Operation *copy) { cast<GatherOp>(copy).setAxis(inner); });
  // The dimensions of the indices take the place of the gathered one.
  SmallVector<int64_t> moved;
  for (auto [i, dim] : llvm::enumerate(permutation)) {
    if (static_cast<int64_t>(i) != axis)
      moved.push_back(dim < inner ? dim : dim + count - 1);
    else
      for (int64_t k = 0; k < count; ++k)
        moved.push_back(inner + k);
  }
  permutation = moved;
  return result;
}
