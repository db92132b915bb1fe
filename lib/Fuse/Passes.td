//===- Passes.td - passes of the fuse stage ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fusion on tensors.
//
//===----------------------------------------------------------------------===//
include "mlir/Pass/PassBase.td"

def FuseElementwise : Pass<"fuse-elementwise"> {
  let summary = "join elementwise linalg ops with their producers";
  let description = [{
    - Needs: linalg.generic on tensors.
    - Leaves: no elementwise producer with one consumer that is a generic of the same
      iteration space; trivial producers (broadcasts, casts of sizes) joined everywhere.
    - Does not: recompute a costly element more often than once, fuse producers that read by
      computed index, touch kernel ops (`kernel-fuse-epilogue`).

    Example: test/fuse/fuse-elementwise.mlir
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::affine::AffineDialect",
                           "::mlir::tensor::TensorDialect"];
}
