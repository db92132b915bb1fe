//===- Parallel.td - loops on several threads ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is divided among the threads of the runtime.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUN_PARALLEL_TD
#define OPTC_RUN_PARALLEL_TD

include "dialects/Run/RunDialect.td"

def Run_ParallelOp
    : Run_Op<"parallel", [SingleBlock, NoTerminator, RecursiveMemoryEffects,
                             AutomaticAllocationScope]> {
  let summary = "runs its body on disjoint ranges that cover [0, trip)";
  let description = [{
    The body is run for half-open ranges [lo, hi), on several threads in any order, each
    item once (`optc_rt_parallel`). `cost` estimates one item in ns at one thread; small
    totals stay on the caller. Only after bufferization; never inside another parallel op.
    `memref.alloca` in the body is scratch of one range.

    Rules:
    - `run.parallel.R1` the body has two arguments, the bounds of a range.
    - `run.parallel.R2` it is not inside another parallel op.

    Example:
    ```mlir
    run.parallel (%lo, %hi) in %rows cost %c {
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

#endif // OPTC_RUN_PARALLEL_TD
