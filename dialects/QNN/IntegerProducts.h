//===- IntegerProducts.h - products of quantized integers ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products are summed as they are stored, in i32, and zero points are taken off the sums:
//   sum (a - za)(w - zw) = sum a w - za sum w - zw (sum a - K za)
// where sum w is a constant of constant weights, and zw is 0 in most models.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_QNN_INTEGERPRODUCTS_H
#define OPTC_DIALECTS_QNN_INTEGERPRODUCTS_H

#include "dialects/NN/Builder.h"

namespace optc::qnn {

/// Integers of 8 bits, and what is taken off each before it is multiplied: null, a number, or one
/// per row (data of a matrix product) or output (weights).
struct StoredIntegers {
  mlir::Value value, zeroPoint;
};

/// The matrix product over the last two dims, in i32. Both have a rank of at least 2.
mlir::Value buildIntegerMatmul(nn::NNBuilder &b, StoredIntegers lhs, StoredIntegers rhs);

/// What a convolution's windows are.
struct ConvWindows {
  llvm::SmallVector<int64_t> strides, dilations, pads;
  int64_t group;
};

/// The convolution of channels-last data, in i32. Their zero point is one number, which stands in
/// the border. The filter's shape is static.
mlir::Value buildIntegerConv(nn::NNBuilder &b, StoredIntegers input, StoredIntegers filter,
                             const ConvWindows &windows);

} // namespace optc::qnn

#endif // OPTC_DIALECTS_QNN_INTEGERPRODUCTS_H
