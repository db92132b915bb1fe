//===- Contractions.cpp - types of sums of products ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Contractions.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Contractions.h"

using namespace mlir;

static Type elementOf(Value value) { return cast<TensorType>(value.getType()).getElementType(); }

bool optc::nn::sumsBytes(Operation *op) {
  return llvm::all_of(op->getOperands(),
                      [](Value value) {
                        auto type = dyn_cast<IntegerType>(elementOf(value));
                        return type && type.getWidth() == 8;
                      }) &&
         elementOf(op->getResult(0)).isSignlessInteger(32);
}

LogicalResult optc::nn::verifyContractedTypes(Operation *op, StringRef rule) {
  if (sumsBytes(op))
    return success();
  Type data = elementOf(op->getOperand(0)), result = elementOf(op->getResult(0));
  auto isHalf = [](Type type) { return type.isF16() || type.isBF16(); };
  if (data.isF32() && isHalf(elementOf(op->getOperand(1))) && result.isF32() &&
      op->getNumOperands() == 2)
    return success();
  for (Value operand : op->getOperands())
    if (elementOf(operand) != data || (data != result && !(isHalf(data) && result.isF32())))
      return op->emitOpError("[") << rule << "] an operand has elements of type "
                                  << elementOf(operand) << ", the result " << result;
  return success();
}
