//===- Region.td - what regions of kernel ops need --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The terminator of the scalar regions (prologues, epilogues) of kernel ops.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_KERNEL_REGION_TD
#define OPTC_KERNEL_REGION_TD

include "dialects/Kernel/KernelDialect.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

def Kernel_YieldOp : Kernel_Op<"yield", [Pure, ReturnLike, Terminator]> {
  let summary = "the values a region of a kernel op computes";
  let description = [{
    Ends a prologue or an epilogue.

    Example:
    ```mlir
    kernel.yield %x : f32
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let builders = [OpBuilder<(ins), [{ }]>];
}

#endif // OPTC_KERNEL_REGION_TD
