//===- Blocks.cpp - weights of few bits ---------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rules of Blocks.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/QNN/QNN.h"
#include "lib/IR/Codes.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::qnn;

static Type elementType(Value value) { return cast<TensorType>(value.getType()).getElementType(); }

LogicalResult UnpackOp::inferShapes(SymbolicShapes &shapes) {
  Shape shape = shapes.getShape(getInput());
  int64_t bits = getBits();
  if (!llvm::is_contained({1, 2, 4}, bits) || shape.empty() ||
      !isCodebook(getCodebookAttr(), bits) || !elementType(getInput()).isUnsignedInteger(8) ||
      !elementType(getResult()).isUnsignedInteger(8))
    return emitOpError("[qnn.unpack.R1] makes codes of ")
           << bits << " bits and type " << elementType(getResult()) << " of "
           << getInput().getType();
  shape.back() = shape.back() * (8 / bits);
  shapes.setShape(getResult(), shape);
  return success();
}

/// Rule `qnn.block_matmul.R3`.
static bool hasTypes(BlockMatmulOp op) {
  auto isF32 = [](Value operand) { return !operand || elementType(operand).isF32(); };
  Type lhs = elementType(op.getLhs());
  Value zero = op.getRhsZero();
  bool hasZeros = zero || op.getZeroPoint() != 0;
  return (op.getLhsScale() ? lhs.isSignlessInteger(8) : lhs.isF32()) && isF32(op.getLhsScale()) &&
         isF32(op.getLhsSums()) && isF32(op.getResult()) &&
         elementType(op.getRhs()).isUnsignedInteger(8) && hasZeros == bool(op.getLhsSums()) &&
         (!zero || isa<FloatType>(elementType(zero)) || elementType(zero).isUnsignedInteger(8));
}

LogicalResult BlockMatmulOp::inferShapes(SymbolicShapes &shapes) {
  int64_t bits = getBits(), block = getBlock();
  if (!llvm::is_contained({1, 2, 4, 8}, bits) || block <= 0 || block % (32 / bits) != 0 ||
      !isCodebook(getCodebookAttr(), bits))
    return emitOpError("[qnn.block_matmul.R1] has blocks of ")
           << block << " codes of " << bits << " bits"
           << (getCodebookAttr() ? ", and a codebook" : "");
  if (!hasTypes(*this))
    return emitOpError("[qnn.block_matmul.R3] has other element types or operands");
  Shape lhs = shapes.getShape(getLhs()), rhs = shapes.getShape(getRhs());
  std::optional<int64_t> depth = lhs.empty() ? std::nullopt : getConstant(lhs.back());
  auto refuse = [&] {
    return emitOpError("[qnn.block_matmul.R2] sizes do not agree: lhs ")
           << getLhs().getType() << ", codes " << getRhs().getType() << ", scales "
           << getRhsScale().getType() << ", blocks of " << block;
  };
  if (!depth || *depth % block != 0 || rhs.size() != 2 ||
      getConstant(rhs.back()) != *depth * bits / 8)
    return refuse();
  int64_t blocks = *depth / block;
  for (Value operand : {getLhsScale(), getLhsSums()})
    if (operand && (shapes.getShape(operand).size() != lhs.size() ||
                    getConstant(shapes.getShape(operand).back()) != blocks))
      return refuse();
  for (Value operand : {getRhsScale(), getRhsZero()}) {
    Shape shape = operand ? Shape(shapes.getShape(operand)) : Shape();
    if (operand && (shape.size() != 2 || getConstant(shape[0]) != getConstant(rhs[0]) ||
                    getConstant(shape[1]) != blocks))
      return refuse();
  }
  lhs.back() = rhs.front();
  shapes.setShape(getResult(), lhs);
  return success();
}
