//===- Region.td - what regions of kernel ops need --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The terminator of the scalar regions (prologues, epilogues) of kernel ops, and a scalar op that no other dialect has.
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

def Kernel_LookUpOp : Kernel_Op<"look_up", [Pure, SameOperandsAndResultType] # ElementwiseMappable.traits> {
  let summary = "a byte of a table of 256";
  let description = [{
    `result = table[index]`, an index being below 256 and the byte without a sign. On numbers and on vectors of them.

    Rules:
    - `kernel.look_up.R1` the table has 256 entries.

    Example:
    ```mlir
    %y = kernel.look_up %x {table = array<i8: ...>} : i32
    ```
  }];
  let arguments = (ins SignlessIntegerLike:$index, DenseI8ArrayAttr:$table);
  let results = (outs SignlessIntegerLike:$result);
  let assemblyFormat = "$index attr-dict `:` type($result)";
  let hasVerifier = 1;
}

#endif // OPTC_KERNEL_REGION_TD
