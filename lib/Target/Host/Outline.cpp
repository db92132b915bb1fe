//===- Outline.cpp - loop nests become functions, equal ones one ---------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Passes.td. Functions are compared by structure after outlining; their captured
// values are in the order of first use, so equal bodies get equal signatures.
//
//===----------------------------------------------------------------------===//
#include "dialects/Run/Run.h"
#include "lib/Target/Host/Host.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace optc::host {
#define GEN_PASS_DEF_HOSTOUTLINE
#include "lib/Target/Host/Passes.h.inc"

namespace {

/// Values a set of ops uses but does not define, by first use; constants apart.
struct Captures {
  llvm::SetVector<Value> values;
  llvm::SetVector<Operation *> constants;

  explicit Captures(Operation *root, bool bodyOnly) {
    auto visit = [&](Operation *op) {
      for (Value operand : op->getOperands()) {
        if (root->isAncestor(operand.getParentBlock()->getParentOp()))
          continue;
        Operation *def = operand.getDefiningOp();
        if (def && matchPattern(def, m_Constant()))
          constants.insert(def);
        else
          values.insert(operand);
      }
    };
    if (!bodyOnly)
      visit(root);
    root->walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (op != root)
        visit(op);
    });
  }
};

/// A hash of what a function does, without locations and value names.
llvm::hash_code structureHash(func::FuncOp function) {
  llvm::hash_code hash = llvm::hash_value(function.getFunctionType().getAsOpaquePointer());
  function.getBody().walk([&](Operation *op) {
    hash = llvm::hash_combine(
        hash, OperationEquivalence::computeHash(op, OperationEquivalence::ignoreHashValue,
                                                OperationEquivalence::ignoreHashValue,
                                                OperationEquivalence::IgnoreLocations));
  });
  return hash;
}

struct OutlinePass : impl::HostOutlineBase<OutlinePass> {
  using HostOutlineBase::HostOutlineBase;

  void runOnOperation() override {
    SmallVector<Operation *> regions;
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isa<run::ParallelOp>(op)) {
        regions.push_back(op);
        return WalkResult::skip();
      }
      if (!isa<LoopLikeOpInterface, scf::ExecuteRegionOp>(op) || !isPlainLoop(op))
        return WalkResult::advance();
      regions.push_back(op);
      return WalkResult::skip();
    });
    for (Operation *op : regions)
      if (auto parallel = dyn_cast<run::ParallelOp>(op))
        outlineParallel(parallel);
      else
        outlineLoop(op);
  }

private:
  /// Whether a loop is a computation and not control flow around computations.
  static bool isPlainLoop(Operation *loop) {
    return !loop->walk([](Operation *op) {
                  bool runtime =
                      isa<run::ParallelOp, run::OutputOp, run::ProfileBeginOp, memref::AllocOp,
                          memref::DeallocOp, func::CallOp, memref::ViewOp>(op);
                  return runtime ? WalkResult::interrupt() : WalkResult::advance();
                })
                .wasInterrupted();
  }

  /// A function of `ranges` and the captures; its body is still empty.
  func::FuncOp createFunction(Location loc, const Captures &captures, TypeRange ranges,
                              TypeRange results, IRMapping &mapping) {
    SmallVector<Type> types(ranges);
    for (Value value : captures.values)
      types.push_back(value.getType());
    OpBuilder builder(&getContext());
    auto function = func::FuncOp::create(builder, loc, "optc_k" + std::to_string(functions.size()),
                                         builder.getFunctionType(types, results));
    function.setPrivate();
    function->setAttr(run::kernelAttr, builder.getUnitAttr());
    Block *entry = function.addEntryBlock();
    builder.setInsertionPointToStart(entry);
    for (auto [value, arg] :
         llvm::zip_equal(captures.values, entry->getArguments().drop_front(ranges.size())))
      mapping.map(value, arg);
    for (Operation *constant : captures.constants)
      builder.clone(*constant, mapping);
    return function;
  }

  /// The known function equal to this one, which is erased then; or this one, now known.
  func::FuncOp unique(func::FuncOp function) {
    auto &candidates = byHash[structureHash(function)];
    for (func::FuncOp known : candidates) {
      if (known.getFunctionType() != function.getFunctionType() ||
          !OperationEquivalence::isRegionEquivalentTo(&known.getBody(), &function.getBody(),
                                                      OperationEquivalence::IgnoreLocations))
        continue;
      function.erase();
      return known;
    }
    candidates.push_back(function);
    functions.push_back(function);
    getOperation().push_back(function);
    return function;
  }

  void outlineLoop(Operation *loop) {
    Captures captures(loop, /*bodyOnly=*/false);
    IRMapping mapping;
    func::FuncOp function =
        createFunction(loop->getLoc(), captures, {}, loop->getResultTypes(), mapping);
    OpBuilder builder = OpBuilder::atBlockEnd(&function.getBody().front());
    Operation *copy = builder.clone(*loop, mapping);
    func::ReturnOp::create(builder, loop->getLoc(), copy->getResults());
    builder.setInsertionPoint(loop);
    auto call = func::CallOp::create(builder, loop->getLoc(), unique(function),
                                     captures.values.getArrayRef());
    loop->replaceAllUsesWith(call.getResults());
    loop->erase();
  }

  void outlineParallel(run::ParallelOp parallel) {
    Location loc = parallel.getLoc();
    Captures captures(parallel, /*bodyOnly=*/true);
    IRMapping mapping;
    func::FuncOp function =
        createFunction(loc, captures, parallel.getBody().getArgumentTypes(), {}, mapping);
    Block &entry = function.getBody().front();
    mapping.map(parallel.getLowerBound(), entry.getArgument(0));
    mapping.map(parallel.getUpperBound(), entry.getArgument(1));
    OpBuilder builder = OpBuilder::atBlockEnd(&entry);
    for (Operation &op : parallel.getBody().front())
      builder.clone(op, mapping);
    func::ReturnOp::create(builder, loc);
    func::FuncOp launch = launchOf(unique(function));
    builder.setInsertionPoint(parallel);
    SmallVector<Value> operands{parallel.getTrip(), parallel.getCost()};
    llvm::append_range(operands, captures.values);
    func::CallOp::create(builder, loc, launch, operands);
    parallel.erase();
  }

  /// The declaration whose calls run `body` in parallel: its range becomes (trip, cost).
  func::FuncOp launchOf(func::FuncOp body) {
    func::FuncOp &launch = launches[body];
    if (launch)
      return launch;
    OpBuilder builder(body);
    launch = func::FuncOp::create(builder, body.getLoc(), (body.getSymName() + ".parallel").str(),
                                  body.getFunctionType());
    launch.setPrivate();
    launch->setAttr(run::parallelBodyAttr, FlatSymbolRefAttr::get(body.getSymNameAttr()));
    return launch;
  }

  SmallVector<func::FuncOp> functions;
  std::map<size_t, SmallVector<func::FuncOp, 1>> byHash;
  DenseMap<Operation *, func::FuncOp> launches;
};

} // namespace
} // namespace optc::host
