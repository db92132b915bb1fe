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

#include "dialects/Kernel/Kernel.h"
#include "mlir/IR/PatternMatch.h"

namespace optc::kernel {

/// Each returns the value that replaces the op's result.
mlir::FailureOr<mlir::Value> decomposeAttention(mlir::RewriterBase &rewriter, AttentionOp op);
mlir::FailureOr<mlir::Value> decomposeMatmul(mlir::RewriterBase &rewriter, MatmulOp op);
mlir::FailureOr<mlir::Value> decomposeConv(mlir::RewriterBase &rewriter, ConvOp op);
mlir::FailureOr<mlir::Value> decomposePool(mlir::RewriterBase &rewriter, PoolOp op);
mlir::FailureOr<mlir::Value> decomposePack(mlir::RewriterBase &rewriter, PackOp op);

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

/// `sum + a * b` in the type of `sum`.
mlir::Value createMultiplyAdd(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value a,
                              mlir::Value b, mlir::Value sum);

/// Position in a packed operand of element (k, n) of the group's [rows, columns] matrix.
mlir::Value createPanelPosition(mlir::OpBuilder &builder, mlir::Location loc, PanelsAttr layout,
                                mlir::Value k, mlir::Value n, mlir::Value rows,
                                mlir::Value columns);

} // namespace optc::kernel

#endif // OPTC_DIALECTS_KERNEL_PASSES_DECOMPOSE_H
