//===- RowNorm.td - softmax and normalizations ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops that need statistics of a whole row before any element of it is known. They are one
// op, because they differ only in the statistics, and everything around them (casts, scale,
// bias, masks, activations) is scalar regions.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_KERNEL_ROWNORM_TD
#define OPTC_KERNEL_ROWNORM_TD

include "dialects/Kernel/KernelDialect.td"
include "dialects/Kernel/KernelInterfaces.td"
include "mlir/IR/EnumAttr.td"

def Kernel_RowNormKind : I32EnumAttr<"RowNormKind", "what row_norm computes", [
    I32EnumAttrCase<"Softmax", 0, "softmax">,
    I32EnumAttrCase<"LogSoftmax", 1, "log_softmax">,
    I32EnumAttrCase<"MeanVariance", 2, "mean_variance">,
    I32EnumAttrCase<"RootMeanSquare", 3, "root_mean_square">]> {
  let cppNamespace = "::optc::kernel";
}

def Kernel_RowNormOp : Kernel_DestinationOp<"row_norm", [
    DeclareOpInterfaceMethods<Kernel_WorkOpInterface, ["getFamily", "getWork"]>]> {
  let summary = "softmax or normalization over some axes, with fused elementwise work";
  let description = [{
    For every position r of the axes not in `dims`, over all positions i of those in `dims`:

    ```
    p[i] = prologue(inputs[r, i])
    n[i] = exp(p[i] - max p) / sum exp(p - max p)       softmax
           p[i] - max p - log(sum exp(p - max p))       log_softmax
           (p[i] - mean p) / sqrt(var p + epsilon)      mean_variance (var divides by n)
           p[i] / sqrt(mean p^2 + epsilon)              root_mean_square
    init[r, i] = epilogue(n[i], inputs[r, i])
    ```
    Input k is read at `maps[k](r, i)`, so it may be broadcast along some axes. p, n and
    the statistics have the type that the prologue yields, f32 or f64. The regions may use
    values from outside. A NaN makes its row NaN; an infinity or a row of -inf does so too
    in softmax. No element is required: an empty row writes nothing.

    Rules:
    - `kernel.row_norm.R1` `dims` names axes of the init, ascending, at least one.
    - `kernel.row_norm.R2` one map per input, from the init's axes to the input's; results are
      axes or the constant 0.
    - `kernel.row_norm.R3` the prologue takes one element per input and yields one f32 or f64.
    - `kernel.row_norm.R4` the epilogue takes that type and one element per input, and yields an
      element of the init.

    Example:
    ```mlir
    %y = kernel.row_norm softmax [1] ins(%x : tensor<?x16xf32>) outs(%e : tensor<?x16xf32>)
        {maps = [affine_map<(i, j) -> (i, j)>]} prologue {
    ^bb0(%a: f32):
      kernel.yield %a : f32
    } epilogue {
    ^bb0(%n: f32, %a: f32):
      kernel.yield %n : f32
    } -> tensor<?x16xf32>
    ```
  }];
  let arguments = (ins Kernel_RowNormKind:$kind, DenseI64ArrayAttr:$dims,
      Variadic<AnyTypeOf<[AnyRankedTensor, AnyMemRef]>>:$inputs,
      AnyTypeOf<[AnyRankedTensor, AnyMemRef]>:$init, AffineMapArrayAttr:$maps,
      DefaultValuedAttr<F64Attr, "0.0">:$epsilon);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$prologue, SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    $kind $dims `ins` `(` $inputs `:` type($inputs) `)` `outs` `(` $init `:` type($init) `)`
    attr-dict `prologue` $prologue `epilogue` $epilogue (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = destinationDeclaration # [{
    /// The type statistics are computed in.
    ::mlir::FloatType getComputeType();
    ::mlir::AffineMap getMap(unsigned input) {
      return ::llvm::cast<::mlir::AffineMapAttr>(getMaps()[input]).getValue();
    }
  }];
}

#endif // OPTC_KERNEL_ROWNORM_TD
