//===- Matchers.h - what the raising passes look for ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small questions about values that passes with patterns over several ops share.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_NN_PASSES_MATCHERS_H
#define OPTC_DIALECTS_NN_PASSES_MATCHERS_H

#include "dialects/NN/ConstantFold.h"
#include "dialects/NN/Weights.h"

namespace optc::nn {

/// The number that all elements of a constant of one element are.
inline std::optional<double> splatOf(mlir::Value value) {
  mlir::ElementsAttr attr = getConstantValue(value);
  if (!attr || attr.getNumElements() != 1)
    return std::nullopt;
  auto values = readFloats(attr);
  return values ? std::optional(values->front()) : std::nullopt;
}

/// The op that makes `value` if it is of this kind, else null.
inline BinaryOp matchBinary(mlir::Value value, BinaryKind kind) {
  auto op = value.getDefiningOp<BinaryOp>();
  return op && op.getKind() == kind ? op : BinaryOp();
}

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_PASSES_MATCHERS_H
