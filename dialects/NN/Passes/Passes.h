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

#include "dialects/NN/Builder.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace optc::nn {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "dialects/NN/NNPasses.h.inc"

/// Erases the ops of a function that compute nothing anybody reads.
void eraseDeadOps(mlir::func::FuncOp func);

/// The frame of passes that rebuild parts of a function: infers shapes, lets `rewrite` build, and
/// erases what nobody reads any more. Fails where an op that is built breaks a rule; its diagnostic
/// is out.
mlir::LogicalResult rewriteFunction(mlir::func::FuncOp func,
                                    llvm::function_ref<void(NNBuilder &)> rewrite);

/// The same for the ops of one kind that there are in the beginning.
template <typename Op>
mlir::LogicalResult rewriteEach(mlir::func::FuncOp func,
                                llvm::function_ref<void(Op, NNBuilder &)> rewrite) {
  return rewriteFunction(func, [&](NNBuilder &b) {
    llvm::SmallVector<Op> ops;
    func.walk([&](Op op) { ops.push_back(op); });
    for (Op op : ops)
      rewrite(op, b);
  });
}

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_PASSES_PASSES_H
