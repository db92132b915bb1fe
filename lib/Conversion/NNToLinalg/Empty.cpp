//===- Empty.cpp - results without elements -------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An op of any family whose results have a size of 0 computes nothing. It is cut off here, for all
// families at once, as the ops that follow are not made for such types: MLIR refuses slices of
// them, a layout has at least one column.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/NNToLinalg/Lowering.h"

using namespace mlir;
using namespace optc::nn;

namespace {
/// nn.f(..) : tensor<?x0xf32> -> tensor.empty
struct LowerEmpty : ConversionPattern {
  LowerEmpty(MLIRContext *context, LoweringState &state)
      : ConversionPattern(state.types, MatchAnyOpTypeTag(), /*benefit=*/10, context), state(state) {
  }

  LogicalResult matchAndRewrite(Operation *op, ArrayRef<Value>,
                                ConversionPatternRewriter &b) const override {
    if (!isa<NNDialect>(op->getDialect()) || isa<ConstantOp>(op) || op->getNumResults() == 0)
      return b.notifyMatchFailure(op, "no nn op that computes");
    for (Value result : op->getResults()) {
      auto type = dyn_cast<RankedTensorType>(result.getType());
      if (!type || !llvm::is_contained(type.getShape(), 0))
        return b.notifyMatchFailure(op, "a result may have elements");
      if (llvm::any_of(Shape(state.shapes.getShape(result)),
                       [&](DimExpr dim) { return decides(op, dim); }))
        return b.notifyMatchFailure(op, "the op decides a size");
    }
    SmallVector<Value> empty;
    for (Value result : op->getResults())
      empty.push_back(castTo(b, op->getLoc(), createEmpty(b, op->getLoc(), result, state),
                             cast<RankedTensorType>(state.types.convertType(result.getType()))));
    b.replaceOp(op, empty);
    return success();
  }

private:
  /// Whether a size is made of one that only the run of `op` tells.
  bool decides(Operation *op, DimExpr dim) const {
    bool found = false;
    dim.walk([&](DimExpr part) {
      const SymbolicShapes::Symbol *symbol = state.shapes.getSymbol(part);
      if (!symbol)
        return;
      found |= symbol->value && symbol->value.getDefiningOp() == op;
      found |= llvm::any_of(symbol->parts, [&](DimExpr inner) { return decides(op, inner); });
    });
    return found;
  }

  LoweringState &state;
};
} // namespace

void optc::nn::populateEmpty(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerEmpty>(patterns.getContext(), state);
}
