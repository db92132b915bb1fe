//===- Quantize.td - between numbers and what stands for them -----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Conversions of whole tensors; scales and zero points broadcast.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_QNN_QUANTIZE_TD
#define OPTC_QNN_QUANTIZE_TD

include "dialects/QNN/QNNDialect.td"

def QNN_QuantizeOp : QNN_ElementwiseOp<"quantize"> {
  let summary = "the integers that stand for numbers best";
  let description = [{
    `result[i] = saturate(round(input[i] / scale[i]) + zeroPoint[i])`, halves to even, as ONNX has it: the quotient is
    rounded to f32 (f64 for f64) first. NaN becomes the least integer. Without a zero point it is 0.

    Rules:
    - `qnn.quantize.R1` scale and zero point broadcast to the input.
    - `qnn.quantize.R2` the zero point has the result's type, an integer of at most 16 bits.

    Example:
    ```mlir
    %q = qnn.quantize %x, %scale zero %zero : (tensor<?x8xf32>, tensor<f32>, tensor<ui8>) -> tensor<?x8xui8>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input, NN_FloatTensor:$scale, Optional<NN_IntTensor>:$zeroPoint);
  let results = (outs NN_IntTensor:$result);
  let assemblyFormat = [{
    $input `,` $scale (`zero` $zeroPoint^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasFolder = 1;
}

def QNN_DequantizeOp : QNN_ElementwiseOp<"dequantize"> {
  let summary = "the numbers that integers stand for";
  let description = [{
    `result[i] = (input[i] - zeroPoint[i]) * scale[i]`. The difference is exact, and rounded to the result's type
    before it is multiplied. Without a zero point it is 0; one that is a float is subtracted in the result's type. Sums of
    products, of i32, have none.

    Rules:
    - `qnn.dequantize.R1` scale and zero point broadcast to the input.
    - `qnn.dequantize.R2` the zero point has the input's type or is a float; if the input has more than 16 bits there is none.

    Example:
    ```mlir
    %x = qnn.dequantize %q, %scale : (tensor<16x8x3x3xi8>, tensor<16x1x1x1xf32>) -> tensor<16x8x3x3xf32>
    ```
  }];
  let arguments = (ins NN_IntTensor:$input, NN_FloatTensor:$scale, Optional<NN_Tensor>:$zeroPoint);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $input `,` $scale (`zero` $zeroPoint^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasFolder = 1;
}

def QNN_RequantizeOp : QNN_ElementwiseOp<"requantize"> {
  let summary = "sums of products as integers of few bits";
  let description = [{
    `result[i] = clamp(round(sums[i] * scale[i]) + zeroPoint[i], low, high)`: the product is exact and rounded once,
    halves to even. Targets agree in every bit while sums are below 2^29 in magnitude, as those of 16,448 products are.
    `range` is [low, high], where an activation leaves less than the result's type holds.

    Rules:
    - `qnn.requantize.R1` scale and zero point broadcast to the sums.
    - `qnn.requantize.R2` sums are i32, scales f32, the zero point has the result's type of at most 16 bits.
    - `qnn.requantize.R3` the range is two integers of the result's type, the first not above the second.

    Example:
    ```mlir
    %q = qnn.requantize %sums, %scale zero %zero {range = array<i64: 3, 255>}
        : (tensor<?x16xi32>, tensor<16xf32>, tensor<ui8>) -> tensor<?x16xui8>
    ```
  }];
  let arguments = (ins NN_IntTensor:$sums, NN_FloatTensor:$scale, Optional<NN_IntTensor>:$zeroPoint,
                       OptionalAttr<DenseI64ArrayAttr>:$range);
  let results = (outs NN_IntTensor:$result);
  let assemblyFormat = [{
    $sums `,` $scale (`zero` $zeroPoint^)? attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// [low, high].
    std::pair<int64_t, int64_t> getBounds();
  }];
}

def QNN_TableOp : QNN_ElementwiseOp<"table"> {
  let summary = "a function of bytes";
  let description = [{
    `result[i] = table[input[i]]`: the byte at the place that the bits of the input say, read without a sign.

    Rules:
    - `qnn.table.R1` input and result are bytes, and the table has 256 of them.

    Example:
    ```mlir
    %y = qnn.table %x {table = array<i8: ...>} : (tensor<?x8xui8>) -> tensor<?x8xui8>
    ```
  }];
  let arguments = (ins NN_IntTensor:$input, DenseI8ArrayAttr:$table);
  let results = (outs NN_IntTensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

#endif // OPTC_QNN_QUANTIZE_TD
