//===- Work.cpp - how much work a kernel op does --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Work.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Work.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace optc::kernel;

void SizeProduct::multiply(Value shaped, int64_t dim) {
  auto type = cast<ShapedType>(shaped.getType());
  if (type.isDynamicDim(dim))
    dims.push_back({shaped, dim});
  else
    constant *= type.getDimSize(dim);
}

SizeProduct optc::kernel::countElements(Value shaped, double each) {
  SizeProduct product{each, {}};
  for (int64_t dim = 0, rank = cast<ShapedType>(shaped.getType()).getRank(); dim < rank; ++dim)
    product.multiply(shaped, dim);
  return product;
}

static bool isOperation(Operation &op) {
  if (!isa<arith::ArithDialect, math::MathDialect>(op.getDialect()) || op.getNumResults() != 1 ||
      op.getResult(0).getType().isIndex())
    return false;
  return !isa<arith::ConstantOp, arith::SelectOp, CastOpInterface>(op);
}

double optc::kernel::countOperations(Region &body) {
  double count = 0;
  body.walk([&](Operation *op) { count += isOperation(*op); });
  return count;
}
