//===- Matmul.td - matrix products ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The product of two matrices, batched and with any order of dims.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_KERNEL_MATMUL_TD
#define OPTC_KERNEL_MATMUL_TD

include "dialects/Kernel/Epilogue.td"

def Kernel_MatmulOp : Kernel_EpilogueOp<"matmul", [DeclareOpInterfaceMethods<Kernel_WorkOpInterface, ["getWork"]>]> {
  let summary = "matrix product, batched, with an epilogue";
  let description = [{
    With `r` the rank of the result, the iteration space is (d0, .., d[r-2], n, k): any
    leading dims, the column, the summed dim. For all but k,
    `result[result_map] = epilogue(sum over k of lhs[lhs_map] * rhs[rhs_map])`.
    A leading dim that rhs lacks counts rows; one that both have counts a batch; one that
    lhs lacks broadcasts lhs. Integers narrower than the accumulator are widened first, by zeros where
    `unsigned_lhs` or `unsigned_rhs` says so. With `layout`, rhs is the packed form of a [k, n] matrix and
    rhs_map says (k, n). The usual maps are what the builder makes; others fold transposes.

    Rules:
    - `kernel.matmul.R1` three maps: lhs has k and not n, rhs has n and k, the result has all dims
      but k; each is a permutation of the dims it has, and every leading dim is in lhs or rhs.
    - `kernel.matmul.R2` sizes of one dim agree wherever they are known.
    - `kernel.matmul.R3` with `layout`, rhs is 1-D and its rhs_map is (k, n), and it has
      K * stored columns elements.
    - `kernel.epilogue.R1` .. `kernel.epilogue.R3`, see EpilogueOpInterface.

    Example:
    ```mlir
    %r = kernel.matmul %a, %b with %bias into %init {
        maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
                affine_map<(m, n, k) -> (m, n)>],
        extra_maps = [affine_map<(m, n) -> (n)>]}
        : (tensor<?x64xf32>, tensor<64x32xf32>, tensor<32xf32>, tensor<?x32xf32>)
        -> tensor<?x32xf32> {
    ^bb0(%acc: f32, %x: f32):
      %y = arith.addf %acc, %x : f32
      kernel.yield %y : f32
    }
    ```
  }];
  let arguments = (ins Kernel_Shaped:$lhs, Kernel_Shaped:$rhs, Variadic<Kernel_Shaped>:$extras,
      Kernel_Shaped:$init, AffineMapArrayAttr:$maps,
      DefaultValuedAttr<AffineMapArrayAttr, "{}">:$extra_maps,
      OptionalAttr<Kernel_PanelsAttr>:$layout, UnitAttr:$unsigned_lhs, UnitAttr:$unsigned_rhs);
  let assemblyFormat = [{
    $lhs `,` $rhs (`with` $extras^)? `into` $init attr-dict
    `:` functional-type(operands, results) $epilogue
  }];
  let builders = [
    /// lhs [.., M, K] times rhs [K, N] or [.., K, N] ([N, K] if `transposeRhs`), nothing in
    /// the epilogue. `accumulator` defaults to the element type of init.
    OpBuilder<(ins "::mlir::Value":$lhs, "::mlir::Value":$rhs, "::mlir::Value":$init,
                   CArg<"bool", "false">:$transposeRhs, CArg<"::mlir::Type", "{}">:$accumulator)>,
    /// Any maps (lhs, rhs, result).
    OpBuilder<(ins "::mlir::Value":$lhs, "::mlir::Value":$rhs, "::mlir::Value":$init,
                   "::mlir::ArrayRef<::mlir::AffineMap>":$maps,
                   CArg<"::mlir::Type", "{}">:$accumulator)>
  ];
  let extraClassDeclaration = epilogueDeclarations # [{
    ::mlir::AffineMap getLhsMap() { return getMap(0); }
    ::mlir::AffineMap getRhsMap() { return getMap(1); }
    ::mlir::AffineMap getResultMap() { return getMap(2); }
    ::mlir::AffineMap getMap(unsigned i) {
      return ::llvm::cast<::mlir::AffineMapAttr>(getMaps()[i]).getValue();
    }
    /// Number of leading dims; the column is dim `getNumLeading()`, the summed one the next.
    unsigned getNumLeading() { return getResultMap().getNumResults() - 1; }
    ::mlir::ShapedType getLhsType() { return ::llvm::cast<::mlir::ShapedType>(getLhs().getType()); }
    ::mlir::ShapedType getRhsType() { return ::llvm::cast<::mlir::ShapedType>(getRhs().getType()); }
  }];
  let hasVerifier = 1;
}

#endif // OPTC_KERNEL_MATMUL_TD
