//===- Conv.cpp - convolutions -------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// nn.conv to kernel.conv, whose input carries its border.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/NNToLinalg/KernelOperands.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

namespace {
struct LowerConv : NNPattern<ConvOp> {
  using NNPattern::NNPattern;

  /// The input in a larger tensor of zeros; its producer can write there directly.
  Value padded(Rewriter &b, ConvOp op, Value input) const {
    ArrayRef<int64_t> pads = op.getPads();
    if (llvm::all_of(pads, [](int64_t pad) { return pad == 0; }))
      return input;
    Location loc = op.getLoc();
    Shape shape = shapes().getShape(op.getInput());
    size_t rank = pads.size() / 2;
    SmallVector<OpFoldResult> before(shape.size(), b.getIndexAttr(0)), sizes;
    for (size_t i = 0; i < rank; ++i) {
      before[1 + i] = b.getIndexAttr(pads[i]);
      shape[1 + i] = shapes().add(shape[1 + i], shapes().constant(pads[i] + pads[rank + i]));
    }
    for (DimExpr dim : shape)
      sizes.push_back(lowerDim(b, loc, dim, state));
    Type element = cast<TensorType>(input.getType()).getElementType();
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(element));
    Value filled =
        linalg::FillOp::create(b, loc, zero, createEmpty(b, loc, sizes, element)).getResult(0);
    SmallVector<OpFoldResult> steps(shape.size(), b.getIndexAttr(1));
    return tensor::InsertSliceOp::create(b, loc, input, filled, before,
                                         lowerSizes(b, loc, op.getInput(), state), steps);
  }

  LogicalResult matchAndRewrite(ConvOp op, OpAdaptor adaptor, Rewriter &b) const override {
    Location loc = op.getLoc();
    Windows windows{op.getWindow(), op.getStrides(), op.getDilations(), op.getPads()};
    requireWindows(b, loc, windows, op.getInput(), state);
    Value empty = createEmpty(b, loc, op.getResult(), state);
    auto conv = kernel::ConvOp::create(b, loc, padded(b, op, adaptor.getInput()),
                                       adaptor.getFilter(), empty, op.getWindow(), op.getStrides(),
                                       op.getDilations(), op.getGroup(), accumulatorType(lowered(op.getInput()).getElementType()));
    conv.setPhases(op.getPhases());
    b.replaceOp(op, castTo(b, loc, conv->getResult(0), lowered(op.getResult())));
    return success();
  }
};
} // namespace

void optc::nn::populateConv(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerConv>(patterns.getContext(), state);
}
