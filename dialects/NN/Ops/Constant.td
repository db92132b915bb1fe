//===- Constant.td - constants of the nn dialect -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constants: small ones in the IR, weights as resource blobs over mapped memory.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_NN_CONSTANT_TD
#define OPTC_NN_CONSTANT_TD

include "dialects/NN/NNDialect.td"

def NN_ConstantOp : NN_Op<"constant", [ConstantLike,
    AllTypesMatch<["value", "result"]> /* nn.constant.R1 */]> {
  let summary = "a tensor known at compile time";
  let description = [{
    `result = value`. Weights are `dense_resource` attributes, whose bytes stay in the
    mapped model file and are never printed.

    Rules:
    - `nn.constant.R1` the result has the type of the value.

    Example:
    ```mlir
    %c = nn.constant dense<[1, 2]> : tensor<2xi64>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "attr-dict $value";
  let builders = [OpBuilder<(ins "::mlir::ElementsAttr":$value), [{
    build($_builder, $_state, value.getShapedType(), value);
  }]>];
  let hasFolder = 1;
}

#endif // OPTC_NN_CONSTANT_TD
