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

#include "mlir/IR/Operation.h"

namespace optc::nn {

/// The operands have one element type; the result has it too, or f32 where that is f16 or bf16.
/// `rule` is the id in the message.
llvm::LogicalResult verifyContractedTypes(mlir::Operation *op, llvm::StringRef rule);

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_CONTRACTIONS_H
