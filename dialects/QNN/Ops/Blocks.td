//===- Blocks.td - weights of few bits ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Codes of few bits in bytes, and products with them.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_QNN_BLOCKS_TD
#define OPTC_QNN_BLOCKS_TD

include "dialects/QNN/QNNDialect.td"

def QNN_UnpackOp : QNN_Op<"unpack"> {
  let summary = "codes of few bits, one per byte";
  let description = [{
    The last dim of the input holds bytes of 8 / bits planes: `result[.., p * P + i] = (input[.., i] >> (p * bits)) & (2^bits - 1)`, P
    being its size. With a `codebook` of 2^bits bytes without a sign, the result is the byte at that place in it. A processor takes planes apart with a shift and a mask for all bytes at once.

    Rules:
    - `qnn.unpack.R1` bits is 1, 2 or 4; the input is not a scalar, and both are ui8; a codebook has 2^bits bytes.

    Example:
    ```mlir
    %c = qnn.unpack %bytes {bits = 4} : (tensor<64x8x16xui8>) -> tensor<64x8x32xui8>
    ```
  }];
  let arguments = (ins NN_IntTensor:$input, I64Attr:$bits, OptionalAttr<DenseI8ArrayAttr>:$codebook);
  let results = (outs NN_IntTensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def QNN_BlockMatmulOp : QNN_Op<"block_matmul", [AttrSizedOperandSegments]> {
  let summary = "matrix product with a weight of codes that are scaled in blocks";
  let description = [{
    lhs [.., K] times the transpose of a matrix [N, K] of codes without a sign, whose blocks along K have a scale each. With b a block:

    `result[.., n] = sum over b of rhsScale[n, b] * (lhsScale[.., b] * sum over k in b of lhs[.., k] * codes[n, k] - zero[n, b] * lhsSums[.., b])`

    lhs is f32, or i8 with a scale per block; sums of products of integers are exact, all else is summed in f32. `lhsSums` are the sums
    of the blocks of what lhs stands for; they are there where zeros are. Those are `rhsZero`, ui8 or floats, or `zeroPoint` for all.
    The codes are ui8 [N, K * bits / 8], in each block packed as `qnn.unpack` has it, with a codebook or without.

    Rules:
    - `qnn.block_matmul.R1` bits is 1, 2, 4 or 8, and the block a multiple of 32 / bits; a codebook has 2^bits bytes, and bits are
      less than 8 then.
    - `qnn.block_matmul.R2` K is known, a multiple of the block; all sizes agree.
    - `qnn.block_matmul.R3` element types are those above; there are lhsSums if and only if there are zeros.

    Example:
    ```mlir
    %y = qnn.block_matmul %x sums %s, %codes scale %c {bits = 4, block = 32, zeroPoint = 8}
        : (tensor<?x64xf32>, tensor<?x2xf32>, tensor<16x32xui8>, tensor<16x2xf16>) -> tensor<?x16xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$lhs, Optional<NN_FloatTensor>:$lhsScale, Optional<NN_FloatTensor>:$lhsSums,
      NN_IntTensor:$rhs, NN_FloatTensor:$rhsScale, Optional<NN_Tensor>:$rhsZero, I64Attr:$bits, I64Attr:$block,
      DefaultValuedAttr<I64Attr, "0">:$zeroPoint, OptionalAttr<DenseI8ArrayAttr>:$codebook);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $lhs (`scale` $lhsScale^)? (`sums` $lhsSums^)? `,` $rhs `scale` $rhsScale (`zero` $rhsZero^)?
    attr-dict `:` functional-type(operands, results)
  }];
}

#endif // OPTC_QNN_BLOCKS_TD
