//===- Passes.td - passes of NNToLinalg ----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The conversion pass.
//
//===----------------------------------------------------------------------===//
include "mlir/Pass/PassBase.td"

def ConvertNNToLinalg : Pass<"convert-nn-to-linalg", "::mlir::ModuleOp"> {
  let summary = "nn ops to linalg, tensor and kernel ops";
  let description = [{
    - Needs: nn ops with inferred types; entries marked `run.entry`.
    - Leaves: destination-passing ops on signless tensors, sizes as functions of the
      entry's input sizes (or of data, where the data decides), run-time checks where
      shapes had to be taken for equal; no `nn.*` attributes.
    - Does not: fuse (`linalg-fuse-elementwise-ops`, `fuse-epilogue`), choose layouts.

    Example: test/conversion/NNToLinalg/elementwise.mlir
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect",
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect", "::mlir::affine::AffineDialect",
    "::mlir::scf::SCFDialect", "::optc::kernel::KernelDialect", "::optc::run::RunDialect"];
}
