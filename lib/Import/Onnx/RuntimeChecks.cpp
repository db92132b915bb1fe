//===- RuntimeChecks.cpp - what a node needs of its operands -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See RuntimeChecks.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/RuntimeChecks.h"
#include "dialects/Kernel/Kernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

static void require(NodeImport &n, Value condition, const Twine &message, ValueRange values) {
  std::string text = ("node '" + Twine(n.node.name) + "': " + message).str();
  kernel::RequireOp::create(n.b, n.b.getLoc(), condition, n.b.getStringAttr(text), values);
}

static Value sizeOf(NodeImport &n, Value value, int64_t dim) {
  return tensor::DimOp::create(n.b, n.b.getLoc(), value, dim);
}

static Value compare(NodeImport &n, arith::CmpIPredicate predicate, Value a, Value b) {
  return arith::CmpIOp::create(n.b, n.b.getLoc(), predicate, a, b);
}

LogicalResult optc::onnximport::requireSameSize(NodeImport &n, const OperandSize &a,
                                                const OperandSize &b) {
  DimExpr left = n.b.getShapes().getShape(a.value)[a.dim],
          right = n.b.getShapes().getShape(b.value)[b.dim];
  if (left == right)
    return success();
  std::string what = ("size " + Twine(a.dim) + " of " + a.name + " and size " + Twine(b.dim) + " of " +
                      b.name + " must be equal, they are ").str();
  if (getConstant(left) && getConstant(right))
    return n.invalid(what + Twine(*getConstant(left)) + " and " + Twine(*getConstant(right)));
  Value sizes[] = {sizeOf(n, a.value, a.dim), sizeOf(n, b.value, b.dim)};
  require(n, compare(n, arith::CmpIPredicate::eq, sizes[0], sizes[1]), what + "{0} and {1}", sizes);
  return success();
}

LogicalResult optc::onnximport::requireSize(NodeImport &n, Value value, int64_t dim, int64_t size,
                                            StringRef name) {
  auto known = getConstant(n.b.getShapes().getShape(value)[dim]);
  if (known == size)
    return success();
  std::string what = ("size " + Twine(dim) + " of " + name + " must be " + Twine(size) + ", it is ").str();
  if (known)
    return n.invalid(what + Twine(*known));
  Value have = sizeOf(n, value, dim);
  Value wanted = arith::ConstantIndexOp::create(n.b, n.b.getLoc(), size);
  require(n, compare(n, arith::CmpIPredicate::eq, have, wanted), what + "{0}", have);
  return success();
}

LogicalResult optc::onnximport::requireElements(NodeImport &n, Value value, int64_t dim, StringRef name) {
  DimExpr size = n.b.getShapes().getShape(value)[dim];
  auto least = n.b.getShapes().getLowerBound(size);
  if (least && *least > 0)
    return success();
  std::string what = ("size " + Twine(dim) + " of " + name + " must not be 0").str();
  if (getConstant(size))
    return n.invalid(what);
  Value none = arith::ConstantIndexOp::create(n.b, n.b.getLoc(), 0);
  require(n, compare(n, arith::CmpIPredicate::ne, sizeOf(n, value, dim), none), what, {});
  return success();
}

void optc::onnximport::requireTrue(NodeImport &n, Value condition, const Twine &message) {
  require(n, tensor::ExtractOp::create(n.b, n.b.getLoc(), condition, ValueRange()), message, {});
}
