//===- Broadcasting.h - operands that broadcast ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How an operand is read by an op whose result may be larger. Dimensions that are known to
// be 1 are dropped from the map. For a size that may or may not be 1 when the model runs the
// operand gets a guard in front:
//
//     %fits = (its size == the result's)
//     %y = scf.if %fits { yield %x } else { yield a copy of %x, repeated to the result's size }
//
// so that the op itself always reads sizes that are equal. Where the operand fits, which is
// what models nearly always do, the guard costs a comparison; `fuse-version-guards` keeps
// fusion going through it.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_CONVERSION_NNTOLINALG_BROADCASTING_H
#define OPTC_CONVERSION_NNTOLINALG_BROADCASTING_H

#include "lib/Conversion/NNToLinalg/Lowering.h"

namespace optc::nn {

/// Emits the checks that shapes broadcast to `result`, as far as they are not known to. Must be
/// called before broadcastOperand.
void requireBroadcast(mlir::ConversionPatternRewriter &rewriter, mlir::Location loc,
                      llvm::ArrayRef<Shape> operands, llvm::ArrayRef<DimExpr> result,
                      LoweringState &state);

/// A broadcast operand without its unit dimensions that the result does not have, and the map
/// from the result's dimensions to what remains.
struct BroadcastOperand {
  mlir::Value value;
  mlir::AffineMap map;
};
BroadcastOperand broadcastOperand(mlir::ConversionPatternRewriter &rewriter, mlir::Location loc,
                                  mlir::Value original, mlir::Value lowered,
                                  llvm::ArrayRef<DimExpr> resultShape, LoweringState &state);

} // namespace optc::nn

#endif // OPTC_CONVERSION_NNTOLINALG_BROADCASTING_H
