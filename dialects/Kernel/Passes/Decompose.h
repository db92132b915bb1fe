//===- Decompose.h - kernel ops as linalg ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the decompositions of the op families share. Each family has one file
// Decompose<Family>.cpp and one function here.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_KERNEL_PASSES_DECOMPOSE_H
#define OPTC_DIALECTS_KERNEL_PASSES_DECOMPOSE_H

#include "dialects/Kernel/Passes/Passes.h"
#include "mlir/IR/PatternMatch.h"

namespace optc::kernel {

/// `kernel.op` on tensors -> linalg ops that compute the same.
template <typename Op> struct DecomposeOp : mlir::OpRewritePattern<Op> {
  /// Returns the value that replaces the op's result.
  using Function = mlir::FailureOr<mlir::Value> (*)(mlir::RewriterBase &, Op);

  DecomposeOp(mlir::MLIRContext *context, Function function, DecomposeFilter filter)
      : mlir::OpRewritePattern<Op>(context), function(function), filter(std::move(filter)) {}

  mlir::LogicalResult matchAndRewrite(Op op, mlir::PatternRewriter &rewriter) const override {
    if (op->getNumResults() != 1)
      return rewriter.notifyMatchFailure(op, "works on buffers");
    if (!filter(op))
      return rewriter.notifyMatchFailure(op, "left to the target");
    mlir::FailureOr<mlir::Value> result = function(rewriter, op);
    if (failed(result))
      return mlir::failure();
    rewriter.replaceOp(op, *result);
    return mlir::success();
  }

  Function function;
  DecomposeFilter filter;
};

#define F(Name)                                                                                    \
  void populateDecompose##Name(mlir::RewritePatternSet &patterns, const DecomposeFilter &filter);
#include "dialects/Kernel/Passes/Families.def"

/// A tensor of these sizes filled with `value`.
mlir::Value createFilled(mlir::RewriterBase &rewriter, mlir::Location loc,
                         llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::TypedAttr value);

/// A sum to add products to: the op's init filled with zero if the epilogue stores the sum
/// as it is, else a new tensor of the accumulator type.
mlir::Value createAccumulator(mlir::RewriterBase &rewriter, EpilogueOpInterface op);

using ElementFunction =
    llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location, mlir::Value)>;

/// Runs the epilogue on every element of `sums` into the op's init; `first`, if given, is
/// applied before it.
mlir::Value applyEpilogue(mlir::RewriterBase &rewriter, EpilogueOpInterface op, mlir::Value sums,
                          ElementFunction first = nullptr);

/// `sum + a * b` in the type of `sum`; narrower integers of no sign are widened by zeros.
mlir::Value createMultiplyAdd(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value a,
                              mlir::Value b, mlir::Value sum, bool isUnsignedA = false,
                              bool isUnsignedB = false);

/// Position in a packed operand of element (k, n) of the group's [rows, columns] matrix.
mlir::Value createPanelPosition(mlir::OpBuilder &builder, mlir::Location loc, PanelsAttr layout,
                                mlir::Value k, mlir::Value n, mlir::Value rows,
                                mlir::Value columns);

} // namespace optc::kernel

#endif // OPTC_DIALECTS_KERNEL_PASSES_DECOMPOSE_H
