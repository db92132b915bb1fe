//===- Runtime.td - ops that call the runtime ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops through which generated code talks to the runtime: failures and outputs. They
// become calls of lib/Runtime/RuntimeAbi.h; the execution context is added then.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_KERNEL_RUNTIME_TD
#define OPTC_KERNEL_RUNTIME_TD

include "dialects/Kernel/KernelDialect.td"

def Kernel_RequireOp : Kernel_Op<"require"> {
  let summary = "ends the run with an error unless a condition holds";
  let description = [{
    Calls `optc_rt_fail` with `message` (in which `{0}` and `{1}` stand for `values`)
    unless `condition` holds. Never inside a parallel loop.

    Rules:
    - `require.R1` there are at most two `values`.

    Example:
    ```mlir
    kernel.require %ok, "node 'r': {0} elements do not reshape to {1}" (%n, %m)
    ```
  }];
  let arguments = (ins I1:$condition, StrAttr:$message, Variadic<Index>:$values);
  let assemblyFormat = "$condition `,` $message (`(` $values^ `)`)? attr-dict";
  let hasVerifier = 1;
}

def Kernel_CheckedIndexOp : Kernel_Op<"checked_index", [NoMemoryEffect]> {
  let summary = "an index clamped to a size; out of range marks the run as failed";
  let description = [{
    `result = 0 <= index < size ? index : 0`, and in the second case the run ends with
    an error after the kernel (`optc_rt_index_error`). Safe inside parallel loops.

    Example:
    ```mlir
    %j = kernel.checked_index %i, %n, "node 'Gather_3': index {0} out of range, size {1}"
    ```
  }];
  let arguments = (ins Index:$index, Index:$size, StrAttr:$message);
  let results = (outs Index:$result);
  let assemblyFormat = "$index `,` $size `,` $message attr-dict";
  let hasFolder = 1;
}

def Kernel_OutputOp : Kernel_Op<"output"> {
  let summary = "the memory of one output of the entry";
  let description = [{
    Asks the runtime for the buffer of output `index` of the entry with the given
    dynamic sizes (`optc_rt_output`). Once per output.

    Rules:
    - `output.R1` there is one size per dynamic dimension of the result.

    Example:
    ```mlir
    %out = kernel.output 0 (%n) : memref<?x10xf32>
    ```
  }];
  let arguments = (ins I64Attr:$index, Variadic<Index>:$sizes);
  let results = (outs AnyMemRef:$result);
  let assemblyFormat = "$index (`(` $sizes^ `)`)? attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Kernel_ProfileBeginOp : Kernel_Op<"profile_begin"> {
  let summary = "a kernel begins";
  let description = [{
    Tells the runtime the time of this place (`optc_rt_profile_begin`). On the calling thread
    only, never inside another pair.

    Example:
    ```mlir
    kernel.profile_begin
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def Kernel_ProfileEndOp : Kernel_Op<"profile_end"> {
  let summary = "the kernel that began last ends";
  let description = [{
    Adds the time since `kernel.profile_begin`, and this work, to kernel `kernel` of the
    entry (`optc_rt_profile_end`).

    Example:
    ```mlir
    kernel.profile_end 3 (%multiply_adds, %operations, %bytes)
    ```
  }];
  let arguments = (ins I64Attr:$kernel, F64:$multiply_adds, F64:$operations, F64:$bytes);
  let assemblyFormat = "$kernel `(` $multiply_adds `,` $operations `,` $bytes `)` attr-dict";
}

def Kernel_ParallelOp
    : Kernel_Op<"parallel", [SingleBlock, NoTerminator, RecursiveMemoryEffects,
                             AutomaticAllocationScope]> {
  let summary = "runs its body on disjoint ranges that cover [0, trip)";
  let description = [{
    The body is run for half-open ranges [lo, hi), on several threads in any order, each
    item once (`optc_rt_parallel`). `cost` estimates one item in ns at one thread; small
    totals stay on the caller. Only after bufferization; never inside another parallel op.
    `memref.alloca` in the body is scratch of one range.

    Rules:
    - `parallel.R1` the body has two arguments, the bounds of a range.
    - `parallel.R2` it is not inside another parallel op.

    Example:
    ```mlir
    kernel.parallel (%lo, %hi) in %rows cost %c {
      scf.for %i = %lo to %hi step %c1 { ... }
    }
    ```
  }];
  let arguments = (ins Index:$trip, Index:$cost);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::mlir::Value":$trip, "::mlir::Value":$cost,
      CArg<"::llvm::function_ref<void(::mlir::OpBuilder &, ::mlir::Location, ::mlir::Value, ::mlir::Value)>",
           "nullptr">:$bodyBuilder)>];
  let extraClassDeclaration = [{
    ::mlir::Value getLowerBound() { return getBody().getArgument(0); }
    ::mlir::Value getUpperBound() { return getBody().getArgument(1); }
  }];
}

#endif // OPTC_KERNEL_RUNTIME_TD
