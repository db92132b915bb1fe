//===- Blocks.cpp - weights of few bits ---------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// qnn.unpack and qnn.block_matmul.
//
//===----------------------------------------------------------------------===//
#include "dialects/QNN/QNN.h"
#include "lib/Conversion/NNToLinalg/Lowering.h"
#include "lib/IR/Codes.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

namespace {

/// Along (.., plane, byte), the two of which are the last dim of the result.
struct LowerUnpack : NNPattern<qnn::UnpackOp> {
  using NNPattern::NNPattern;

  LogicalResult matchAndRewrite(qnn::UnpackOp op, OpAdaptor adaptor,
                                Rewriter &rewriter) const override {
    Location loc = op.getLoc();
    int64_t bits = op.getBits(), planes = 8 / bits;
    unsigned rank = lowered(op.getInput()).getRank();
    SmallVector<OpFoldResult> sizes = lowerSizes(rewriter, loc, op.getInput(), state);
    sizes.insert(sizes.end() - 1, rewriter.getIndexAttr(planes));
    Type type = lowered(op.getResult()).getElementType();
    Value empty = createEmpty(rewriter, loc, sizes, type);
    SmallVector<unsigned> inputDims = llvm::to_vector(llvm::seq(0u, rank - 1));
    inputDims.push_back(rank);
    SmallVector<AffineMap> maps = {
        AffineMap::getMultiDimMapWithTargets(rank + 1, inputDims, op.getContext()),
        rewriter.getMultiDimIdentityMap(rank + 1)};
    SmallVector<utils::IteratorType> iterators(rank + 1, utils::IteratorType::parallel);
    auto generic = linalg::GenericOp::create(
        rewriter, loc, TypeRange(empty.getType()), ValueRange(adaptor.getInput()),
        ValueRange(empty), maps, iterators, [&](OpBuilder &b, Location, ValueRange args) {
          Value plane = linalg::IndexOp::create(b, loc, rank - 1);
          Value code = createCode(b, loc, args[0], plane, bits, op.getCodebookAttr());
          linalg::YieldOp::create(b, loc, arith::TruncIOp::create(b, loc, type, code).getResult());
        });
    SmallVector<ReassociationIndices> parts;
    for (int64_t d = 0; d + 1 < static_cast<int64_t>(rank); ++d)
      parts.push_back({d});
    parts.push_back({rank - 1, rank});
    Value merged = tensor::CollapseShapeOp::create(rewriter, loc, generic.getResult(0), parts);
    rewriter.replaceOp(op, castTo(rewriter, loc, merged, lowered(op.getResult())));
    return success();
  }
};

struct LowerBlockMatmul : NNPattern<qnn::BlockMatmulOp> {
  using NNPattern::NNPattern;

  LogicalResult matchAndRewrite(qnn::BlockMatmulOp op, OpAdaptor adaptor,
                                Rewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value empty = createEmpty(rewriter, loc, op.getResult(), state);
    auto product = kernel::BlockMatmulOp::create(
        rewriter, loc, adaptor.getLhs(), adaptor.getLhsScale(), adaptor.getLhsSums(),
        adaptor.getRhs(), adaptor.getRhsScale(), adaptor.getRhsZero(), empty,
        static_cast<int64_t>(op.getBits()), static_cast<int64_t>(op.getBlock()),
        static_cast<int64_t>(op.getZeroPoint()), op.getCodebookAttr());
    rewriter.replaceOp(op, castTo(rewriter, loc, product->getResult(0), lowered(op.getResult())));
    return success();
  }
};

} // namespace

void optc::nn::populateBlocks(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerUnpack, LowerBlockMatmul>(patterns.getContext(), state);
}
