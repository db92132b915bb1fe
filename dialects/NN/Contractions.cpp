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
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;

LogicalResult optc::nn::verifyContractedTypes(Operation *op, StringRef rule) {
  auto elementOf = [](Value value) { return cast<TensorType>(value.getType()).getElementType(); };
  Type data = elementOf(op->getOperand(0)), result = elementOf(op->getResult(0));
  bool isHalf = data.isF16() || data.isBF16();
  for (Value operand : op->getOperands())
    if (elementOf(operand) != data || (data != result && !(isHalf && result.isF32())))
      return op->emitOpError("[") << rule << "] an operand has elements of type "
                                  << elementOf(operand) << ", the result " << result;
  return success();
}
