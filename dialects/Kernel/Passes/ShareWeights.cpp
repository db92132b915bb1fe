//===- ShareWeights.cpp - one form of a constant for all its readers ------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass kernel-share-weights. Language models use one matrix as embedding table and as
// last weight: the lookups read the packed form, and the plain one is not stored.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Passes/Decompose.h"
#include "dialects/Kernel/Passes/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"

namespace optc::kernel {
#define GEN_PASS_DEF_KERNELSHAREWEIGHTS
#include "dialects/Kernel/KernelPasses.h.inc"
} // namespace optc::kernel

using namespace mlir;
using namespace optc;
using namespace optc::kernel;

/// %0 = tensor.extract %matrix[%i, %j]   ->   %0 = tensor.extract %packed[%position]
static void readPacked(tensor::ExtractOp extract, PackOp pack) {
  ImplicitLocOpBuilder b(extract.getLoc(), extract);
  bool columnsLast = pack.getOrder() == PackOrder::KN;
  Value k = extract.getIndices()[columnsLast ? 0 : 1],
        n = extract.getIndices()[columnsLast ? 1 : 0];
  auto size = [&](int64_t value) -> Value { return arith::ConstantIndexOp::create(b, value); };
  Value position = createPanelPosition(b, b.getLoc(), cast<PanelsAttr>(pack.getLayout()), k, n,
                                       size(pack.getRows()), size(pack.getColumns()));
  Value element = tensor::ExtractOp::create(b, pack->getResult(0), position);
  extract.replaceAllUsesWith(element);
  extract.erase();
}

/// Whether all uses of the matrix are packs (of which `pack` is one) and reads of elements.
static bool canShare(PackOp pack) {
  return isa<PanelsAttr>(pack.getLayout()) && pack.getOrder() != PackOrder::Filter &&
         matchPattern(pack.getSource(), m_Constant()) &&
         llvm::all_of(pack.getSource().getUsers(),
                      [](Operation *user) { return isa<PackOp, tensor::ExtractOp>(user); });
}

namespace {

struct ShareWeightsPass : kernel::impl::KernelShareWeightsBase<ShareWeightsPass> {
  void runOnOperation() override {
    SmallVector<PackOp> packs;
    getOperation()->walk([&](PackOp op) {
      if (op->getNumResults() == 1 && canShare(op))
        packs.push_back(op);
    });
    for (PackOp pack : packs) {
      Operation *constant = pack.getSource().getDefiningOp();
      SmallVector<tensor::ExtractOp> reads;
      for (Operation *user : constant->getUsers())
        if (auto extract = dyn_cast<tensor::ExtractOp>(user))
          reads.push_back(extract);
      if (reads.empty())
        continue;
      // The lookups come first: the pack moves to its constant.
      if (Operation *init = pack.getInit().getDefiningOp())
        init->moveAfter(constant), pack->moveAfter(init);
      for (tensor::ExtractOp extract : reads)
        readPacked(extract, pack);
    }
  }
};

} // namespace
