//===- TransposePusher.h - one op below a transpose ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How each op works on permuted dimensions; the walk is in PushTransposes.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_NN_PASSES_TRANSPOSEPUSHER_H
#define OPTC_DIALECTS_NN_PASSES_TRANSPOSEPUSHER_H

#include "dialects/NN/Builder.h"

namespace optc::nn {

using Permutation = llvm::ArrayRef<int64_t>;

/// transpose(input, permutation), where that is less: nothing, a reshape, or one transpose of
/// what `input` was transposed from.
mlir::Value buildTranspose(NNBuilder &b, mlir::Value input, Permutation permutation);

class TransposePusher {
public:
  TransposePusher(mlir::MLIRContext *context, SymbolicShapes &shapes) : b(context, shapes) {}

  /// Moves the transposes that make the operands of `op` below it, if it can. The op stays,
  /// without users.
  void visit(mlir::Operation *op);

private:
  mlir::Value undo(mlir::Value value, Permutation permutation, llvm::ArrayRef<DimExpr> result);
  mlir::Value undoWhole(mlir::Value value, Permutation permutation);
  mlir::Value joinTransposes(TransposeOp op);
  mlir::Value push(TransposableOpInterface op);

  NNBuilder b;
};

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_PASSES_TRANSPOSEPUSHER_H
