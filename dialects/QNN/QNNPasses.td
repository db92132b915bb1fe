//===- QNNPasses.td - passes of the qnn dialect -------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From what models say about integers to computing with them.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_QNN_PASSES_TD
#define OPTC_QNN_PASSES_TD

include "mlir/Pass/PassBase.td"

def QNNRaiseQuantize : Pass<"qnn-raise-quantize", "::mlir::func::FuncOp"> {
  let summary = "move quantizations above and dequantizations below what only moves elements";
  let description = [{
    quantize(move(x)) = move(quantize(x)): what is moved has a quarter of the bytes then, and a quantization meets the op that
    computes its input, or a dequantization by the same scale, and is gone. Quantized data with a sign whose users only
    ask what they stand for lose the sign (q + 128), if `unsigned` says that the target multiplies those better.

    - Needs: nn and qnn ops with inferred types.
    - Leaves: no quantization behind a reshape, transpose, slice, pad or concatenation that has no other user, no dequantization
      in front of one of these that moves one tensor, or of a gather.
    - Does not: look at scales per channel, but of what is transposed.

    Example: test/dialects/QNN/raise-quantize.mlir
  }];
  let options = [Option<"unsignedData", "unsigned", "bool", "true", "prefer quantized data without a sign">];
  let dependentDialects = ["::optc::nn::NNDialect", "::optc::qnn::QNNDialect"];
}

def QNNFormBlocks : Pass<"qnn-form-blocks", "::mlir::func::FuncOp"> {
  let summary = "multiply with constant weights that are quantized in blocks as they are stored";
  let description = [{
    x * transpose(reshape(dequantize(codes))), with codes [N, blocks, block] and a scale for each block, becomes
    `qnn.block_matmul`. Where x is the dequantization of bytes in the same blocks, their integers are multiplied. So do
    products of floats with a constant of bytes [K, N] that have one scale per column: all of K is a block.

    - Needs: nn and qnn ops with inferred types.
    - Leaves: no product of such a weight that could be one of codes; a remark for each it made or did not.
    - Does not: quantize anything: x stays what it is.

    Example: test/dialects/QNN/form-blocks.mlir
  }];
  let dependentDialects = ["::optc::nn::NNDialect", "::optc::qnn::QNNDialect"];
}

def QNNFormIntegers : Pass<"qnn-form-integers", "::mlir::func::FuncOp"> {
  let summary = "multiply what is quantized as integers";
  let description = [{
    conv(dequantize(x), dequantize(w)) = dequantize(conv(x, w)) with the product of the scales, where x and w are integers of 8 bits, and
    so for matrix products. A bias and bounds (relu, clip) between that and a quantization join it: what is left is
    `qnn.requantize` of the sums and an integer bias.

    - Needs: nn and qnn ops with inferred types, channels-last data.
    - Leaves: no product of two dequantized tensors that could be one of integers; a remark for each it made or did not.
    - Does not: make integers of sums that a transposed convolution makes, or of products of two tensors that only the run knows: no
      target multiplies these well yet.

    Example: test/dialects/QNN/form-integers.mlir
  }];
  let options = [Option<"together", "together", "int64_t", "1",
      "fill products up to a multiple of so many neighbouring elements">];
  let dependentDialects = ["::optc::nn::NNDialect", "::optc::qnn::QNNDialect"];
}

def QNNFormTables : Pass<"qnn-form-tables", "::mlir::func::FuncOp"> {
  let summary = "look functions of bytes up";
  let description = [{
    What is computed of one tensor of bytes with numbers that are the same for all elements, and quantized to bytes again, is a
    function of 256 values: `qnn.table`, of as many steps as there are between the bytes.

    - Needs: nn and qnn ops with inferred types; integers formed.
    - Leaves: no elementwise ops between two tensors of bytes that could be a table, and are read by nothing else.
    - Does not: make tables of what only changes the scale, which is as fast as it is.

    Example: test/dialects/QNN/form-tables.mlir
  }];
  let dependentDialects = ["::optc::nn::NNDialect", "::optc::qnn::QNNDialect"];
}

#endif // OPTC_QNN_PASSES_TD
