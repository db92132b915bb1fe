//===- ConstantFold.h - evaluation of small constants --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constant folding of elementwise ops and data movement on constants up to a size bound.
// Only what shape arithmetic and weight preparation (batch norms, scales) need; larger
// constants are computed when the model runs.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_NN_CONSTANTFOLD_H
#define OPTC_DIALECTS_NN_CONSTANTFOLD_H

#include "dialects/NN/NN.h"

namespace optc::nn {

/// Results with more elements are not folded.
constexpr int64_t maxFoldedElements = 1 << 16;

/// The elements of a constant, or nothing when it is large or not of a foldable type. Dense and
/// resource attributes alike. 8- to 64-bit integers, i1; f16, bf16, f32, f64.
std::optional<llvm::SmallVector<double>> readFloats(mlir::Attribute value);
std::optional<llvm::SmallVector<int64_t>> readInts(mlir::Attribute value);

/// The same as a constant of a type; floats are rounded to it, integers wrap.
mlir::DenseElementsAttr makeFloats(mlir::RankedTensorType type, llvm::ArrayRef<double> values);
mlir::DenseElementsAttr makeInts(mlir::RankedTensorType type, llvm::ArrayRef<int64_t> values);

/// a op b on 64-bit numbers that wrap around; nothing if the machine could not divide, and for
/// kinds that are not folded.
std::optional<int64_t> combineInts(BinaryKind kind, int64_t a, int64_t b);

/// kind(x), as a library computes it; nothing for kinds that are none of numbers.
std::optional<double> computeUnary(UnaryKind kind, double x);

/// value op rhs under numpy broadcasting into `type`; null when not foldable.
mlir::OpFoldResult foldBinary(BinaryKind kind, mlir::Attribute lhs, mlir::Attribute rhs,
                              mlir::RankedTensorType type);
mlir::OpFoldResult foldUnary(UnaryKind kind, mlir::Attribute input, mlir::RankedTensorType type);
mlir::OpFoldResult foldCast(mlir::Attribute input, mlir::RankedTensorType type);
/// Moves elements: element i of the result is element source[i] of the input.
mlir::OpFoldResult foldMove(mlir::Attribute input, mlir::RankedTensorType type,
                            llvm::function_ref<int64_t(llvm::ArrayRef<int64_t>)> source);

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_CONSTANTFOLD_H
