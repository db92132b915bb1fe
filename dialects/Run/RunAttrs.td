//===- RunAttrs.td - contracts with the runtime --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What stages tell each other of entries, weights and kernels.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUN_ATTRS_TD
#define OPTC_RUN_ATTRS_TD

include "dialects/Run/RunDialect.td"
include "mlir/IR/AttrTypeBase.td"

class Run_Attr<string name, string attrMnemonic> : AttrDef<Run_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def Run_EntryAttr : Run_Attr<"Entry", "entry"> {
  let summary = "an entry point of the model";
  let description = [{
    Stands as `run.entry` on a function and grows on the way: the import marks the function, place says what its
    memory is, profiling what its work is.

    - `inputs`, `outputs`: how many of its arguments are inputs, and how many outputs it has; -1 before they are placed.
    - `sizes`: the function (inputs.., memref<?xi64>) that stores the bytes of each buffer of the arena, of which
      `lifetimes` has the first and last tick.
    - `work`: the function (inputs.., memref<?xf64>) that stores the counts of work; `uncounted` of its
      `kernels` are not in them.
    - `names`, `families`: one string per kernel where kernels are measured.

    Example:
    ```mlir
    func.func @main(...) attributes {run.entry = #run.entry<inputs = 1, outputs = 1, sizes = @main_sizes,
        lifetimes = [0, 3]>}
    ```
  }];
  let parameters = (ins
    DefaultValuedParameter<"int64_t", "-1">:$inputs,
    DefaultValuedParameter<"int64_t", "-1">:$outputs,
    OptionalParameter<"::mlir::FlatSymbolRefAttr">:$sizes,
    OptionalParameter<"::mlir::DenseI64ArrayAttr">:$lifetimes,
    OptionalParameter<"::mlir::FlatSymbolRefAttr">:$work,
    DefaultValuedParameter<"int64_t", "0">:$kernels,
    DefaultValuedParameter<"int64_t", "0">:$uncounted,
    OptionalParameter<"::mlir::ArrayAttr">:$names,
    OptionalParameter<"::mlir::ArrayAttr">:$families);
  let assemblyFormat = "(`<` struct(params)^ `>`)?";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Of a function that only the import has seen.
    static EntryAttr get(::mlir::MLIRContext *context);
    EntryAttr withPlaces(int64_t inputs, int64_t outputs) const;
    EntryAttr withArena(::mlir::StringAttr sizes, ::llvm::ArrayRef<int64_t> lifetimes) const;
    EntryAttr withWork(::mlir::StringAttr work, int64_t kernels, int64_t uncounted) const;
    EntryAttr withNames(::mlir::ArrayAttr names, ::mlir::ArrayAttr families) const;
  }];
}

def Run_WeightsAttr : Run_Attr<"Weights", "weights"> {
  let summary = "the constants of the weights image";
  let description = [{
    Stands as `run.weights` on a module: constants, none of them a splat, and where each begins in the image, in bytes.

    Example:
    ```mlir
    module attributes {run.weights = #run.weights<values = [dense<[1.0, 2.0]> : tensor<2xf32>],
        offsets = [0]>}
    ```
  }];
  let parameters = (ins "::mlir::ArrayAttr":$values, "::mlir::DenseI64ArrayAttr":$offsets);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Run_WorkAttr : Run_Attr<"Work", "work"> {
  let summary = "a parallel loop that is one kernel";
  let description = [{
    Stands as `run.work` on a `run.parallel` that several kernel ops became: the counts of its work in the order of
    lib/Runtime/ModuleAbi.h, and what kind of kernel it is, for people.

    Example:
    ```mlir
    #run.work<counts = [9.0, 1.0, 64.0], family = "conv 3x3 + pool">
    ```
  }];
  let parameters = (ins "::mlir::DenseF64ArrayAttr":$counts, "::mlir::StringAttr":$family);
  let assemblyFormat = "`<` struct(params) `>`";
}

#endif // OPTC_RUN_ATTRS_TD
