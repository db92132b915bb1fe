//===- Profile.td - times of kernels -------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What code built with `--profile` tells.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUN_PROFILE_TD
#define OPTC_RUN_PROFILE_TD

include "dialects/Run/RunDialect.td"

def Run_ProfileBeginOp : Run_Op<"profile_begin"> {
  let summary = "a kernel begins";
  let description = [{
    Tells the runtime the time of this place (`optc_rt_profile_begin`). On the calling thread
    only, never inside another pair.

    Example:
    ```mlir
    run.profile_begin
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def Run_ProfileEndOp : Run_Op<"profile_end"> {
  let summary = "the kernel that began last ends";
  let description = [{
    Adds the time since `run.profile_begin`, and this work, to kernel `kernel` of the
    entry (`optc_rt_profile_end`).

    Example:
    ```mlir
    run.profile_end 3 (%multiply_adds, %operations, %bytes)
    ```
  }];
  let arguments = (ins I64Attr:$kernel, F64:$multiply_adds, F64:$operations, F64:$bytes);
  let assemblyFormat = "$kernel `(` $multiply_adds `,` $operations `,` $bytes `)` attr-dict";
}

#endif // OPTC_RUN_PROFILE_TD
