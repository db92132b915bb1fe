//===- NameSizes.cpp - computed sizes are names while memory is assigned -===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Passes.td. To see whether two slices are the same or lie apart, bufferization solves
// inequalities over everything that their offsets and sizes are computed from. Its time is
// exponential in how deep choices and divisions are nested, which grows with the layers of a
// model. What is compared here are sums of a few values; those are enough, since equal values
// are one value by now.
//
//===----------------------------------------------------------------------===//
#include "lib/Place/Place.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

namespace optc::place {
#define GEN_PASS_DEF_PLACENAMESIZES
#include "lib/Place/Passes.h.inc"

namespace {

/// Finds the values that sizes are sums of.
class Summands {
public:
  void collect(Value size) { walk(size, 0); }
  ArrayRef<Value> get() const { return values.getArrayRef(); }

private:
  static bool isSum(Operation *op) {
    if (isa<arith::AddIOp, arith::SubIOp>(op))
      return true;
    if (auto product = dyn_cast<arith::MulIOp>(op))
      return getConstantIntValue(product.getLhs()) || getConstantIntValue(product.getRhs());
    auto apply = dyn_cast<affine::AffineApplyOp>(op);
    return apply && apply.getNumOperands() <= maxSummands &&
           isLinear(apply.getAffineMap().getResult(0));
  }

  static bool isLinear(AffineExpr expr) {
    auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
    if (!binary)
      return true;
    bool isProduct =
        binary.getKind() == AffineExprKind::Mul && isa<AffineConstantExpr>(binary.getRHS());
    return (isProduct || binary.getKind() == AffineExprKind::Add) && isLinear(binary.getLHS()) &&
           isLinear(binary.getRHS());
  }

  void walk(Value size, int depth) {
    Operation *op = size.getDefiningOp();
    if (op && op->hasTrait<OpTrait::ConstantLike>())
      return;
    if (op && depth < maxDepth && isSum(op)) {
      for (Value operand : op->getOperands())
        walk(operand, depth + 1);
      return;
    }
    values.insert(size);
  }

  static constexpr int maxDepth = 3;
  static constexpr unsigned maxSummands = 4;
  llvm::SetVector<Value> values;
};

struct NameSizesPass : impl::PlaceNameSizesBase<NameSizesPass> {
  using PlaceNameSizesBase::PlaceNameSizesBase;

  void runOnOperation() override {
    Summands summands;
    getOperation()->walk([&](OffsetSizeAndStrideOpInterface slice) {
      for (ValueRange sizes : {slice.getOffsets(), slice.getSizes(), slice.getStrides()})
        for (Value size : sizes)
          summands.collect(size);
    });
    for (Value size : summands.get())
      name(size);
  }

private:
  /// %name = index_cast (index_cast %size): nothing looks through it, and it folds away.
  static void name(Value size) {
    OpBuilder builder(size.getContext());
    builder.setInsertionPointAfterValue(size);
    Location loc = size.getLoc();
    auto number = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), size);
    Value name = arith::IndexCastOp::create(builder, loc, builder.getIndexType(), number);
    size.replaceAllUsesExcept(name, number);
  }
};

} // namespace
} // namespace optc::place
