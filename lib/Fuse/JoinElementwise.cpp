//===- JoinElementwise.cpp - one op for a group of elementwise ops ---------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See JoinElementwise.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Fuse/JoinElementwise.h"
#include "lib/IR/Remarks.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace optc;
using namespace optc::fuse;

namespace {
/// %p = linalg.generic ins(%x) { f }               %c = linalg.generic ins(%x, %y) {
/// %q = linalg.generic ins(%p) { g }           ->    %p = f(%x); %q = g(%p)
/// %c = linalg.generic ins(%p, %q, %y) { h }         yield h(%p, %q, %y) }
class Join {
public:
  Join(const ElementwiseGroups &groups, const ElementwiseGroup &group)
      : groups(groups), group(group), root(group.root),
        members(group.producers.begin(), group.producers.end()) {
    members.push_back(root);
  }

  void run() {
    DenseSet<Operation *> seen;
    collectReads(root, seen);
    SmallVector<Value> inputs;
    SmallVector<AffineMap> maps;
    for (const Read &read : reads) {
      inputs.push_back(read.first);
      maps.push_back(read.second);
    }
    for (OpOperand &init : root.getDpsInitsMutable())
      maps.push_back(root.getMatchingIndexingMap(&init));
    auto locations =
        llvm::map_to_vector(members, [](linalg::GenericOp op) -> Location { return op.getLoc(); });
    OpBuilder builder(root);
    auto joined = linalg::GenericOp::create(
        builder, FusedLoc::get(root.getContext(), locations), root.getResultTypes(), inputs,
        root.getDpsInits(), maps, root.getIteratorTypesArray(),
        [&](OpBuilder &body, Location, ValueRange args) { buildBody(body, args); });
    joined->setDiscardableAttrs(root->getDiscardableAttrDictionary());
    for (linalg::GenericOp op : group.producers)
      remarkMade("fuse-elementwise", "chain", op, *op->user_begin());
    root->replaceAllUsesWith(joined);
    for (linalg::GenericOp op : llvm::reverse(members))
      op->erase();
  }

private:
  Read readOf(linalg::GenericOp op, OpOperand *operand) const {
    return {operand->get(), op.getMatchingIndexingMap(operand).compose(groups.mapOf(op))};
  }

  /// In the order in which the ops read them. As deep as a chain of the group, which is bounded.
  void collectReads(linalg::GenericOp op, DenseSet<Operation *> &seen) {
    if (!seen.insert(op).second)
      return;
    for (OpOperand *operand : readOperands(op)) {
      auto producer = operand->get().getDefiningOp<linalg::GenericOp>();
      if (producer && groups.groupOf(producer) == &group)
        collectReads(producer, seen);
      else if (op != root || op.isDpsInput(operand))
        reads.insert(readOf(op, operand));
    }
  }

  void buildBody(OpBuilder &builder, ValueRange args) {
    DenseMap<Read, Value> elements;
    for (auto [read, arg] : llvm::zip(reads, args))
      elements[read] = arg;
    // In the order of the program, so that what a body reads is there.
    for (linalg::GenericOp op : members) {
      IRMapping mapping;
      for (OpOperand *operand : readOperands(op)) {
        Value value = computed.lookup(operand->get());
        mapping.map(op.getMatchingBlockArgument(operand),
                    value ? value : elements.lookup(readOf(op, operand)));
      }
      if (op == root)
        mapping.map(op.getRegionOutputArgs(), args.take_back(op.getNumDpsInits()));
      for (Operation &inner : op.getBody()->without_terminator())
        builder.clone(inner, mapping);
      Operation *yield = op.getBody()->getTerminator();
      for (auto [result, value] : llvm::zip(op->getResults(), yield->getOperands()))
        computed[result] = mapping.lookupOrDefault(value);
    }
    auto results = llvm::map_to_vector(root->getResults(),
                                       [&](Value result) { return computed.lookup(result); });
    linalg::YieldOp::create(builder, root.getLoc(), results);
  }

  const ElementwiseGroups &groups;
  const ElementwiseGroup &group;
  linalg::GenericOp root;
  SmallVector<linalg::GenericOp> members; // in the order of the program
  llvm::SetVector<Read> reads;
  DenseMap<Value, Value> computed; // of the members, as elements
};
} // namespace

bool fuse::joinElementwise(const ElementwiseGroups &groups) {
  bool isAny = false;
  // Later ones first: what the others read is still what the groups were made for.
  for (const ElementwiseGroup &group : groups.get()) {
    if (group.producers.empty())
      continue;
    Join(groups, group).run();
    isAny = true;
  }
  return isAny;
}
