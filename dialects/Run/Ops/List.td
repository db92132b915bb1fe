//===- List.td - rows that a loop collects --------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A loop whose number of iterations is not known in advance collects its results in a list of
// the runtime, which grows by doubling.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUN_LIST_TD
#define OPTC_RUN_LIST_TD

include "dialects/Run/RunDialect.td"

def Run_ListOp : Run_Op<"list"> {
  let summary = "an empty list of rows";
  let description = [{
    The handle of a new list (`optc_rt_list`). `expected` rows get memory at once, when the
    first one comes; 0 if their number is not known.

    Example:
    ```mlir
    %l = run.list %n
    ```
  }];
  let arguments = (ins Index:$expected);
  let results = (outs Index:$list);
  let assemblyFormat = "$expected attr-dict";
}

def Run_AppendOp : Run_Op<"append", [
    DeclareOpInterfaceMethods<BufferizableOpInterface,
        ["bufferizesToMemoryRead", "bufferizesToMemoryWrite", "getAliasingValues", "bufferize"]>]> {
  let summary = "a copy of a row at the end of a list";
  let description = [{
    All rows of a list must have one size; the run ends with an error otherwise
    (`optc_rt_append`). Never inside a parallel loop.

    Example:
    ```mlir
    run.append %row to %l : tensor<?x4xf32>
    ```
  }];
  let arguments = (ins AnyTypeOf<[AnyRankedTensor, AnyMemRef]>:$row, Index:$list);
  let assemblyFormat = "$row `to` $list attr-dict `:` type($row)";
}

def Run_TakeOp : Run_DestinationOp<"take"> {
  let summary = "the rows of a list as one tensor; the list ends";
  let description = [{
    `init[i, ..]` becomes row i (`optc_rt_take`). The first dimension of the init is the number
    of rows, the others have the sizes of a row.

    Rules:
    - `run.take.R1` the init has a rank of at least 1.

    Example:
    ```mlir
    %all = run.take %l into %init : tensor<?x4xf32> -> tensor<?x4xf32>
    ```
  }];
  let arguments = (ins Index:$list, AnyTypeOf<[AnyRankedTensor, AnyMemRef]>:$init);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = "$list `into` $init attr-dict `:` type($init) (`->` type($results)^)?";
  let hasVerifier = 1;
  // On tensors, too, it has to stay behind the loop that fills the list.
  let extraClassDefinition = destinationDefinition;
}

#endif // OPTC_RUN_LIST_TD
