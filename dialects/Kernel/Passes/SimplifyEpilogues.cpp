//===- SimplifyEpilogues.cpp - cheaper divisions behind products ----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass kernel-simplify-epilogues. A division costs a CPU as much as ten multiplications, and
// hard-swish and GELU have one by a constant. What comes out of a sum of products has the
// rounding of the sum's order anyway, so that one more rounding there changes nothing; elsewhere
// it could, as in floor(x / 41).
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Passes/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"

namespace optc::kernel {
#define GEN_PASS_DEF_KERNELSIMPLIFYEPILOGUES
#include "dialects/Kernel/KernelPasses.h.inc"
} // namespace optc::kernel

using namespace mlir;
using namespace optc::kernel;

static std::optional<APFloat> constantOf(Value value) {
  FloatAttr attr;
  if (!matchPattern(value, m_Constant(&attr)))
    return std::nullopt;
  return attr.getValue();
}

/// What has steps, at which a rounding more would show.
static bool hasSteps(Operation *op) {
  return isa<math::FloorOp, math::CeilOp, math::TruncOp, math::RoundOp, math::RoundEvenOp,
             arith::FPToSIOp, arith::FPToUIOp, arith::RemFOp>(op);
}

static bool isWide(Type type) { return type.isF32() || type.isF64(); }

/// x / c -> x * (1 / c), if that is a normal number.
static void multiplyInstead(arith::DivFOp op) {
  std::optional<APFloat> divisor = constantOf(op.getRhs());
  if (!divisor || !isWide(op.getType()))
    return;
  APFloat inverse(divisor->getSemantics(), 1);
  inverse.divide(*divisor, APFloat::rmNearestTiesToEven);
  if (!inverse.isNormal())
    return;
  OpBuilder b(op);
  Value factor = arith::ConstantOp::create(b, op.getLoc(), b.getFloatAttr(op.getType(), inverse));
  op.replaceAllUsesWith(arith::MulFOp::create(b, op.getLoc(), op.getLhs(), factor).getResult());
  op.erase();
}

static void simplify(Block &body) {
  if (llvm::any_of(body, [](Operation &op) { return hasSteps(&op); }))
    return;
  for (Operation &op : llvm::make_early_inc_range(body))
    if (auto divide = dyn_cast<arith::DivFOp>(op))
      multiplyInstead(divide);
}

namespace {
struct SimplifyEpiloguesPass : optc::kernel::impl::KernelSimplifyEpiloguesBase<SimplifyEpiloguesPass> {
  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      if (isa<MatmulOp, ConvOp, AttentionOp>(op))
        simplify(op->getRegion(0).front());
    });
  }
};
} // namespace
