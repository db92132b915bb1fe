//===- Check.td - checks of what only the run knows ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Conditions of the run, and indices into tensors that the data decides.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUN_CHECK_TD
#define OPTC_RUN_CHECK_TD

include "dialects/Run/RunDialect.td"

def Run_RequireOp : Run_Op<"require"> {
  let summary = "ends the run with an error unless a condition holds";
  let description = [{
    Calls `optc_rt_fail` with `message` (in which `{0}` and `{1}` stand for `values`)
    unless `condition` holds. Never inside a parallel loop.

    Rules:
    - `run.require.R1` there are at most two `values`.

    Example:
    ```mlir
    run.require %ok, "node 'r': {0} elements do not reshape to {1}" (%n, %m)
    ```
  }];
  let arguments = (ins I1:$condition, StrAttr:$message, Variadic<Index>:$values);
  let assemblyFormat = "$condition `,` $message (`(` $values^ `)`)? attr-dict";
  let hasVerifier = 1;
}

def Run_CheckedIndexOp : Run_Op<"checked_index", [NoMemoryEffect]> {
  let summary = "an index clamped to a size; out of range marks the run as failed";
  let description = [{
    `result = 0 <= index < size ? index : 0`, and in the second case the run ends with
    an error after the kernel (`optc_rt_index_error`). Safe inside parallel loops.

    Example:
    ```mlir
    %j = run.checked_index %i, %n, "node 'Gather_3': index {0} out of range, size {1}"
    ```
  }];
  let arguments = (ins Index:$index, Index:$size, StrAttr:$message);
  let results = (outs Index:$result);
  let assemblyFormat = "$index `,` $size `,` $message attr-dict";
  let hasFolder = 1;
}

#endif // OPTC_RUN_CHECK_TD
