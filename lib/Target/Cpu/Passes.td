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
      full vectors and one masked tail in kernel.parallel; what cannot be vectorized is
      scalar loops, reductions still in registers. Large code without loops is set apart in an
      `scf.execute_region`.
    - Does not: fuse ops, or emit kernel ops.

    Example: test/target/Cpu/emit-rows.mlir
  }];
  let options = [Option<"level", "level", "std::string", "\"x86-64-v4\"",
                        "CPU level of lib/Target/Cpu/Isa.h">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect",
                           "::optc::kernel::KernelDialect"];
}

def CpuOutline : Pass<"cpu-outline", "::mlir::ModuleOp"> {
  let summary = "parallel regions and loop nests become functions, equal ones one function";
  let description = [{
    The body of every `kernel.parallel` becomes a private function of the range and the
    values it captures, called through a declaration `@k.parallel` with
    `optc.parallel_body` (`cpu-lower-parallel` makes the runtime call of it). Every other
    outermost loop without parallel ops inside becomes a function too, and so does every
    `scf.execute_region`, into which `cpu-emit-rows` puts large code without loops. Functions that
    differ in locations only are merged, so that repeated layers compile once.

    - Needs: loops instead of linalg and kernel ops.
    - Leaves: no `kernel.parallel`; functions with `optc.kernel`.
    - Does not: look for parallelism.

    Example: test/target/Cpu/outline.mlir
  }];
  let dependentDialects = ["::mlir::func::FuncDialect"];
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
                        "CPU level of lib/Target/Cpu/Isa.h">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect", "::mlir::vector::VectorDialect"];
}

def CpuExpandMath : Pass<"cpu-expand-math", "::mlir::ModuleOp"> {
  let summary = "turn math ops into arithmetic, or into calls of libm for f64";
  let description = [{
    - Needs: math ops on scalars and vectors.
    - Leaves: for f32, f16 and bf16 only functions that are instructions (sqrt, floor, fma...);
      for f64 calls of private functions with the names of <math.h>. No arithmetic on bf16.
    - Does not: change arithmetic of other types, or assume anything of NaN and infinity.

    Example: test/target/Cpu/expand-math.mlir
  }];
  let options = [Option<"level", "level", "std::string", "\"x86-64-v4\"",
                        "CPU level of lib/Target/Cpu/Isa.h">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
                           "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
                           "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

def CpuLowerRuntime : Pass<"cpu-lower-runtime", "::mlir::ModuleOp"> {
  let summary = "runtime ops become calls of the runtime";
  let description = [{
    Every function gets the execution context as its first argument. The ops of the
    kernel dialect's Runtime family, `memref.alloc` and `memref.dealloc` become calls of
    RuntimeAbi.h.

    - Needs: no `kernel.parallel` (`cpu-outline`).
    - Leaves: no op of the kernel dialect.
    - Does not: lower memrefs.

    Example: test/target/Cpu/lower-runtime.mlir
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect",
                           "::mlir::memref::MemRefDialect"];
}

def CpuLowerParallel : Pass<"cpu-lower-parallel", "::mlir::ModuleOp"> {
  let summary = "calls of parallel bodies become calls of optc_rt_parallel";
  let description = [{
    Packs the captured values into a struct on the stack and adds a trampoline that
    unpacks them for the body.

    - Needs: the LLVM dialect, and the calls that `cpu-outline` left.
    - Leaves: no `optc.parallel_body`.
    - Does not: split the range.

    Example: test/target/Cpu/lower-parallel.mlir
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def CpuChooseWinograd : Pass<"cpu-choose-winograd"> {
  let summary = "pack the filters of 3x3 convolutions for Winograd where that pays";
  let description = [{
    - Needs: kernel ops on tensors, filters not packed yet.
    - Leaves: convs by a constant filter that `WinogradCost.h` finds faster by Winograd with
      their filter in the layout `winograd`, through one `kernel.pack` each. The choice is
      the same for all CPU levels.
    - Does not: pack other filters (`kernel-pack-weights`); with `exact`, anything.

    Example: test/target/Cpu/choose-winograd.mlir
  }];
  let options = [Option<"exact", "exact", "bool", "false", "never choose Winograd">];
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
    - Leaves: kernel.parallel, scf, vector, arith and math ops in their place.
    - Does not: choose layouts; it reads packed weights of any panel width.

    Example: test/target/Cpu/emit-matmul.mlir
  }];
  let options = [Option<"level", "level", "std::string", "\"x86-64-v4\"",
                        "CPU level of lib/Target/Cpu/Isa.h">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect",
                           "::optc::kernel::KernelDialect"];
}

def CpuBFloatAsBits : Pass<"cpu-bfloat-as-bits", "::mlir::ModuleOp"> {
  let summary = "bf16 is held, loaded, stored and moved as i16";
  let description = [{
    - Needs: the LLVM dialect, without arithmetic on bf16 (`cpu-expand-math`).
    - Leaves: bf16 only as operands and results of intrinsics, for which there are instructions. Of any
      other LLVM calls helpers that round on CPUs without the type.
    - Does not: expand arithmetic; what is left is an error.

    Example: test/target/Cpu/bfloat-as-bits.mlir
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def CpuExpandShapes : Pass<"cpu-expand-shapes"> {
  let summary = "expand_shape with several dynamic sizes in a group";
  let description = [{
    - Needs: memrefs.
    - Leaves: expand_shape ops with at most one dynamic size per group, which MLIR's
      expand-strided-metadata takes.
    - Does not: move data.

    Example: test/target/Cpu/expand-shapes.mlir
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

#endif // OPTC_TARGET_CPU_PASSES_TD
