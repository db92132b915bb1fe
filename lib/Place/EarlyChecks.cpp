//===- EarlyChecks.cpp - checks stand in front of what relies on them -------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass place-early-checks.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Kernel.h"
#include "dialects/Run/Run.h"
#include "lib/Place/EarlyValues.h"
#include "lib/Place/Place.h"

using namespace mlir;

namespace optc::place {
#define GEN_PASS_DEF_PLACEEARLYCHECKS
#include "lib/Place/Passes.h.inc"

namespace {

struct EarlyChecksPass : impl::PlaceEarlyChecksBase<EarlyChecksPass> {
  using PlaceEarlyChecksBase::PlaceEarlyChecksBase;

  void runOnOperation() override {
    getOperation()->walk([](Block *block) { moveChecks(*block); });
  }

private:
  /// In their order, as one may be about what the next computes with.
  static void moveChecks(Block &block) {
    EarlyValues early(block);
    Operation *previous = nullptr;
    for (auto check : llvm::to_vector(block.getOps<run::RequireOp>())) {
      Operation *last = early.hoist(check->getOperands(), previous);
      if (previous && (!last || last->isBeforeInBlock(previous)))
        last = previous;
      if (last)
        check->moveAfter(last);
      else
        check->moveBefore(&block, block.begin());
      previous = check;
    }
  }
};

} // namespace
} // namespace optc::place
