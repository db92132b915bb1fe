//===- Transposable.h - ops that transposes move through -----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What implementations of TransposableOpInterface share.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_NN_TRANSPOSABLE_H
#define OPTC_DIALECTS_NN_TRANSPOSABLE_H

#include "mlir/IR/Operation.h"

namespace optc::nn {

class NNBuilder;

/// A copy of `op` with other first operands, changed before its result type is inferred.
mlir::Value rebuildOn(mlir::Operation *op, NNBuilder &b, mlir::ValueRange data,
                      llvm::function_ref<void(mlir::Operation *)> change = {});

/// `axes` of a tensor, as those of what it is a transpose of.
llvm::SmallVector<int64_t> mapAxes(llvm::ArrayRef<int64_t> axes,
                                   llvm::ArrayRef<int64_t> permutation);

/// p with p[permutation[i]] = i.
llvm::SmallVector<int64_t> invertPermutation(llvm::ArrayRef<int64_t> permutation);

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_TRANSPOSABLE_H
