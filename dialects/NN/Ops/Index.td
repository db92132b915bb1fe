//===- Index.td - reading and writing at indices -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Gathers, scatters and the positions of non-zero elements. A negative index counts from
// the end; one that is still out of range ends the run with an error. One-hot, compress,
// unique, reversed sequences etc. are expanded into these.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_NN_INDEX_TD
#define OPTC_NN_INDEX_TD

include "dialects/NN/NNDialect.td"
include "dialects/NN/Ops/Reduce.td"

def NN_GatherOp : NN_Op<"gather", [
    DeclareOpInterfaceMethods<NN_TransposableOpInterface, ["buildOnTransposed"]>]> {
  let summary = "slices of a tensor along one dimension, chosen by indices";
  let description = [{
    `result[i..., j..., k...] = input[i..., indices[j...], k...]`, where `i...` are the
    dimensions before `axis`.

    Rules:
    - `nn.gather.R1` `axis` is a dimension of the input.

    Example:
    ```mlir
    %y = nn.gather %x, %i {axis = 0 : i64} : (tensor<9x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IntTensor:$indices, I64Attr:$axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input `,` $indices attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def NN_GatherElementsOp : NN_Op<"gather_elements"> {
  let summary = "elements of a tensor, their positions along one dimension chosen by indices";
  let description = [{
    `result[i..., j, k...] = input[i..., indices[i..., j, k...], k...]`, j being `axis`.

    Rules:
    - `nn.gather_elements.R1` input and indices have one rank, and `axis` is below it.
    - `nn.gather_elements.R2` other dimensions of the indices are not larger than the input's.

    Example:
    ```mlir
    %y = nn.gather_elements %x, %i {axis = 1 : i64}
      : (tensor<?x4xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IntTensor:$indices, I64Attr:$axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input `,` $indices attr-dict `:` functional-type(operands, results)";
}

def NN_GatherNDOp : NN_Op<"gather_nd"> {
  let summary = "slices of a tensor, chosen by vectors of indices";
  let description = [{
    The last dimension of `indices` holds index vectors of q elements; the first `batchDims`
    dimensions (b...) of both operands go together:
    `result[b..., j..., k...] = input[b..., indices[b..., j..., 0], ..., indices[b..., j..., q-1], k...]`.

    Rules:
    - `nn.gather_nd.R1` the size q of the last dimension of `indices` is static, and
      `batchDims + q` is at most the input's rank; `indices` has more than `batchDims` dimensions.
    - `nn.gather_nd.R2` the batch sizes agree.

    Example:
    ```mlir
    %y = nn.gather_nd %x, %i {batchDims = 1 : i64}
      : (tensor<?x4x5xf32>, tensor<?x3x1xi64>) -> tensor<?x3x5xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IntTensor:$indices, I64Attr:$batchDims);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input `,` $indices attr-dict `:` functional-type(operands, results)";
}

def NN_ScatterElementsOp : NN_Op<"scatter_elements"> {
  let summary = "a tensor with some elements replaced, the inverse of gather_elements";
  let description = [{
    `result[i..., indices[i..., j, k...], k...] = updates[i..., j, k...]`, j being `axis`, and
    the input elsewhere. With `reduction` the update is combined with what is there, as
    often as a position occurs; without, the last one in row-major order stays.

    Rules:
    - `nn.scatter_elements.R1` input, indices and updates have one rank, and `axis` is below it.
    - `nn.scatter_elements.R2` indices and updates have one shape.
    - `nn.scatter_elements.R3` input, updates and result have one element type.

    Example:
    ```mlir
    %y = nn.scatter_elements %x, %i, %u {axis = 1 : i64, reduction = #nn<reduce_kind sum>}
      : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IntTensor:$indices, NN_Tensor:$updates, I64Attr:$axis,
                       OptionalAttr<NN_ReduceKindAttr>:$reduction);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $indices `,` $updates attr-dict `:` functional-type(operands, results)
  }];
}

def NN_ScatterNDOp : NN_Op<"scatter_nd"> {
  let summary = "a tensor with some slices replaced, the inverse of gather_nd";
  let description = [{
    The last dimension of `indices` holds index vectors of q elements:
    `result[indices[j..., 0], ..., indices[j..., q-1], k...] = updates[j..., k...]`, and the
    input elsewhere. `reduction` as in `nn.scatter_elements`.

    Rules:
    - `nn.scatter_nd.R1` the size q of the last dimension of `indices` is static and at most the
      input's rank.
    - `nn.scatter_nd.R2` the updates have the sizes `j..., k...`.
    - `nn.scatter_nd.R3` input, updates and result have one element type.

    Example:
    ```mlir
    %y = nn.scatter_nd %x, %i, %u
      : (tensor<?x4xf32>, tensor<2x1xi64>, tensor<2x4xf32>) -> tensor<?x4xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IntTensor:$indices, NN_Tensor:$updates,
                       OptionalAttr<NN_ReduceKindAttr>:$reduction);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $indices `,` $updates attr-dict `:` functional-type(operands, results)
  }];
}

def NN_NonZeroOp : NN_Op<"nonzero"> {
  let summary = "the positions of all elements that are not zero";
  let description = [{
    Column j of the result is the index vector of the j-th such element in row-major order.

    Rules:
    - `nn.nonzero.R1` the result has one row per dimension of the input.

    Example:
    ```mlir
    %p = nn.nonzero %x : tensor<?x3xf32> -> tensor<2x?xi64>
    ```
  }];
  let arguments = (ins NN_Tensor:$input);
  let results = (outs NN_ShapeTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

#endif // OPTC_NN_INDEX_TD
