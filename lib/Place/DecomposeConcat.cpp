//===- DecomposeConcat.cpp - concat becomes inserts or buffers -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Passes.td; WideConcat.h has what becomes a buffer.
//
//===----------------------------------------------------------------------===//
#include "lib/Place/Place.h"
#include "lib/Place/WideConcat.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/EquivalenceClasses.h"

using namespace mlir;

namespace optc::place {
#define GEN_PASS_DEF_PLACEDECOMPOSECONCAT
#include "lib/Place/Passes.h.inc"

namespace {

/// Concatenations that end up in one tensor are one set; pieces are counted in all of its members.
class ConcatSets {
public:
  explicit ConcatSets(Operation *root) {
    root->walk([&](tensor::ConcatOp concat) {
      sets.insert(concat);
      for (Value input : concat.getInputs())
        if (auto inner = input.getDefiningOp<tensor::ConcatOp>())
          sets.unionSets(concat, inner);
    });
    root->walk(
        [&](tensor::ConcatOp concat) { pieces[leader(concat)] += concat.getInputs().size(); });
  }

  size_t countPieces(tensor::ConcatOp concat) const { return pieces.lookup(leader(concat)); }

private:
  Operation *leader(tensor::ConcatOp concat) const { return sets.getLeaderValue(concat); }

  llvm::EquivalenceClasses<Operation *> sets;
  llvm::DenseMap<Operation *, size_t> pieces;
};

struct DecomposeConcatPass : impl::PlaceDecomposeConcatBase<DecomposeConcatPass> {
  using PlaceDecomposeConcatBase::PlaceDecomposeConcatBase;

  void runOnOperation() override {
    SmallVector<tensor::ConcatOp> wide;
    ConcatSets sets(getOperation());
    getOperation().walk([&](tensor::ConcatOp concat) {
      if (sets.countPieces(concat) > mostInserts)
        wide.push_back(concat);
    });
    WideConcats().run(wide);
    RewritePatternSet patterns(&getContext());
    tensor::populateDecomposeTensorConcatPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
} // namespace optc::place
