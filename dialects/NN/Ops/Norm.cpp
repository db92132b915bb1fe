//===- Norm.cpp - softmax and normalizations -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shape rules of Norm.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Builder.h"

using namespace mlir;
using namespace optc::nn;

// [quote softmax]
LogicalResult SoftmaxOp::inferShapes(SymbolicShapes &shapes) {
  Shape shape = shapes.getShape(getInput());
  int64_t axis = getAxis();
  if (axis < 0 || axis >= static_cast<int64_t>(shape.size()))
    return emitOpError("[nn.softmax.R1] axis ") << axis << " of an input of rank " << shape.size();
  shapes.setShape(getResult(), shape);
  return success();
}
// [end quote]

LogicalResult NormalizeOp::inferShapes(SymbolicShapes &shapes) {
  Shape shape = shapes.getShape(getInput());
  int64_t previous = -1;
  for (int64_t axis : getAxes()) {
    if (axis <= previous || axis >= static_cast<int64_t>(shape.size()))
      return emitOpError("[nn.normalize.R1] axes [")
             << getAxes() << "] are not ascending dimensions of an input of rank " << shape.size();
    previous = axis;
  }
  if (previous < 0)
    return emitOpError("[nn.normalize.R1] names no axes");
  shapes.setShape(getResult(), shape);
  return success();
}

Value NormalizeOp::buildOnTransposed(NNBuilder &b, ValueRange data,
                                     SmallVectorImpl<int64_t> &permutation) {
  SmallVector<int64_t> axes = mapAxes(getAxes(), permutation);
  llvm::sort(axes);
  return rebuildOn(*this, b, data, [&](Operation *copy) { cast<NormalizeOp>(copy).setAxes(axes); });
}

Value SoftmaxOp::buildOnTransposed(NNBuilder &b, ValueRange data,
                                   SmallVectorImpl<int64_t> &permutation) {
  int64_t axis = permutation[getAxis()];
  return rebuildOn(*this, b, data, [&](Operation *copy) { cast<SoftmaxOp>(copy).setAxis(axis); });
}
