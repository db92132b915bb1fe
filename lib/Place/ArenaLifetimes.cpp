//===- ArenaLifetimes.cpp - which buffers the arena can hold, and when they live -===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See ArenaLifetimes.h. In-place reuse is decided here, once: the buffer of an input that
// dies at an elementwise op becomes the buffer of its output. Leaving it to the planner
// (input ends one tick before output starts) would be wrong, as it may overlap two buffers
// at different offsets.
//
//===----------------------------------------------------------------------===//
#include "lib/Place/ArenaLifetimes.h"
#include "lib/Place/ShapeComputations.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace optc::place;

ArenaLifetimes::ArenaLifetimes(func::FuncOp function) : function(function), flow(function) {
  int64_t tick = 0;
  numberOps(function, tick);
  function.walk<WalkOrder::PreOrder>([&](memref::AllocOp alloc) {
    ArenaBuffer buffer{alloc, nullptr, 0, 0};
    if (!hasStaticPlan(alloc) || !findLifetime(buffer))
      return;
    bufferOf[alloc] = buffers.size();
    buffers.push_back(buffer);
  });
  shareInPlace();
}

void ArenaLifetimes::numberOps(Operation *op, int64_t &tick) {
  int64_t first = tick++;
  for (Region &region : op->getRegions())
    for (Operation &nested : region.getOps())
      numberOps(&nested, tick);
  ticks[op] = {first, tick++};
}

bool ArenaLifetimes::hasStaticPlan(memref::AllocOp alloc) {
  auto function = alloc->getParentOfType<func::FuncOp>();
  return llvm::all_of(alloc.getDynamicSizes(),
                      [&](Value size) { return followsFromShapes(size, function); });
}

/// False if the buffer outlives the iteration that allocates it, or the function.
bool ArenaLifetimes::findLifetime(ArenaBuffer &buffer) const {
  BufferViewFlowAnalysis::ValueSetT aliases = flow.resolve(buffer.alloc);
  buffer.scope = buffer.alloc->getBlock();
  // A result of an op around the allocation widens the scope to that op's block.
  for (Value alias : aliases) {
    Block *block = alias.getParentBlock();
    if (block->getParentOp()->isProperAncestor(buffer.scope->getParentOp()))
      buffer.scope = block;
  }
  for (Operation *op = buffer.alloc->getParentOp(); op != buffer.scope->getParentOp();
       op = op->getParentOp())
    if (isa<LoopLikeOpInterface>(op))
      return false;
  std::tie(buffer.first, buffer.last) = ticks.lookup(buffer.alloc);
  bool used = false;
  for (Value alias : aliases) {
    // An argument of a region around the allocation: carried to the next iteration.
    if (auto arg = dyn_cast<BlockArgument>(alias))
      if (arg.getOwner()->getParentOp()->isAncestor(buffer.alloc))
        return false;
    for (Operation *user : alias.getUsers()) {
      if (isa<ViewLikeOpInterface>(user))
        continue; // another alias, made as early as its place is known: no use yet
      Operation *op = buffer.scope->findAncestorOpInBlock(*user);
      if (!op || (isa<func::ReturnOp>(op)))
        return false;
      auto [first, last] = ticks.lookup(op);
      buffer.first = used ? std::min(buffer.first, first) : first;
      buffer.last = used ? std::max(buffer.last, last) : last;
      used = true;
    }
  }
  return true;
}

/// Whether `op` may write element i of `init` over element i of `input`: it reads that
/// element of the input, and nothing else of it, before it writes.
static bool mayOverwrite(Operation *op, OpOperand &init, OpOperand &input) {
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return linalgOp.getMatchingIndexingMap(&init).isIdentity() &&
           linalgOp.getMatchingIndexingMap(&input).isIdentity() &&
           linalgOp.getNumParallelLoops() == linalgOp.getNumLoops() &&
           !linalgOp.payloadUsesValueFromOperand(&init);
  auto kernelOp = dyn_cast<bufferization::BufferizableOpInterface>(op);
  if (!kernelOp || !isa<optc::kernel::KernelDialect>(op->getDialect()))
    return false;
  bufferization::BufferizationOptions options;
  bufferization::AnalysisState state(options);
  return !kernelOp.bufferizesToMemoryRead(init, state) &&
         kernelOp.bufferizesToElementwiseAccess(state, {&init, &input});
}

/// Whether two allocations have the same type and sizes, as far as visible.
static bool sameSize(memref::AllocOp a, memref::AllocOp b) {
  return a.getType() == b.getType() && a.getDynamicSizes() == b.getDynamicSizes();
}

/// Whether nothing in front of the op has the buffer as an operand, not even a view.
bool ArenaLifetimes::isUntouchedBefore(Operation *op, const ArenaBuffer &buffer) const {
  return llvm::all_of(buffer.alloc->getUsers(), [&](Operation *user) {
    return ticks.lookup(user).first >= ticks.lookup(op).first;
  });
}

/// The buffer whose memory a buffer uses in the end.
int64_t ArenaLifetimes::rootOf(int64_t buffer) const {
  while (buffer >= 0 && buffers[buffer].sharesWith >= 0)
    buffer = buffers[buffer].sharesWith;
  return buffer;
}

/// The buffer that `value` is, itself and not as a view, or -1.
int64_t ArenaLifetimes::bufferAt(Value value) const {
  auto it = bufferOf.find(value);
  return it == bufferOf.end() ? -1 : it->second;
}

void ArenaLifetimes::shareInPlace() {
  function.walk([&](DestinationStyleOpInterface op) {
    for (OpOperand &init : op.getDpsInitsMutable()) {
      int64_t output = bufferAt(init.get());
      if (output < 0 || buffers[output].sharesWith >= 0 ||
          buffers[output].first != ticks.lookup(op).first ||
          !isUntouchedBefore(op, buffers[output]))
        continue;
      for (OpOperand *input : op.getDpsInputOperands()) {
        int64_t root = rootOf(bufferAt(input->get()));
        if (root < 0 || root == rootOf(output) || !mayTakeOver(op, init, *input))
          continue;
        buffers[output].sharesWith = root;
        buffers[root].last = buffers[output].last;
        break;
      }
    }
  });
}

/// Whether the buffer of `init`, first used by `op`, can take over that of `input`: it dies
/// here, has the same size, and nothing of it is read after it was overwritten.
bool ArenaLifetimes::mayTakeOver(Operation *op, OpOperand &init, OpOperand &input) const {
  const ArenaBuffer &output = buffers[bufferAt(init.get())];
  int64_t dying = bufferAt(input.get()), root = rootOf(dying);
  if (buffers[root].last != ticks.lookup(op).second || buffers[dying].last != buffers[root].last ||
      buffers[root].scope != output.scope || !sameSize(buffers[root].alloc, output.alloc))
    return false;
  return llvm::all_of(op->getOpOperands(), [&](OpOperand &other) {
    if (&other == &init || !isa<MemRefType>(other.get().getType()))
      return true;
    if (bufferAt(other.get()) == dying)
      return mayOverwrite(op, init, other);
    // A view of the same memory, under any of its names, is read at unknown places.
    return llvm::none_of(flow.resolveReverse(other.get()),
                         [&](Value origin) { return rootOf(bufferAt(origin)) == root; });
  });
}
