//===- Norm.cpp - softmax and normalizations -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// nn.softmax and nn.normalize to kernel.row_norm.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/RowNormBuilders.h"
#include "lib/Conversion/NNToLinalg/Lowering.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

namespace {
// [quote softmax]
struct LowerSoftmax : NNPattern<SoftmaxOp> {
  using NNPattern::NNPattern;
  LogicalResult matchAndRewrite(SoftmaxOp op, OpAdaptor adaptor, Rewriter &b) const override {
    Value result =
        kernel::buildSoftmax(b, op.getLoc(), adaptor.getInput(), op.getAxis(), op.getLog());
    b.replaceOp(op, castTo(b, op.getLoc(), result, lowered(op.getResult())));
    return success();
  }
};
// [end quote]

struct LowerNormalize : NNPattern<NormalizeOp> {
  using NNPattern::NNPattern;
  LogicalResult matchAndRewrite(NormalizeOp op, OpAdaptor adaptor, Rewriter &b) const override {
    auto kind = op.getKind() == NormKind::MeanVariance ? kernel::RowNormKind::MeanVariance
                                                       : kernel::RowNormKind::RootMeanSquare;
    Value result = kernel::buildRowNorm(b, op.getLoc(), kind, adaptor.getInput(), op.getAxes(),
                                        op.getEpsilon().convertToDouble());
    b.replaceOp(op, castTo(b, op.getLoc(), result, lowered(op.getResult())));
    return success();
  }
};
} // namespace

void optc::nn::populateNorm(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerSoftmax, LowerNormalize>(patterns.getContext(), state);
}
