//===- Contractions.h - types of sums of products ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rule of element types that all ops of ContractionOpInterface share.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_NN_CONTRACTIONS_H
#define OPTC_DIALECTS_NN_CONTRACTIONS_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"

namespace optc::nn {

/// The operands have one element type; the result has it too, or f32 where that is f16 or bf16. Or
/// the operands are integers of 8 bits, each with or without a sign, and the result i32. `rule` is
/// the id in the message.
llvm::LogicalResult verifyContractedTypes(mlir::Operation *op, llvm::StringRef rule);

/// Whether a contraction multiplies integers of 8 bits and sums them in i32.
bool sumsBytes(mlir::Operation *op);

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_CONTRACTIONS_H
