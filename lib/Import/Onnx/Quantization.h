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

namespace optc::onnximport {

/// ONNX's quantization, where halves round to even. `zeroPoint` may be null.
mlir::Value quantize(nn::NNBuilder &b, mlir::Value x, mlir::Value scale, mlir::Value zeroPoint,
                     mlir::Type type);

/// What sums of products of quantized numbers, in i32, are as quantized numbers: `scale` is that of
/// the products over that of the result.
mlir::Value requantize(nn::NNBuilder &b, mlir::Value sums, mlir::Value scale, mlir::Value zeroPoint,
                       mlir::Type type);

/// A scale or zero point of one element (a scalar), or of one per position along `axis` of a
/// tensor of `rank`, in a shape that broadcasts to it.
mlir::Value alongAxis(nn::NNBuilder &b, mlir::Value parameter, int64_t rank, int64_t axis);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_QUANTIZATION_H
