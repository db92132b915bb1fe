//===- Passes.td - passes of host programs -------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What turns functions on memrefs into functions of the LLVM dialect that call the runtime, whatever
// CPU they run on, and whatever device they serve.
//
//===----------------------------------------------------------------------===//
include "mlir/Pass/PassBase.td"

def HostOutline : Pass<"host-outline", "::mlir::ModuleOp"> {
  let summary = "parallel regions and loop nests become functions, equal ones one function";
  let description = [{
    The body of every `run.parallel` becomes a private function of the range and the
    values it captures, called through a declaration `@k.parallel` with
    `run.parallel_body` (`host-lower-parallel` makes the runtime call of it). Every other
    outermost loop without parallel ops inside becomes a function too, and so does every
    `scf.execute_region`, into which `cpu-emit-rows` puts large code without loops. Functions that
    differ in locations only are merged, so that repeated layers compile once.

    - Needs: loops instead of linalg and kernel ops.
    - Leaves: no `run.parallel`; functions with `run.kernel`.
    - Does not: look for parallelism.

    Example: test/target/Host/outline.mlir
  }];
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

def HostLowerRuntime : Pass<"host-lower-runtime", "::mlir::ModuleOp"> {
  let summary = "runtime ops become calls of the runtime";
  let description = [{
    Every function gets the execution context as its first argument. The ops of the
    kernel dialect's Runtime family, `memref.alloc` and `memref.dealloc` become calls of
    RuntimeAbi.h.

    - Needs: no `run.parallel` (`host-outline`).
    - Leaves: no op of the kernel dialect.
    - Does not: lower memrefs.

    Example: test/target/Host/lower-runtime.mlir
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect",
                           "::mlir::memref::MemRefDialect"];
}

def HostLowerParallel : Pass<"host-lower-parallel", "::mlir::ModuleOp"> {
  let summary = "calls of parallel bodies become calls of optc_rt_parallel";
  let description = [{
    Packs the captured values into a struct on the stack and adds a trampoline that
    unpacks them for the body.

    - Needs: the LLVM dialect, and the calls that `host-outline` left.
    - Leaves: no `run.parallel_body`.
    - Does not: split the range.

    Example: test/target/Host/lower-parallel.mlir
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def HostExpandShapes : Pass<"host-expand-shapes"> {
  let summary = "expand_shape with several dynamic sizes in a group";
  let description = [{
    - Needs: memrefs.
    - Leaves: expand_shape ops with at most one dynamic size per group, which MLIR's
      expand-strided-metadata takes.
    - Does not: move data.

    Example: test/target/Host/expand-shapes.mlir
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

def HostBFloatAsBits : Pass<"host-bfloat-as-bits", "::mlir::ModuleOp"> {
  let summary = "bf16 is held, loaded, stored and moved as i16";
  let description = [{
    - Needs: the LLVM dialect, without arithmetic on bf16 (`cpu-expand-math`).
    - Leaves: bf16 only as operands and results of intrinsics, for which there are instructions. Of any
      other LLVM calls helpers that round on CPUs without the type.
    - Does not: expand arithmetic; what is left is an error.

    Example: test/target/Host/bfloat-as-bits.mlir
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}
