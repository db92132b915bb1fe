//===- Matmul.td - matrix products ---------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one matrix product. Gemm and Einsum are expanded into it; a bias is a separate add.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_NN_MATMUL_TD
#define OPTC_NN_MATMUL_TD

include "dialects/NN/NNDialect.td"

def NN_MatmulOp : NN_Op<"matmul", [DeclareOpInterfaceMethods<NN_ContractionOpInterface>]> {
  let summary = "matrix product over the last two dimensions";
  let description = [{
    `result[.., m, n] = sum over k of lhs[.., m, k] * rhs[.., k, n]`; the leading dimensions
    broadcast as in numpy. Half precision sums in f32, integers wrap.

    Rules:
    - `nn.matmul.R1` both operands have a rank of at least 2.
    - `nn.matmul.R2` the inner sizes agree: `lhs[-1] == rhs[-2]`.
    - `nn.matmul.R3` the leading dimensions broadcast.
    - `nn.matmul.R4` the operands have one element type, the result has it, or f32 for f16 and bf16; or they
      are i8 or ui8 each, and the result i32; or rhs alone is f16 or bf16, all else f32.

    Example:
    ```mlir
    %c = nn.matmul %a, %b : (tensor<?x2x3xf32>, tensor<3x4xf32>) -> tensor<?x2x4xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$lhs, NN_Tensor:$rhs);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}

#endif // OPTC_NN_MATMUL_TD
