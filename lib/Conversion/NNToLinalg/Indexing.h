//===- Indexing.h - computed positions and sequential loops --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the lowerings of gathers, scatters, slices and other ops share that read or write
// at computed positions: generics whose elements depend on their position, checked indices,
// loops that carry tensors, and sizes that only the data knows.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_CONVERSION_NNTOLINALG_INDEXING_H
#define OPTC_CONVERSION_NNTOLINALG_INDEXING_H

#include "lib/Conversion/NNToLinalg/Lowering.h"
#include "lib/Conversion/NNToLinalg/ScalarBody.h"

namespace optc::nn {

/// linalg.generic over all dimensions of `init`: an element of the result is what `element` makes
/// of one element of each input, read through its map, and of its own position (loopPositions).
mlir::Value
buildGeneric(ScalarBuilder &b, mlir::Value init, mlir::ValueRange inputs,
             llvm::ArrayRef<mlir::AffineMap> maps,
             llvm::function_ref<mlir::Value(ScalarBuilder &b, mlir::ValueRange read)> element);

/// In the body of a generic: the current positions along the dimensions [begin, end).
llvm::SmallVector<mlir::Value> loopPositions(ScalarBuilder &b, int64_t begin, int64_t end);

/// A stored index of nn type `type` as a position in [0, size): negative ones count from the
/// end, what is out of range then marks the run as failed.
mlir::Value resolveIndex(ScalarBuilder &b, mlir::Value stored, mlir::Type type, mlir::Value size);

/// All elements of a tensor of indices resolved, as i64. `indices` is the nn value.
mlir::Value resolveIndices(ScalarBuilder &b, mlir::Value indices, mlir::Value lowered,
                           mlir::Value size);

/// All sizes of an nn value as index values.
llvm::SmallVector<mlir::Value> sizeValues(mlir::ConversionPatternRewriter &rewriter,
                                          mlir::Location loc, mlir::Value original,
                                          LoweringState &state);

/// for i... in [0, sizes...): carried = body(i..., carried). Loops nest in the order of the
/// sizes; tensors are carried in place.
llvm::SmallVector<mlir::Value> buildLoops(
    ScalarBuilder &b, llvm::ArrayRef<mlir::Value> sizes, mlir::ValueRange carried,
    llvm::function_ref<llvm::SmallVector<mlir::Value>(ScalarBuilder &b, mlir::ValueRange indices,
                                                      mlir::ValueRange carried)>
        body);

/// The size that the code has computed for a dimension of a result: where the type states it,
/// that one, checked to be equal.
mlir::OpFoldResult dataSize(ScalarBuilder &b, mlir::Value computed, mlir::RankedTensorType type,
                            int64_t dim);

/// How elements are combined, as an elementwise function.
BinaryKind combiner(ReduceKind kind);

/// The value that changes nothing when combined, of the type scalar code uses for `type`.
mlir::Value neutralElement(ScalarBuilder &b, ReduceKind kind, mlir::Type type);

} // namespace optc::nn

#endif // OPTC_CONVERSION_NNTOLINALG_INDEXING_H
