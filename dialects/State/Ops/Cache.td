//===- Ops/Cache.td - caches of keys and values --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Memory for all tokens of a sequence, and what is added to it.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_STATE_CACHE_TD
#define OPTC_STATE_CACHE_TD

include "dialects/State/StateDialect.td"

def State_AppendOp : State_Op<"append"> {
  let summary = "rows behind those that a cache has";
  let description = [{
    The cache with `rows` at the places `length`, `length + 1`, ... along `axis`; what lies behind them is not to be read. The
    cache is an argument of the entry that nothing else reads, so that its memory is written in place. A run whose rows do not fit
    fails before anything is written.

    Rules:
    - `state.append.R1` cache, rows and result have one element type and rank; `axis` is one of their dims.
    - `state.append.R2` sizes of cache and rows agree but along the axis; the run checks what is not known.
    - `state.append.R3` `length` is one i64.

    Example:
    ```mlir
    %k = state.append %cache, %rows at %length {axis = 2 : i64}
      : (tensor<?x3x?x64xf32>, tensor<?x3x?x64xf32>, tensor<1xi64>) -> tensor<?x3x?x64xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$cache, NN_Tensor:$rows, NN_ShapeTensor:$length, I64Attr:$axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$cache `,` $rows `at` $length attr-dict `:` functional-type(operands, results)";
}

#endif // OPTC_STATE_CACHE_TD
