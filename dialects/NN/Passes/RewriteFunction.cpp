//===- RewriteFunction.cpp - the frame of passes that build ops ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes that keep facts about values replace ops and erase them only at their end. See Passes.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Passes/Passes.h"
#include "mlir/IR/Iterators.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

void optc::nn::eraseDeadOps(func::FuncOp func) {
  func.walk<WalkOrder::PostOrder, ReverseIterator>([](Operation *op) {
    if (isOpTriviallyDead(op))
      op->erase();
  });
}

LogicalResult optc::nn::rewriteFunction(func::FuncOp func,
                                        function_ref<void(NNBuilder &)> rewrite) {
  SymbolicShapes shapes(func.getContext());
  if (failed(inferFunction(func, shapes)))
    return failure();
  NNBuilder builder(func.getContext(), shapes);
  try {
    rewrite(builder);
  } catch (const InferenceFailed &) {
    return failure();
  }
  eraseDeadOps(func);
  return success();
}
