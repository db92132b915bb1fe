//===- Reduce.td - reductions, prefix sums and sorting -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops that combine elements along dimensions. Means, norms and log-sum-exp are expanded
// at import into these and elementwise ops; top-k is an argsort and a gather.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_NN_REDUCE_TD
#define OPTC_NN_REDUCE_TD

include "dialects/NN/NNDialect.td"

def NN_ReduceKind : I32EnumAttr<"ReduceKind", "how elements are combined", [
    I32EnumAttrCase<"Sum", 0, "sum">, I32EnumAttrCase<"Prod", 1, "prod">,
    I32EnumAttrCase<"Max", 2, "max">, I32EnumAttrCase<"Min", 3, "min">
  ]> {
  let cppNamespace = "::optc::nn";
  let genSpecializedAttr = 0;
}
def NN_ReduceKindAttr : EnumAttr<NN_Dialect, NN_ReduceKind, "reduce_kind">;

def NN_ReduceOp : NN_Op<"reduce", [
    DeclareOpInterfaceMethods<NN_TransposableOpInterface, ["buildOnTransposed"]>]> {
  let summary = "combines all elements along some dimensions";
  let description = [{
    The dimensions in `axes` stay, with size 1. Of no elements the result is the neutral one:
    0, 1, the lowest, the highest value of the type. A NaN gives NaN; f16 and bf16 are
    accumulated in f32; on i1 `max` is "any", `min` is "all".

    Rules:
    - `nn.reduce.R1` `axes` are distinct dimensions of the input, in ascending order.
    - `nn.reduce.R2` the result has the input's element type.

    Example:
    ```mlir
    %y = nn.reduce sum %x [1] : tensor<?x3xf32> -> tensor<?x1xf32>
    ```
  }];
  let arguments = (ins NN_ReduceKindAttr:$kind, NN_Tensor:$input, DenseI64ArrayAttr:$axes);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$kind $input $axes attr-dict `:` type($input) `->` type($result)";
  let hasFolder = 1;
}

def NN_ReduceMaskedOp : NN_Op<"reduce_masked"> {
  let summary = "combines all elements along dimensions chosen when the model runs";
  let description = [{
    As `nn.reduce` over the dimensions whose element of `mask` is true.

    Rules:
    - `nn.reduce_masked.R1` `mask` has one element per dimension of the input.
    - `nn.reduce_masked.R2` the result has the input's element type.

    Example:
    ```mlir
    %y = nn.reduce_masked sum %x, %m : (tensor<?x3xf32>, tensor<2xi1>) -> tensor<?x?xf32>
    ```
  }];
  let arguments = (ins NN_ReduceKindAttr:$kind, NN_Tensor:$input, NN_BoolTensor:$mask);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$kind $input `,` $mask attr-dict `:` functional-type(operands, results)";
}

def NN_ArgReduceOp : NN_Op<"arg_reduce", [
    DeclareOpInterfaceMethods<NN_TransposableOpInterface, ["buildOnTransposed"]>]> {
  let summary = "the position of the largest or smallest element along a dimension";
  let description = [{
    `axis` stays, with size 1. Of equal elements it is the first, with `selectLast` the last
    one. NaN counts as larger (for `min`: smaller) than all numbers.

    Rules:
    - `nn.arg_reduce.R1` `axis` is a dimension of the input.
    - `nn.arg_reduce.R2` the kind is `max` or `min`.

    Example:
    ```mlir
    %y = nn.arg_reduce max %x {axis = 1 : i64} : tensor<?x3xf32> -> tensor<?x1xi64>
    ```
  }];
  let arguments = (ins NN_ReduceKindAttr:$kind, NN_Tensor:$input, I64Attr:$axis,
                       UnitAttr:$selectLast);
  let results = (outs NN_ShapeTensor:$result);
  let assemblyFormat = "$kind $input attr-dict `:` type($input) `->` type($result)";
}

def NN_CumulativeOp : NN_Op<"cumulative", [
    DeclareOpInterfaceMethods<NN_TransposableOpInterface, ["buildOnTransposed"]>]> {
  let summary = "running sums or products along a dimension";
  let description = [{
    `result[i] = sum of input[0..i]` along `axis`; `exclusive` leaves out element i itself,
    `reverse` runs from the end. f16 and bf16 are accumulated in f32.

    Rules:
    - `nn.cumulative.R1` `axis` is a dimension of the input.
    - `nn.cumulative.R2` the kind is `sum` or `prod`.
    - `nn.cumulative.R3` the result has the input's element type.

    Example:
    ```mlir
    %y = nn.cumulative sum %x {axis = 1 : i64} : tensor<?x3xf32> -> tensor<?x3xf32>
    ```
  }];
  let arguments = (ins NN_ReduceKindAttr:$kind, NN_Tensor:$input, I64Attr:$axis,
                       UnitAttr:$exclusive, UnitAttr:$reverse);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$kind $input attr-dict `:` type($input) `->` type($result)";
}

def NN_ArgSortOp : NN_Op<"argsort"> {
  let summary = "the positions of the first k elements in order, along the last dimension";
  let description = [{
    Position j of a row of the result is where the j-th smallest (with `descending`: largest)
    element of the input's row is. Equal elements keep their order; NaN is the largest.

    Rules:
    - `nn.argsort.R1` the input has a dimension.
    - `nn.argsort.R2` `k` has one element, at most the size of the last dimension.

    Example:
    ```mlir
    %i = nn.argsort %x, %k {descending} : (tensor<?x9xf32>, tensor<1xi64>) -> tensor<?x?xi64>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_ShapeTensor:$k, UnitAttr:$descending);
  let results = (outs NN_ShapeTensor:$result);
  let assemblyFormat = "$input `,` $k attr-dict `:` functional-type(operands, results)";
}

#endif // OPTC_NN_REDUCE_TD
