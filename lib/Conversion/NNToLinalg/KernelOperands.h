//===- KernelOperands.h - what lowerings to kernel ops share -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Accumulator types, operands read in the order they lie in memory, and window checks.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_CONVERSION_NNTOLINALG_KERNELOPERANDS_H
#define OPTC_CONVERSION_NNTOLINALG_KERNELOPERANDS_H

#include "dialects/NN/Windows.h"
#include "lib/Conversion/NNToLinalg/Lowering.h"

namespace optc::nn {

/// The type sums of products of `element` are held in: f32 for half precision, i32 for 8 bits whose
/// sums are stored so.
mlir::Type accumulatorType(mlir::Type element, mlir::Type result);

/// Whether an nn value's elements are integers without a sign.
bool isUnsigned(mlir::Value original);

/// A value and what each of its dimensions is: a dim of an op's iteration space.
struct MappedValue {
  mlir::Value value;
  llvm::SmallVector<unsigned> dims;
};

/// What transpose(x) is read as: x, with the dims in its order. `original` is the nn value.
MappedValue throughTranspose(mlir::ConversionPatternRewriter &rewriter, mlir::Value original,
                             MappedValue value);

/// Checks at run time that the windows fit into an input with dynamic spatial sizes.
void requireWindows(mlir::ConversionPatternRewriter &rewriter, mlir::Location loc,
                    const Windows &windows, mlir::Value original, LoweringState &state);

} // namespace optc::nn

#endif // OPTC_CONVERSION_NNTOLINALG_KERNELOPERANDS_H
