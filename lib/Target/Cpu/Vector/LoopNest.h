//===- LoopNest.h - memrefs seen from a loop nest ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The view the row emitters have of an op on memrefs: a set of loop dimensions, and per
// operand one flat buffer with a stride (in elements) for each of them. Transposed,
// broadcast, sliced and windowed accesses are all the same thing then: other strides.
//
// Example: out[i][j] = a[i][j] + b[j] over memref<4x8>, with loop dims (i, j):
//   out (8, 1), a (8, 1), b (0, 1). Here i and j cannot merge, because of b. Without b they
// merge into one dim of 32 with stride 1, and short rows become a long one.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_VECTOR_LOOPNEST_H
#define OPTC_TARGET_CPU_VECTOR_LOOPNEST_H

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/SmallBitVector.h"

namespace optc::cpu {

struct NestDim {
  mlir::OpFoldResult size;
  bool reduction = false;
  /// The dimension of the op this is, or -1 once it is several of them merged.
  int64_t iterator = -1;
};

struct NestOperand {
  mlir::Value memref;
  /// All of the memref's memory as a 1-D memref: element (i, j, ...) of the nest is
  /// flat[i * strides[0] + j * strides[1] + ...].
  mlir::Value flat;
  mlir::Type element;
  bool output = false;
  llvm::SmallVector<mlir::OpFoldResult> strides;
};

/// What is needed to build a nest.
struct NestOperandSpec {
  mlir::Value memref;
  mlir::AffineMap map;
  bool output = false;
};

class LoopNest {
public:
  llvm::SmallVector<NestDim> dims;
  llvm::SmallVector<NestOperand> operands;

  /// Builds sizes, strides and flat views at `builder`. Fails, with nothing built, when a map
  /// is not affine-linear or a layout is not strided. Every dim must be a dim of some
  /// operand, or have its size in `knownSizes` (one per dim, null where unknown).
  static mlir::FailureOr<LoopNest> get(mlir::OpBuilder &builder, mlir::Location loc,
                                       llvm::ArrayRef<NestOperandSpec> operands,
                                       const llvm::SmallBitVector &reductions,
                                       llvm::ArrayRef<mlir::OpFoldResult> knownSizes = {});

  /// Drops dims of static size 1 and merges dims that all operands walk through as if they
  /// were one. Iterators in `fixed` are not merged (their position is asked for).
  void simplify(mlir::OpBuilder &builder, mlir::Location loc, const llvm::SmallBitVector &fixed);

  /// The static stride of an operand along a dim, or nothing.
  std::optional<int64_t> staticStride(const NestOperand &operand, unsigned dim) const {
    return mlir::getConstantIntValue(operand.strides[dim]);
  }
  /// The offset of every operand, moved by positions along some dims.
  llvm::SmallVector<mlir::Value> advance(mlir::OpBuilder &builder, mlir::Location loc,
                                         mlir::ValueRange offsets, llvm::ArrayRef<unsigned> along,
                                         mlir::ValueRange positions) const;

  std::optional<int64_t> staticSize(unsigned dim) const {
    return mlir::getConstantIntValue(dims[dim].size);
  }

private:
  /// Pairs (a, b) of dims per operand known to satisfy stride a = stride b * size b.
  llvm::SmallVector<llvm::SmallVector<llvm::SmallBitVector>> nested;

  bool isNested(unsigned operand, unsigned outer, unsigned inner) const;
  bool canMerge(unsigned outer, unsigned inner) const;
  void erase(unsigned dim);
};

/// Of indices, folded when both are constants: lhs * rhs, lhs + rhs, and of sizes the smaller, the
/// larger, floor(lhs / rhs) and ceil(lhs / rhs), where rhs is positive.
mlir::OpFoldResult mulIndex(mlir::OpBuilder &builder, mlir::Location loc, mlir::OpFoldResult lhs,
                            mlir::OpFoldResult rhs);
mlir::OpFoldResult addIndex(mlir::OpBuilder &builder, mlir::Location loc, mlir::OpFoldResult lhs,
                            mlir::OpFoldResult rhs);
mlir::OpFoldResult minIndex(mlir::OpBuilder &builder, mlir::Location loc, mlir::OpFoldResult lhs,
                            mlir::OpFoldResult rhs);
mlir::OpFoldResult maxIndex(mlir::OpBuilder &builder, mlir::Location loc, mlir::OpFoldResult lhs,
                            mlir::OpFoldResult rhs);
mlir::OpFoldResult floorDivIndex(mlir::OpBuilder &builder, mlir::Location loc,
                                 mlir::OpFoldResult lhs, mlir::OpFoldResult rhs);
mlir::OpFoldResult ceilDivIndex(mlir::OpBuilder &builder, mlir::Location loc,
                                mlir::OpFoldResult lhs, mlir::OpFoldResult rhs);
mlir::OpFoldResult ceilDivIndex(mlir::OpBuilder &builder, mlir::Location loc,
                                mlir::OpFoldResult lhs, int64_t rhs);
mlir::Value indexValue(mlir::OpBuilder &builder, mlir::Location loc, mlir::OpFoldResult value);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_VECTOR_LOOPNEST_H
