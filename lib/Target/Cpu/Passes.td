//===- Passes.td - passes of the CPU target ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What turns kernel and linalg ops on memrefs into the LLVM dialect for one CPU level. The
// order is in Pipeline.cpp.
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
      full vectors and one masked tail in run.parallel; what cannot be vectorized is
      scalar loops, reductions still in registers. Large code without loops is set apart in an
      `scf.execute_region`.
    - Does not: fuse ops, or emit kernel ops.

    Example: test/target/Cpu/emit-rows.mlir
  }];
  let options = [Option<"level", "level", "std::string", "\"x86-64-v4\"",
                        "CPU level of lib/Support/CpuLevels.def">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect",
                           "::optc::kernel::KernelDialect", "::optc::run::RunDialect"];
}

def CpuShortenArithmetic : Pass<"cpu-shorten-arithmetic", "::mlir::ModuleOp"> {
  let summary = "compute the same with fewer instructions";
  let description = [{
    - Needs: arithmetic on scalars and vectors, before math ops are expanded.
    - Leaves: one factor where a value was divided and multiplied by constants, a fused multiply-add
      where a product is shifted by a constant, one instruction for max(x, 0); at levels that
      have them, an estimate of 1 / x where the division allows that (`arcp`, with `afn` no step of
      Newton's behind it), and the instruction that rounds f32 to bf16.
    - Does not: else round more often than the original, or turn a lone division into a
      multiplication.

    Example: test/target/Cpu/shorten-arithmetic.mlir
  }];
  let options = [Option<"level", "level", "std::string", "\"x86-64-v4\"",
                        "CPU level of lib/Support/CpuLevels.def">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect", "::mlir::vector::VectorDialect"];
}

def CpuExpandMath : Pass<"cpu-expand-math", "::mlir::ModuleOp"> {
  let summary = "turn math ops into arithmetic, or into calls of libm for f64";
  let description = [{
    - Needs: math ops, and kernel.look_up, on scalars and vectors.
    - Leaves: for f32, f16 and bf16 only functions that are instructions (sqrt, floor, fma...);
      for f64 calls of private functions with the names of <math.h>. No arithmetic on bf16.
    - Does not: change arithmetic of other types, or assume anything of NaN and infinity.

    Example: test/target/Cpu/expand-math.mlir
  }];
  let options = [Option<"level", "level", "std::string", "\"x86-64-v4\"",
                        "CPU level of lib/Support/CpuLevels.def">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
                           "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
                           "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

def CpuChooseWinograd : Pass<"cpu-choose-winograd"> {
  let summary = "pack the filters of 3x3 convolutions for Winograd where that pays";
  let description = [{
    - Needs: kernel ops on tensors, filters not packed yet.
    - Leaves: convs by a constant filter that `WinogradCost.h` finds faster by Winograd with
      their filter in the layout `winograd`, through one `kernel.pack` each. The choice is
      the same for all CPU levels.
    - Does not: pack other filters (`cpu-pack-weights`); with `forbidden`, anything.

    Example: test/target/Cpu/choose-winograd.mlir
  }];
  let options = [Option<"forbidden", "forbidden", "std::string", "\"\"", "the option of optc by which Winograd is never chosen">];
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
}

def CpuDeclineKernels : Pass<"cpu-decline-kernels"> {
  let summary = "turn kernel ops that the CPU has no emitter for into linalg";
  let description = [{
    - Needs: kernel ops on tensors, constant packs evaluated.
    - Leaves: only attention, matmul, conv and pool ops that `cpu-emit-kernels` takes.
    - Does not: depend on the CPU level.

    Example: test/target/Cpu/decline-kernels.mlir
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def CpuEmitKernels : Pass<"cpu-emit-kernels", "::mlir::func::FuncOp"> {
  let summary = "turn attention, matmul, conv and pool into register-tiled vector loops";
  let description = [{
    - Needs: kernel ops on memrefs that `cpu-decline-kernels` left.
    - Leaves: run.parallel, scf, vector, arith and math ops in their place.
    - Does not: choose layouts; it reads packed weights of any panel width.

    Example: test/target/Cpu/emit-matmul.mlir
  }];
  let options = [Option<"level", "level", "std::string", "\"x86-64-v4\"",
                        "CPU level of lib/Support/CpuLevels.def">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect",
                           "::optc::kernel::KernelDialect", "::optc::run::RunDialect"];
}

def CpuPackWeights : Pass<"cpu-pack-weights"> {
  let summary = "pack the constant weights of matmul and conv";
  let description = [{
    - Needs: kernel ops on tensors whose weight is unpacked.
    - Leaves: f32 and bf16 matmuls by a constant 2-D matrix in panels; convs by a constant in
      panels or taps (of bf16 in panels, pairs of rows interleaved, where depths are even), each through one `kernel.pack`; with `all-filters`, convs by any
      static filter too, for targets that have no kernel for unpacked filters. The panel
      width is the one that PanelCost.h finds fastest for so many columns and products.
    - Does not: compute packed constants (`kernel-evaluate-packs`).

    Example: test/target/Cpu/pack-weights.mlir
  }];
  let options = [Option<"allFilters", "all-filters", "bool", "true",
                        "pack filters that are not constant, too">];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::tensor::TensorDialect"];
}

def CpuSimplifyEpilogues : Pass<"cpu-simplify-epilogues"> {
  let summary = "cheaper arithmetic in the epilogues of products";
  let description = [{
    - Needs: kernel ops whose epilogues are fused.
    - Leaves: in the regions of matmul, conv and attention, on f32 and f64: multiplications
      instead of divisions by constants; on f32 no `1 + erf(x)` and no exp in `1 / (1 + exp(x))`,
      but what powers of two make of them; GELU as a whole. Where bf16 rounds the result,
      `afn` on functions that need 13 bits only.
    - Does not: touch regions that round to integers or take remainders, where another rounding
      might show as a step, nor linalg ops.

    Example: test/target/Cpu/simplify-epilogues.mlir
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
}

#endif // OPTC_TARGET_CPU_PASSES_TD
