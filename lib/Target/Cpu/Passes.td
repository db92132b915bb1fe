//===- Passes.td - passes of the CPU target ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What turns ops on memrefs into code for one CPU level.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_PASSES_TD
#define OPTC_TARGET_CPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def CpuEmitRows : Pass<"cpu-emit-rows", "::mlir::func::FuncOp"> {
  let summary = "turn linalg ops on memrefs into vector loops";
  let description = [{
    - Needs: bufferized code.
    - Leaves: no linalg op. Elementwise work, copies, transposes and reductions are loops of
      full vectors and one masked tail in kernel.parallel; what cannot be vectorized is
      scalar loops, reductions still in registers.
    - Does not: fuse ops, or emit kernel ops.

    Example: test/target/cpu/emit-rows.mlir
  }];
  let options = [Option<"level", "level", "std::string", "\"x86-64-v4\"",
                        "CPU level of lib/Target/Cpu/Isa.h">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect",
                           "::optc::kernel::KernelDialect"];
}

#endif // OPTC_TARGET_CPU_PASSES_TD
