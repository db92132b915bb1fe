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

def KernelFuseEpilogue : Pass<"kernel-fuse-epilogue"> {
  let summary = "move elementwise consumers into the epilogue of kernel ops";
  let description = [{
    - Needs: kernel ops and linalg.generic on tensors.
    - Leaves: no elementwise generic that is the only user of a kernel op, reads it at the
      element it writes, and whose other operands are projected permutations contiguous in
      the last dim or without it. Attention that may round stores bf16 where only that is read.
    - Does not: look through reshapes, but those of attention's groups, or fuse what uses
      `linalg.index`.

    Example: test/dialects/Kernel/fuse-epilogue.mlir
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
}

def KernelSimplifyEpilogues : Pass<"kernel-simplify-epilogues"> {
  let summary = "cheaper arithmetic in the epilogues of products";
  let description = [{
    - Needs: kernel ops whose epilogues are fused.
    - Leaves: in the regions of matmul, conv and attention, on f32 and f64: multiplications
      instead of divisions by constants; on f32 no `1 + erf(x)` and no exp in `1 / (1 + exp(x))`,
      but what powers of two make of them; GELU as a whole. Where bf16 rounds the result,
      `afn` on functions that need 13 bits only.
    - Does not: touch regions that round to integers or take remainders, where another rounding
      might show as a step, nor linalg ops.

    Example: test/dialects/Kernel/simplify-epilogues.mlir
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
}

def KernelPackWeights : Pass<"kernel-pack-weights"> {
  let summary = "pack the constant weights of matmul and conv";
  let description = [{
    - Needs: kernel ops on tensors whose weight is unpacked.
    - Leaves: f32 and bf16 matmuls by a constant 2-D matrix in panels; convs by a constant in
      panels or taps (of bf16 in panels, pairs of rows interleaved, where depths are even), each through one `kernel.pack`; with `all-filters`, convs by any
      static filter too, for targets that have no kernel for unpacked filters. The panel
      width is the one that PanelCost.h finds fastest for so many columns and products.
    - Does not: compute packed constants (`kernel-evaluate-packs`).

    Example: test/dialects/Kernel/pack-weights.mlir
  }];
  let options = [Option<"allFilters", "all-filters", "bool", "true",
                        "pack filters that are not constant, too">];
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
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
