//===- Quantization.h - scales and zero points ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the handlers of quantized ONNX ops share: real = (stored - zero point) * scale.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_QUANTIZATION_H
#define OPTC_IMPORT_ONNX_QUANTIZATION_H

#include "dialects/NN/Builder.h"
#include "dialects/QNN/IntegerProducts.h"

namespace optc::onnximport {

/// ONNX's quantization, where halves round to even. `zeroPoint` may be null.
mlir::Value quantize(nn::NNBuilder &b, mlir::Value x, mlir::Value scale, mlir::Value zeroPoint,
                     mlir::Type type);

/// What sums of products of quantized numbers, in i32, are as quantized numbers: `scale` is that of
/// the products over that of the result.
mlir::Value requantize(nn::NNBuilder &b, mlir::Value sums, mlir::Value scale, mlir::Value zeroPoint,
                       mlir::Type type);

struct QuantizedTensor {
  mlir::Value integers, scale, zeroPoint;
};

/// With the scale of its own range: [min x, max x] and 0 is what [0, 255] stands for. Of zeros
/// alone the scale is 1, as newer texts of DynamicQuantizeLinear and ONNX Runtime have it; the
/// function body divides by 0.
QuantizedTensor quantizeDynamically(nn::NNBuilder &b, mlir::Value x, mlir::Type type);

/// numpy's matmul of integers, in i32; the dims of vectors are not in the result.
mlir::Value integerMatmul(nn::NNBuilder &b, qnn::StoredIntegers lhs, qnn::StoredIntegers rhs);

/// A scale or zero point of one element (a scalar), or of one per position along `axis` of a
/// tensor of `rank`, in a shape that broadcasts to it.
mlir::Value alongAxis(nn::NNBuilder &b, mlir::Value parameter, int64_t rank, int64_t axis);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_QUANTIZATION_H
