//===- Pool.cpp - pooling ------------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shape rules of Pool.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/NN.h"
#include "dialects/NN/Windows.h"

using namespace mlir;
using namespace optc::nn;

LogicalResult PoolOp::inferShapes(SymbolicShapes &shapes) {
  Shape result = shapes.getShape(getInput());
  if (result.size() < 3 || result.size() > 5)
    return emitOpError("[pool.R1] the input has rank ") << result.size() << ", needed is 3 to 5";
  Windows windows{getWindow(), getStrides(), getDilations(), getPads(), getCeil()};
  if (failed(windows.verify(*this, "pool.R2", result.size() - 2)))
    return failure();
  for (size_t i = 0; i < windows.rank(); ++i) {
    result[1 + i] = windows.count(shapes, i, result[1 + i]);
    if (auto count = getConstant(result[1 + i]); count && *count < 1)
      return emitOpError("[pool.R3] spatial dimension ")
             << i << " of the padded input is smaller than the window's extent of "
             << windows.extent(i);
  }
  Type input = cast<TensorType>(getInput().getType()).getElementType();
  Type element = cast<TensorType>(getResult().getType()).getElementType();
  if (getKind() == PoolKind::ArgMax ? !element.isSignlessInteger(64) : element != input)
    return emitOpError("[pool.R4] ") << stringifyPoolKind(getKind()) << " of " << input
                                     << " gives elements of type " << element;
  shapes.setShape(getResult(), result);
  return success();
}
