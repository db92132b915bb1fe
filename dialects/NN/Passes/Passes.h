//===- Passes.h - passes of the nn dialect -------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The passes of NNPasses.td.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_NN_PASSES_PASSES_H
#define OPTC_DIALECTS_NN_PASSES_PASSES_H

#include "dialects/NN/NN.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace optc::nn {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "dialects/NN/NNPasses.h.inc"

/// Erases the ops of a function that compute nothing anybody reads.
void eraseDeadOps(mlir::func::FuncOp func);

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_PASSES_PASSES_H
