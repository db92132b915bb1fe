//===- Norm.td - softmax and normalizations ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops that need statistics over some dimensions before any element of them is known.
// Layer, instance and group normalization differ only in the dimensions and the shape of
// scale and bias, which are separate elementwise ops. Batch normalization at inference is
// elementwise.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_NN_NORM_TD
#define OPTC_NN_NORM_TD

include "dialects/NN/NNDialect.td"

// [quote softmax]
def NN_SoftmaxOp : NN_Op<"softmax", [
    DeclareOpInterfaceMethods<NN_TransposableOpInterface, ["buildOnTransposed"]>]> {
  let summary = "softmax along a dimension";
  let description = [{
    `result[i] = exp(x[i] - max x) / sum exp(x - max x)` along `axis`; with `log` its
    logarithm. Computes in at least f32.

    Rules:
    - `nn.softmax.R1` `axis` is a dimension of the input.

    Example:
    ```mlir
    %y = nn.softmax %x {axis = 1 : i64} : tensor<?x8xf32> -> tensor<?x8xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input, I64Attr:$axis, UnitAttr:$log);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}
// [end quote]

def NN_NormKind : I32EnumAttr<"NormKind", "statistic of a normalization", [
    I32EnumAttrCase<"MeanVariance", 0, "mean_variance">,
    I32EnumAttrCase<"RootMeanSquare", 1, "root_mean_square">
  ]> {
  let cppNamespace = "::optc::nn";
  let genSpecializedAttr = 0;
}
def NN_NormKindAttr : EnumAttr<NN_Dialect, NN_NormKind, "norm_kind">;

def NN_NormalizeOp : NN_Op<"normalize", [
    DeclareOpInterfaceMethods<NN_TransposableOpInterface, ["buildOnTransposed"]>]> {
  let summary = "normalization over some dimensions";
  let description = [{
    `mean_variance`: `result = (x - mean x) / sqrt(var x + epsilon)`, `root_mean_square`:
    `result = x / sqrt(mean x^2 + epsilon)`, over all dimensions in `axes` together. The
    variance divides by the count. Computes in at least f32.

    Rules:
    - `nn.normalize.R1` `axes` names distinct dimensions of the input, ascending, at least one.

    Example:
    ```mlir
    %y = nn.normalize mean_variance %x [1] {epsilon = 1.0e-5 : f64}
      : tensor<?x8xf32> -> tensor<?x8xf32>
    ```
  }];
  let arguments = (ins NN_NormKindAttr:$kind, NN_FloatTensor:$input, DenseI64ArrayAttr:$axes,
                       F64Attr:$epsilon);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$kind $input $axes attr-dict `:` type($input) `->` type($result)";
}

#endif // OPTC_NN_NORM_TD
