//===- Transposable.cpp - ops that transposes move through ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Transposable.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Builder.h"

using namespace mlir;
using namespace optc::nn;

Value optc::nn::rebuildOn(Operation *op, NNBuilder &b, ValueRange data,
                          function_ref<void(Operation *)> change) {
  Operation *copy = op->clone();
  for (auto [i, value] : llvm::enumerate(data))
    copy->setOperand(i, value);
  auto type = cast<TensorType>(op->getResult(0).getType());
  copy->getResult(0).setType(UnrankedTensorType::get(type.getElementType()));
  if (change)
    change(copy);
  b.insert(copy);
  return b.finish(copy)[0];
}

SmallVector<int64_t> optc::nn::mapAxes(ArrayRef<int64_t> axes, ArrayRef<int64_t> permutation) {
  return llvm::map_to_vector(axes, [&](int64_t axis) { return permutation[axis]; });
}

SmallVector<int64_t> optc::nn::invertPermutation(ArrayRef<int64_t> permutation) {
  SmallVector<int64_t> result(permutation.size());
  for (auto [i, dim] : llvm::enumerate(permutation))
    result[dim] = i;
  return result;
}
