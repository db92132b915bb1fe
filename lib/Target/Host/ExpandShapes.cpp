//===- ExpandShapes.cpp - memref.expand_shape with several dynamic sizes -===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MLIR's expand-strided-metadata computes the one dynamic size of a group from the others;
// a group with several, whose sizes the op itself names, is expanded here.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Host/Host.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace optc::host {
#define GEN_PASS_DEF_HOSTEXPANDSHAPES
#include "lib/Target/Host/Passes.h.inc"
} // namespace optc::host

using namespace mlir;

static bool hasSeveralDynamicSizes(memref::ExpandShapeOp op) {
  ArrayRef<int64_t> shape = op.getResultType().getShape();
  return llvm::any_of(op.getReassociationIndices(), [&](const ReassociationIndices &group) {
    return llvm::count_if(group, [&](int64_t dim) { return ShapedType::isDynamic(shape[dim]); }) >
           1;
  });
}

namespace {
/// expand_shape %m -> reinterpret_cast of %m's base: in a group, the last dimension has the
/// stride of the source's dimension, the others the product of the sizes behind them.
struct ExpandToReinterpret : OpRewritePattern<memref::ExpandShapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(memref::ExpandShapeOp op, PatternRewriter &b) const override {
    if (!hasSeveralDynamicSizes(op))
      return b.notifyMatchFailure(op, "upstream expands it");
    Location loc = op.getLoc();
    auto metadata = memref::ExtractStridedMetadataOp::create(b, loc, op.getSrc());
    SmallVector<OpFoldResult> sizes = op.getMixedOutputShape();
    SmallVector<OpFoldResult> strides(sizes.size());
    auto [staticStrides, staticOffset] = op.getResultType().getStridesAndOffset();
    for (auto [i, group] : llvm::enumerate(op.getReassociationIndices())) {
      Value stride = metadata.getStrides()[i];
      for (int64_t dim : llvm::reverse(group)) {
        bool isStatic = !ShapedType::isDynamic(staticStrides[dim]);
        strides[dim] = isStatic ? OpFoldResult(b.getIndexAttr(staticStrides[dim])) : stride;
        stride = b.createOrFold<arith::MulIOp>(loc, stride,
                                               getValueOrCreateConstantIndexOp(b, loc, sizes[dim]));
      }
    }
    OpFoldResult offset = ShapedType::isDynamic(staticOffset) ? OpFoldResult(metadata.getOffset())
                                                              : b.getIndexAttr(staticOffset);
    b.replaceOpWithNewOp<memref::ReinterpretCastOp>(
        op, op.getResultType(), metadata.getBaseBuffer(), offset, sizes, strides);
    return success();
  }
};

struct HostExpandShapes : optc::host::impl::HostExpandShapesBase<HostExpandShapes> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandToReinterpret>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
