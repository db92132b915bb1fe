//===- ElementwiseGroups.h - which elementwise ops become one --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A group is an op, its root, with producers whose results nobody else reads: chains, and
// branches that meet again. Each producer is in one group only and is read there at one place
// per element, so that the joined body computes every value once, however often it is used.
// One sweep against the order of the program finds all groups: where an op comes, its users have
// their groups. Groups are bounded (BodyBound.h), so that time is linear in the number of ops.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_FUSE_ELEMENTWISEGROUPS_H
#define OPTC_FUSE_ELEMENTWISEGROUPS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <deque>

namespace optc::fuse {

/// A value that is read at `map` of the loops of a group's root.
using Read = std::pair<mlir::Value, mlir::AffineMap>;

struct ElementwiseGroup {
  mlir::linalg::GenericOp root;
  /// In the order of the program, without the root.
  std::deque<mlir::linalg::GenericOp> producers;
  /// From outside of the group.
  llvm::DenseSet<Read> reads;
  int64_t cost = 0;
};

/// A body that only passes on its argument costs nothing to repeat; nor does widening it, which
/// saves reading the wide form.
bool isTrivial(mlir::linalg::GenericOp op);
/// Whether the body computes positions, or reads tensors at them.
bool readsByIndex(mlir::linalg::GenericOp op);
/// The operands whose elements the body gets: inputs, and inits whose old elements it uses.
llvm::SmallVector<mlir::OpOperand *> readOperands(mlir::linalg::GenericOp op);

class ElementwiseGroups {
public:
  /// Those of all generics under `top`, with trivial producers joined already.
  explicit ElementwiseGroups(mlir::Operation *top);

  /// Later roots come first.
  const std::deque<ElementwiseGroup> &get() const { return groups; }
  /// From the loops of its group's root to those of an op.
  mlir::AffineMap mapOf(mlir::Operation *op) const { return places.lookup(op).map; }
  const ElementwiseGroup *groupOf(mlir::Operation *op) const { return places.lookup(op).group; }
  /// What stays apart, as remarks.
  void reportRefusals() const;

private:
  struct Place {
    ElementwiseGroup *group = nullptr;
    mlir::AffineMap map;
  };
  struct Refusal {
    mlir::linalg::GenericOp producer, consumer;
    llvm::StringRef reason;
  };

  void visit(mlir::linalg::GenericOp op);
  llvm::StringRef findPlace(mlir::linalg::GenericOp op, Place &place) const;
  llvm::StringRef placeAt(mlir::OpOperand &use, Place &place) const;
  static llvm::DenseSet<Read> readsOf(mlir::linalg::GenericOp op, mlir::AffineMap map);
  static llvm::DenseSet<Read> readsWith(mlir::linalg::GenericOp op, const Place &place);

  std::deque<ElementwiseGroup> groups; // stay where they are
  llvm::DenseMap<mlir::Operation *, Place> places;
  std::vector<Refusal> refusals;
};

} // namespace optc::fuse

#endif // OPTC_FUSE_ELEMENTWISEGROUPS_H
