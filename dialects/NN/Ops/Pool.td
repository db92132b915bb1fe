//===- Pool.td - pooling -------------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reductions over sliding windows of channels-last data. Global pools are nn.reduce; LpPool
// and LRN are expanded into average pools.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_NN_POOL_TD
#define OPTC_NN_POOL_TD

include "dialects/NN/NNDialect.td"

def NN_PoolKind : I32EnumAttr<"PoolKind", "what a pool computes", [
    I32EnumAttrCase<"Max", 0, "max">, I32EnumAttrCase<"Average", 1, "average">,
    I32EnumAttrCase<"ArgMax", 2, "argmax">
  ]> {
  let cppNamespace = "::optc::nn";
  let genSpecializedAttr = 0;
}
def NN_PoolKindAttr : EnumAttr<NN_Dialect, NN_PoolKind, "pool_kind">;

def NN_PoolOp : NN_Op<"pool"> {
  let summary = "maximum or average over windows of channels-last data";
  let description = [{
    `input` is [N, space.., C]. The window of result position p covers the input positions
    `p * strides - pads + t * dilations`, of which those outside the input do not count.
    `average` divides by the number of positions inside the input, with `countPads` by those
    inside the padded input. `argmax` gives the position of the (first) maximum, row-major
    within the spatial dimensions, as i64. With `ceil`, windows may hang over the end.

    Rules:
    - `nn.pool.R1` the input has a rank of 3 to 5.
    - `nn.pool.R2` window, strides and dilations have one positive element per spatial
      dimension, pads two that are not negative.
    - `nn.pool.R3` there is at least one window.
    - `nn.pool.R4` the result has the input's element type, for `argmax` i64.

    Example:
    ```mlir
    %y = nn.pool max %x {window = array<i64: 2>, strides = array<i64: 2>,
        dilations = array<i64: 1>, pads = array<i64: 0, 0>} : tensor<1x?x4xf32> -> tensor<1x?x4xf32>
    ```
  }];
  let arguments = (ins NN_PoolKindAttr:$kind, NN_Tensor:$input, DenseI64ArrayAttr:$window,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
                       DenseI64ArrayAttr:$pads, UnitAttr:$ceil, UnitAttr:$countPads);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$kind $input attr-dict `:` type($input) `->` type($result)";
  let hasCanonicalizer = 1;
}

#endif // OPTC_NN_POOL_TD
