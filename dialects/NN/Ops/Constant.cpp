//===- Constant.cpp - constants of the nn dialect ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shape and contents of constants.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/NN.h"

using namespace mlir;
using namespace optc::nn;

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

LogicalResult ConstantOp::inferShapes(SymbolicShapes &shapes) {
  ShapedType type = getValue().getShapedType();
  Shape shape =
      llvm::map_to_vector<4>(type.getShape(), [&](int64_t size) { return shapes.constant(size); });
  shapes.setShape(getResult(), shape);
  auto dense = dyn_cast<DenseIntElementsAttr>(getValue());
  if (!dense || type.getRank() > 1 || dense.getNumElements() > maxContents)
    return success();
  Shape elements;
  bool isSigned = !type.getElementType().isUnsignedInteger() && !type.getElementType().isInteger(1);
  for (const APInt &value : dense.getValues<APInt>()) {
    if (!isSigned && value.getActiveBits() > 63)
      return success(); // more than an expression can say
    elements.push_back(shapes.constant(isSigned ? value.getSExtValue() : value.getZExtValue()));
  }
  shapes.setContents(getResult(), elements);
  return success();
}
