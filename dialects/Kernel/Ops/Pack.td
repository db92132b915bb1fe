//===- Pack.td - packed weights -------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The packed forms of matrices and filters.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_KERNEL_PACK_TD
#define OPTC_KERNEL_PACK_TD

include "dialects/Kernel/Epilogue.td"
include "mlir/IR/EnumAttr.td"

def Kernel_PackOrder : I32EnumAttr<"PackOrder", "order of the dims of what is packed", [
    I32EnumAttrCase<"KN", 0, "kn">, I32EnumAttrCase<"NK", 1, "nk">,
    I32EnumAttrCase<"Filter", 2, "filter">]> {
  let cppNamespace = "::optc::kernel";
}

def Kernel_PackOp : Kernel_DestinationOp<"pack", [
    DeclareOpInterfaceMethods<Kernel_WorkOpInterface>]> {
  let summary = "a matrix or filter in packed form";
  let description = [{
    Stores `source` in the layout that a kernel op reads. `order` says what source is: a
    matrix [K, N] (`kn`), its transpose [N, K] (`nk`), or a filter [O, C / groups, window..]
    (`filter`), which counts as one [window.. x C / groups, O / groups] matrix per group.

    Rules:
    - `kernel.pack.R1` the rank of source is 2, or at least 3 for a filter; only filters have
      groups over 1, and groups divides O.
    - `kernel.pack.R2` the result is 1-D, of source's element type (f32 in the layout `winograd`, if that
      interleaves nothing), and has the layout's size; the rows are a multiple of what the layout
      interleaves (of `winograd`, the channels are).
    - `kernel.pack.R3` the layout `taps` takes a filter [C, 1, window..] of C groups.
    - `kernel.pack.R4` the layout `winograd` takes a filter [O, C, 3, 3] of floats and one group.

    Example:
    ```mlir
    %p = kernel.pack nk %w into %init {layout = #kernel.panels<64>}
        : (tensor<10x20xf32>, tensor<320xf32>) -> tensor<320xf32>
    ```
  }];
  let arguments = (ins Kernel_PackOrder:$order, Kernel_Shaped:$source, Kernel_Shaped:$init,
      Kernel_Layout:$layout, DefaultValuedAttr<I64Attr, "1">:$groups);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $order $source `into` $init attr-dict `:` functional-type(operands, results)
  }];
  let builders = [
    /// Creates the destination too. The shape of `source` is static.
    OpBuilder<(ins "::optc::kernel::PackOrder":$order, "::mlir::Value":$source,
                   "::mlir::Attribute":$layout, CArg<"int64_t", "1">:$groups)>
  ];
  let extraClassDeclaration = destinationDeclaration # [{
    ::mlir::ShapedType getInitType() {
      return ::llvm::cast<::mlir::ShapedType>(getInit().getType());
    }
    ::mlir::ShapedType getSourceType() {
      return ::llvm::cast<::mlir::ShapedType>(getSource().getType());
    }
    /// K and N of one group, of the source; kDynamic where unknown.
    int64_t getRows();
    int64_t getColumns();
  }];
  let hasVerifier = 1;
}

#endif // OPTC_KERNEL_PACK_TD
