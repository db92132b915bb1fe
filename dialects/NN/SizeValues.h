//===- SizeValues.h - sizes as nn ops ------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The way back from symbolic sizes to values of the model, for passes that build reshapes.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_NN_SIZEVALUES_H
#define OPTC_DIALECTS_NN_SIZEVALUES_H

#include "dialects/NN/Builder.h"

namespace optc::nn {

/// One size as tensor<1xi64>, computed from the values its symbols belong to.
mlir::Value buildSize(NNBuilder &b, DimExpr size);

/// The shape operand of a reshape of `input` to these sizes: a constant where at most one is
/// dynamic.
mlir::Value buildReshapeSizes(NNBuilder &b, mlir::Value input, llvm::ArrayRef<DimExpr> sizes);

/// reshape(input) to these sizes, through reshapes that make `input`; `input` or what it was
/// reshaped from if that has them already.
mlir::Value reshapeTo(NNBuilder &b, mlir::Value input, llvm::ArrayRef<DimExpr> sizes);

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_SIZEVALUES_H
