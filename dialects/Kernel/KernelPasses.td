//===- KernelPasses.td - passes of the kernel dialect ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes on kernel ops that no target owns.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_KERNEL_PASSES_TD
#define OPTC_KERNEL_PASSES_TD

include "mlir/Pass/PassBase.td"

def KernelDecompose : Pass<"kernel-decompose"> {
  let summary = "turn kernel ops into linalg";
  let description = [{
    - Needs: kernel ops on tensors.
    - Leaves: matmul, conv, pool and pack as linalg.generic ops, epilogues as one more.
    - Does not: touch ops on memrefs, nor make anything fast. A target runs the patterns on
      the ops it declines; this pass is the reference that emitters are tested against.

    Example: test/dialects/Kernel/decompose.mlir
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def KernelShareWeights : Pass<"kernel-share-weights"> {
  let summary = "element reads of a packed constant read its packed form";
  let description = [{
    - Needs: `kernel.pack` ops of constants that are not evaluated yet.
    - Leaves: constant matrices whose other users are `tensor.extract` without them, so that
      only the packed form is stored.
    - Does not: touch matrices that anything else reads, or filters.

    Example: test/dialects/Kernel/share-weights.mlir
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def KernelEvaluatePacks : Pass<"kernel-evaluate-packs"> {
  let summary = "compute the packed form of constants";
  let description = [{
    - Needs: `kernel.pack` ops on tensors.
    - Leaves: those of f32 and bf16 constants as constants with a new resource blob; equal packs of
      one constant share it.
    - Does not: free the blob of the constant it read, which belongs to the context.

    Example: test/dialects/Kernel/evaluate-packs.mlir
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

#endif // OPTC_KERNEL_PASSES_TD
