//===- Matmul.cpp - matrix products --------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shape rules of Matmul.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Contractions.h"
#include "dialects/NN/NN.h"

using namespace mlir;
using namespace optc::nn;

LogicalResult MatmulOp::inferShapes(SymbolicShapes &shapes) {
  Shape lhs = shapes.getShape(getLhs()), rhs = shapes.getShape(getRhs());
  if (lhs.size() < 2 || rhs.size() < 2)
    return emitOpError("[nn.matmul.R1] operands have ranks ")
           << lhs.size() << " and " << rhs.size() << ", both need at least 2";
  auto left = getConstant(lhs.back()), right = getConstant(rhs[rhs.size() - 2]);
  if (left && right && *left != *right)
    return emitOpError("[nn.matmul.R2] inner sizes differ: lhs has ")
           << *left << ", rhs " << *right;
  shapes.requireEqual(lhs.back(), rhs[rhs.size() - 2]);
  std::optional<Shape> result =
      shapes.broadcast(ArrayRef(lhs).drop_back(2), ArrayRef(rhs).drop_back(2));
  if (!result)
    return emitOpError("[nn.matmul.R3] leading dimensions do not broadcast: ")
           << getLhs().getType() << " and " << getRhs().getType();
  if (failed(verifyContractedTypes(*this, "nn.matmul.R4")))
    return failure();
  result->push_back(lhs[lhs.size() - 2]);
  result->push_back(rhs.back());
  shapes.setShape(getResult(), *result);
  return success();
}

bool MatmulOp::sumsPairs() {
  int64_t depth = cast<ShapedType>(getLhs().getType()).getShape().back();
  return depth > 0 && depth % 2 == 0;
}
