//===- Output.td - results of the entry ----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Memory that the runtime gives.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUN_OUTPUT_TD
#define OPTC_RUN_OUTPUT_TD

include "dialects/Run/RunDialect.td"

def Run_OutputOp : Run_Op<"output"> {
  let summary = "the memory of one output of the entry";
  let description = [{
    Asks the runtime for the buffer of output `index` of the entry with the given
    dynamic sizes (`optc_rt_output`). Once per output.

    Rules:
    - `run.output.R1` there is one size per dynamic dimension of the result.

    Example:
    ```mlir
    %out = run.output 0 (%n) : memref<?x10xf32>
    ```
  }];
  let arguments = (ins I64Attr:$index, Variadic<Index>:$sizes);
  let results = (outs AnyMemRef:$result);
  let assemblyFormat = "$index (`(` $sizes^ `)`)? attr-dict `:` type($result)";
  let hasVerifier = 1;
}

#endif // OPTC_RUN_OUTPUT_TD
