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
      (lib/IR/BodyBound.h); trivial producers (broadcasts, casts of sizes) joined everywhere; one
      op that repeats along several dims, in place of one per dim with reshapes between. A value that
      is used twice is computed once.
    - Does not: recompute a costly element more often than once, fuse producers that read by
      computed index, move anything into a loop, touch kernel ops (`fuse-epilogue`).

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
    - Does not: fuse (`fuse-epilogue` does), nor touch guards of other values: those
      cost a comparison.

    Example: test/fuse/version-guards.mlir
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect"];
}

def FuseEpilogue : Pass<"fuse-epilogue"> {
  let summary = "move elementwise consumers into the epilogue of kernel ops";
  let description = [{
    - Needs: kernel ops and linalg.generic on tensors.
    - Leaves: no elementwise generic that is the only user of a kernel op, reads it at the
      element it writes, and whose other operands are projected permutations contiguous in
      the last dim or without it. Attention that may round stores bf16 where only that is read.
    - Does not: look through reshapes, but those of attention's groups, or fuse what uses
      `linalg.index`.

    Example: test/fuse/fuse-epilogue.mlir
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
}

def FuseTiles : Pass<"fuse-tiles", "::mlir::func::FuncOp"> {
  let summary = "two kernels run on one tile of rows after the other";
  let description = [{
    A depthwise convolution and the 1x1 convolution that reads it, or a convolution and a maximum
    pool: a `run.parallel` over blocks of rows of the result runs both on views, and what is
    between them is scratch of one block instead of a buffer. It pays where that buffer is larger than
    a core's cache, of `cache-bytes`, and a block with the weights is not, unless the kernels compute so
    much that they wait for nothing. Rows that the windows of two blocks share are computed twice.
    The loop counts as one kernel (`run.work`).

    - Needs: kernel ops on memrefs with packed weights, before `place-arena`.
    - Leaves: kernel ops inside of `run.parallel`; a remark for each pair, fused or not.
    - Does not: fuse where sizes are unknown, what has other readers, or Winograd convolutions.

    Example: test/fuse/fuse-tiles.mlir
  }];
  let options = [Option<"cacheBytes", "cache-bytes", "int64_t", "1048576",
                        "the second-level cache of a core; 0: fuse nothing">,
                 Option<"operationsPerNs", "operations-per-ns", "int64_t", "100",
                        "floating-point operations of a core, for the loop's cost">,
                 Option<"leastPlaces", "least-places", "int64_t", "160", "places of a block at least">,
                 Option<"bytesPerOperation", "bytes-per-operation", "double", "0.6",
                        "bytes that are moved while a core does one floating-point operation">,
                 Option<"hiddenBytesPerOperation", "hidden-bytes-per-operation", "double", "0.02",
                        "fewer than that are not felt at all">];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect",
                           "::mlir::affine::AffineDialect", "::mlir::linalg::LinalgDialect",
                           "::optc::kernel::KernelDialect", "::optc::run::RunDialect"];
}
