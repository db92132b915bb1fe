//===- WideConcat.h - concatenations of many pieces -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inserts into one tensor are a chain of values that share memory, and bufferization looks at
// all pairs of them and at all between each two. So a concatenation of many pieces has its memory
// before there are tensors in it:
//
//     %y = tensor.concat dim(0) %a, %b, ...
//   ->
//     %m = memref.alloc                       // where its size is known, in front of all else
//     %va = memref.subview %m[0] ..., %vb = memref.subview %m[size of %a] ...
//     ...
//     bufferization.materialize_in_destination %a in restrict writable %va
//     bufferization.materialize_in_destination %b in restrict writable %vb
//     %y = bufferization.to_tensor %m restrict
//
// The elimination of empty tensors lets the producer of %a write to %va. For the analysis of
// bufferization every view is memory of its own. That is right as long as nothing is written to %m
// behind %y: %y is not writable, and a piece that someone may write into later is copied first.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_PLACE_WIDECONCAT_H
#define OPTC_PLACE_WIDECONCAT_H

#include "lib/Place/EarlyValues.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/DenseMap.h"
#include <memory>

namespace optc::place {

class WideConcats {
public:
  /// Replaces concatenations, which are in the order of the program.
  void run(llvm::ArrayRef<mlir::tensor::ConcatOp> concats);

private:
  /// Where the pieces are along the axis, and how large the whole is.
  struct Layout {
    llvm::SmallVector<mlir::OpFoldResult> offsets, extents, sizes;
    /// All that is not known to the compiler.
    llvm::SmallVector<mlir::Value> values() const;
  };

  Layout findLayout(mlir::tensor::ConcatOp concat) const;
  mlir::OpFoldResult sizeOf(mlir::OpBuilder &builder, mlir::Value tensor, int64_t dim) const;
  mlir::Value takeDestination(mlir::tensor::ConcatOp concat);
  void place(mlir::tensor::ConcatOp concat);
  EarlyValues &earlyIn(mlir::Block *block);

  llvm::DenseMap<mlir::Operation *, Layout> layouts;
  /// What was moved up in each block so far is not moved again.
  llvm::DenseMap<mlir::Block *, std::unique_ptr<EarlyValues>> early;
};

} // namespace optc::place

#endif // OPTC_PLACE_WIDECONCAT_H
