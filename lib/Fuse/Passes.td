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
    - Leaves: no elementwise producer that only one generic of the same iteration space reads,
      itself or through others of that space, unless the joined body would exceed its bound
      (lib/Support/BodyBound.h); trivial producers (broadcasts, casts of sizes) joined everywhere; one
      op that repeats along several dims, in place of one per dim with reshapes between. A value that
      is used twice is computed once.
    - Does not: recompute a costly element more often than once, fuse producers that read by
      computed index, move anything into a loop, touch kernel ops (`kernel-fuse-epilogue`).

    Example: test/fuse/fuse-elementwise.mlir
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::affine::AffineDialect",
                           "::mlir::tensor::TensorDialect"];
}

def FuseVersionGuards : Pass<"fuse-version-guards"> {
  let summary = "two versions where a guard keeps an op from its epilogue";
  let description = [{
    A guard is an `scf.if` that passes a value on where its sizes fit, and a repeated copy
    of it where they do not (lib/Conversion/NNToLinalg/Broadcasting.h). It separates an op
    that could have an epilogue from the elementwise op that would be it. Both move into
    the branches: where the sizes fit, they fuse as if there was no guard.

    - Needs: guards, elementwise chains joined (`fuse-elementwise`).
    - Leaves: for each guard of a `kernel` op's result that only one elementwise op reads, an
      `scf.if` around two versions of both ops.
    - Does not: fuse (`kernel-fuse-epilogue` does), nor touch guards of other values: those
      cost a comparison.

    Example: test/fuse/version-guards.mlir
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect"];
}
