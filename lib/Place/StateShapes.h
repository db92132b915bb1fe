//===- StateShapes.h - which states of loops keep their shape -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A state keeps its shape if what the body hands on has the sizes of what the loop starts with.
// In nested loops one such claim rests on others: all states are taken to keep theirs, and
// what turns out not to is taken out until the rest holds. That is a proof by induction over
// the iterations of all loops together.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_PLACE_STATESHAPES_H
#define OPTC_PLACE_STATESHAPES_H

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/DenseMap.h"

namespace optc::place {

/// A tensor that goes from one iteration to the next: what the body yields, the argument
/// of the body that it becomes, and what the loop starts with.
struct LoopState {
  mlir::OpOperand *next;
  mlir::Value current, init;
};

/// The tensors that a loop carries. Of a while loop those that its condition forwards as they are.
llvm::SmallVector<LoopState> statesOf(mlir::scf::ForOp loop);
llvm::SmallVector<LoopState> statesOf(mlir::scf::WhileOp loop);

class StateShapes {
public:
  explicit StateShapes(mlir::Operation *root);
  /// Whether the state has the shape of what its loop starts with, in every iteration.
  bool keepsShape(const LoopState &state) const { return sameAs.contains(state.current); }

private:
  /// A constant (no value), an index (dimension -1) or a dimension of a tensor.
  struct Size {
    mlir::Value value;
    int64_t number;
  };

  bool holds(const LoopState &state) const;
  Size sizeOf(mlir::Value tensor, int64_t dim) const;
  Size sizeOf(mlir::OpFoldResult size) const;
  bool areEqual(Size a, Size b) const;

  /// A value that is a state in some iteration, and what its loop starts with.
  llvm::DenseMap<mlir::Value, mlir::Value> sameAs;
};

} // namespace optc::place

#endif // OPTC_PLACE_STATESHAPES_H
