//===- Sort.td - sorting ----------------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sorting of rows: no loop over elements expresses it well.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_KERNEL_SORT_TD
#define OPTC_KERNEL_SORT_TD

include "dialects/Kernel/KernelDialect.td"
include "dialects/Kernel/KernelInterfaces.td"

def Kernel_ArgSortOp : Kernel_DestinationOp<"argsort", [
    DeclareOpInterfaceMethods<Kernel_WorkOpInterface>]> {
  let summary = "the positions of the first elements of each row in order";
  let description = [{
    `init[r, j]` is the position in row r of `keys` of the j-th smallest (with `descending`:
    largest) element, for as many j as the init's last dimension has. Equal elements keep
    their order; NaN is the largest. `isUnsigned` says how to compare integers.

    Rules:
    - `kernel.argsort.R1` keys and init have one rank, at least 1.
    - `kernel.argsort.R2` the init has i64 elements.

    Example:
    ```mlir
    %o = kernel.argsort ins(%x : tensor<?x9xf32>) outs(%e : tensor<?x?xi64>) {descending}
      -> tensor<?x?xi64>
    ```
  }];
  let arguments = (ins AnyTypeOf<[AnyRankedTensor, AnyMemRef]>:$keys,
      AnyTypeOf<[AnyRankedTensor, AnyMemRef]>:$init, UnitAttr:$descending, UnitAttr:$isUnsigned);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    `ins` `(` $keys `:` type($keys) `)` `outs` `(` $init `:` type($init) `)` attr-dict
    (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

#endif // OPTC_KERNEL_SORT_TD
