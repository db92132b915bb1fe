//===- Passes.td - passes that count work --------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an entry tells of the work of a run.
//
//===----------------------------------------------------------------------===//
include "mlir/Pass/PassBase.td"

def CountWork : Pass<"count-work", "::mlir::ModuleOp"> {
  let summary = "entries tell how much work a run is";
  let description = [{
    `@<entry>_work` stores, for the shapes of its inputs, the multiply-adds, the other operations
    on elements, and the bytes that its kernels read and write, every operand once. Attributes
    of the entry say how many kernels it has, and of how many the work depends on data and
    is not in the counts. With `profile`, every kernel stands between `run.profile_begin`
    and `run.profile_end`, and the entry has their names (ONNX nodes) and families.

    - Needs: `place-arena`, sizes folded into the ops that use them.
    - Leaves: `work`, `kernels`, `uncounted` in `run.entry`; with `profile` `names` and `families`.
    - Does not: change what the entry computes.

    Example: test/profile/count-work.mlir
  }];
  let options = [Option<"profile", "profile", "bool", "false", "measure every kernel">];
  let dependentDialects = ["::optc::kernel::KernelDialect", "::optc::run::RunDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::arith::ArithDialect"];
}
