//===- Pool.cpp - pooling ------------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shape rules of Pool.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/NN.h"
#include "dialects/NN/Windows.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace optc::nn;

LogicalResult PoolOp::inferShapes(SymbolicShapes &shapes) {
  Shape result = shapes.getShape(getInput());
  if (result.size() < 3 || result.size() > 5)
    return emitOpError("[nn.pool.R1] the input has rank ") << result.size() << ", needed is 3 to 5";
  Windows windows{getWindow(), getStrides(), getDilations(), getPads(), getCeil()};
  if (failed(windows.verify(*this, "nn.pool.R2", result.size() - 2)))
    return failure();
  for (size_t i = 0; i < windows.rank(); ++i) {
    result[1 + i] = windows.count(shapes, i, result[1 + i]);
    if (auto count = getConstant(result[1 + i]); count && *count < 1)
      return emitOpError("[nn.pool.R3] spatial dimension ")
             << i << " of the padded input is smaller than the window's extent of "
             << windows.extent(i);
  }
  Type input = cast<TensorType>(getInput().getType()).getElementType();
  Type element = cast<TensorType>(getResult().getType()).getElementType();
  if (getKind() == PoolKind::ArgMax ? !element.isSignlessInteger(64) : element != input)
    return emitOpError("[nn.pool.R4] ") << stringifyPoolKind(getKind()) << " of " << input
                                        << " gives elements of type " << element;
  shapes.setShape(getResult(), result);
  return success();
}

namespace {
/// pool max(pad edge(x)) -> pool max(x) with pads: a window that reads a repeated element reads the
/// edge, too, if it is longer than the border.
struct ForgetEdges : OpRewritePattern<PoolOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PoolOp op, PatternRewriter &rewriter) const override {
    auto pad = op.getInput().getDefiningOp<PadOp>();
    auto hasNoPads = llvm::all_of(op.getPads(), [](int64_t amount) { return amount == 0; });
    if (op.getKind() != PoolKind::Max || !pad || pad.getMode() != PadMode::Edge || !hasNoPads ||
        op.getCeil())
      return rewriter.notifyMatchFailure(op, "no maximum of repeated edges");
    DenseIntElementsAttr constant;
    if (!matchPattern(pad.getPads(), m_Constant(&constant)))
      return rewriter.notifyMatchFailure(op, "the border is not constant");
    SmallVector<int64_t> amounts, pads;
    for (const APInt &amount : constant.getValues<APInt>())
      amounts.push_back(amount.getSExtValue());
    size_t rank = amounts.size() / 2;
    for (size_t side : {size_t(0), rank}) {
      for (size_t i = 1; i + 1 < rank; ++i) {
        int64_t amount = amounts[side + i];
        if (amount < 0 || amount >= op.getWindow()[i - 1] ||
            (amount > 0 && op.getDilations()[i - 1] != 1))
          return rewriter.notifyMatchFailure(
              op, "a window can be in the border alone, or between its places");
        pads.push_back(amount);
      }
      if (amounts[side] != 0 || amounts[side + rank - 1] != 0)
        return rewriter.notifyMatchFailure(op, "the border is not of spatial dimensions");
    }
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(pad.getInput());
      op.setPads(pads);
    });
    return success();
  }
};
} // namespace

void PoolOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ForgetEdges>(context);
}
