//===- ElementwiseGroups.cpp - which elementwise ops become one ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See ElementwiseGroups.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Fuse/ElementwiseGroups.h"
#include "lib/IR/BodyBound.h"
#include "lib/IR/Remarks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Iterators.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace optc;
using namespace optc::fuse;

bool fuse::isTrivial(linalg::GenericOp op) {
  return llvm::all_of(op.getBody()->without_terminator(),
                      [](Operation &inner) { return isa<arith::ExtFOp>(inner); });
}

bool fuse::readsByIndex(linalg::GenericOp op) {
  return op
      .walk([](Operation *inner) {
        bool reads = isa<tensor::ExtractOp, linalg::IndexOp>(inner);
        return reads ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

SmallVector<OpOperand *> fuse::readOperands(linalg::GenericOp op) {
  SmallVector<OpOperand *> operands = op.getDpsInputOperands();
  for (OpOperand &init : op.getDpsInitsMutable())
    if (op.payloadUsesValueFromOperand(&init))
      operands.push_back(&init);
  return operands;
}

/// An op may move into a branch, where it runs at most as often, but not into a loop.
static bool runsOftener(Operation *consumer, Operation *producer) {
  Operation *parent = consumer->getParentOp();
  while (parent && parent != producer->getParentOp() && isa<scf::IfOp>(parent))
    parent = parent->getParentOp();
  return parent != producer->getParentOp();
}

/// Whether the sizes of all loops of `root` follow from what it writes and reads.
static bool knowsItsLoops(linalg::GenericOp root, const DenseSet<Read> &reads) {
  llvm::SmallBitVector known(root.getNumLoops());
  auto add = [&](AffineMap map) {
    for (AffineExpr result : map.getResults())
      if (auto dim = dyn_cast<AffineDimExpr>(result))
        known.set(dim.getPosition());
  };
  for (OpOperand &init : root.getDpsInitsMutable())
    add(root.getMatchingIndexingMap(&init));
  for (const Read &read : reads)
    add(read.second);
  return known.all();
}

ElementwiseGroups::ElementwiseGroups(Operation *top) {
  top->walk<WalkOrder::PreOrder, ReverseIterator>([&](linalg::GenericOp op) {
    if (op.hasPureTensorSemantics())
      visit(op);
  });
}

void ElementwiseGroups::visit(linalg::GenericOp op) {
  Place place;
  StringRef reason = findPlace(op, place);
  if (!reason.empty() || !place.group) {
    Operation *last = nullptr;
    for (Operation *user : op->getUsers())
      if (auto consumer = dyn_cast<linalg::GenericOp>(user); consumer && user != last) {
        refusals.push_back({op, consumer, reason});
        last = user;
      }
    AffineMap identity = AffineMap::getMultiDimIdentityMap(op.getNumLoops(), op.getContext());
    groups.push_back({op, {}, readsOf(op, identity), bodyCost(op.getRegion())});
    places[op] = {&groups.back(), identity};
    return;
  }
  ElementwiseGroup &group = *place.group;
  group.reads = readsWith(op, place);
  group.cost += bodyCost(op.getRegion());
  group.producers.push_front(op);
  places[op] = place;
}

/// Where `op` can be computed for all of its users at once; else why it cannot, and no reason if
/// it has no users.
StringRef ElementwiseGroups::findPlace(linalg::GenericOp op, Place &place) const {
  if (op->use_empty())
    return {};
  if (readsByIndex(op))
    return "the producer reads by index";
  for (OpOperand &use : op->getUses())
    if (StringRef reason = placeAt(use, place); !reason.empty())
      return reason;
  if (runsOftener(place.group->root, op))
    return "the consumer runs in a loop";
  DenseSet<Read> reads = readsWith(op, place);
  if (!knowsItsLoops(place.group->root, reads))
    return "the joined loops would not know their sizes";
  if (place.group->cost + bodyCost(op.getRegion()) > mostBodyCost)
    return bodyTooLarge;
  if (reads.size() > std::max<size_t>(mostBodyReads, place.group->reads.size()))
    return bodyReadsTooMuch;
  return {};
}

/// Whether the op can be computed where `use` reads it, which is `place` if that is set already.
StringRef ElementwiseGroups::placeAt(OpOperand &use, Place &place) const {
  auto producer = cast<linalg::GenericOp>(use.get().getDefiningOp());
  auto consumer = dyn_cast<linalg::GenericOp>(use.getOwner());
  Place found = places.lookup(use.getOwner());
  if (!consumer || !found.group)
    return "the producer has other users";
  // Trivial producers are joined already where that is possible.
  if (isTrivial(producer) || !linalg::areElementwiseOpsFusable(&use))
    return "the producer is not elementwise";
  AffineMap map = consumer.getMatchingIndexingMap(&use);
  if (map.getNumResults() != consumer.getNumLoops())
    return "the consumer reads each element more than once";
  if (place.group && place.group != found.group)
    return "the producer has other users";
  AffineMap written = producer.getIndexingMapMatchingResult(cast<OpResult>(use.get()));
  found.map = inversePermutation(written).compose(map.compose(found.map));
  if (place.group && place.map != found.map)
    return "the consumer reads the elements in two orders";
  place = found;
  return {};
}

DenseSet<Read> ElementwiseGroups::readsOf(linalg::GenericOp op, AffineMap map) {
  DenseSet<Read> reads;
  for (OpOperand *operand : readOperands(op))
    reads.insert({operand->get(), op.getMatchingIndexingMap(operand).compose(map)});
  return reads;
}

/// What the group at `place` reads once `op` belongs to it.
DenseSet<Read> ElementwiseGroups::readsWith(linalg::GenericOp op, const Place &place) {
  DenseSet<Read> reads = readsOf(op, place.map);
  for (const Read &read : place.group->reads)
    if (read.first.getDefiningOp() != op)
      reads.insert(read);
  return reads;
}

void ElementwiseGroups::reportRefusals() const {
  for (const Refusal &refusal : llvm::reverse(refusals))
    remarkRefused("fuse-elementwise", "chain", refusal.producer, refusal.consumer, refusal.reason);
}
