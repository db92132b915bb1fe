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

/// Of the products of a dim's places and taps, how many are with the input and not with its border.
static double usedShare(const Windows &windows, size_t dim, int64_t input) {
  size_t rank = windows.rank();
  int64_t before = windows.pads[dim], padded = before + input + windows.pads[rank + dim];
  int64_t places = (padded - windows.extent(dim)) / windows.strides[dim] + 1, used = 0;
  if (places < 1)
    return 1;
  for (int64_t tap = 0; tap < windows.sizes[dim]; ++tap) {
    // Place p reads input p * stride - offset.
    int64_t offset = before - tap * windows.dilations[dim], stride = windows.strides[dim];
    int64_t first = std::max<int64_t>(0, llvm::divideCeilSigned(offset, stride));
    int64_t end = std::min(places, llvm::divideCeilSigned(input + offset, stride));
    used += std::max<int64_t>(0, end - first);
  }
  return static_cast<double>(used) / (places * windows.sizes[dim]);
}

/// Of the pads of a convolution, those that its kernel gets: along dims whose border is so wide for
/// the input that products with it should be left out, rather than zeros multiplied. The others are
/// made. Windows that can be computed by Winograd's method lose less that way; depthwise ones and
/// phases are computed otherwise.
static SmallVector<int64_t> padsToLeaveOut(ConvOp op, const Windows &windows) {
  // Along rows, places with the same taps are fewer than a row has, which costs something.
  constexpr double enoughAlongRows = 0.9, enough = 0.97;
  // For sizes that only the run knows: an image between small and large.
  constexpr int64_t usualSize = 32;
  SmallVector<int64_t> pads(windows.pads.size(), 0);
  ArrayRef<int64_t> filter = cast<ShapedType>(op.getFilter().getType()).getShape();
  auto isOne = [](int64_t value) { return value == 1; };
  bool suitsWinograd = filter.drop_front(2) == ArrayRef<int64_t>{3, 3} &&
                       llvm::all_of(op.getStrides(), isOne) &&
                       llvm::all_of(op.getDilations(), isOne);
  if (suitsWinograd || filter[1] == 1 || !op.getPhases().empty())
    return pads;
  size_t rank = windows.rank();
  auto sizes = cast<ShapedType>(op.getInput().getType()).getShape().slice(1, rank);
  for (auto [i, size] : llvm::enumerate(sizes)) {
    double share = usedShare(windows, i, ShapedType::isDynamic(size) ? usualSize : size);
    // Where a window has one tap, leaving taps out leaves nothing.
    if (windows.sizes[i] == 1 || share >= (i + 1 == rank ? enoughAlongRows : enough))
      continue;
    pads[i] = windows.pads[i];
    pads[rank + i] = windows.pads[rank + i];
  }
  return pads;
}

namespace {
struct LowerConv : NNPattern<ConvOp> {
  using NNPattern::NNPattern;

  /// The input in a larger tensor of zeros; its producer can write there directly.
  Value padded(Rewriter &b, ConvOp op, ArrayRef<int64_t> pads, Value input) const {
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
    // MLIR refuses places behind the last element, where nothing is put.
    if (llvm::is_contained(cast<RankedTensorType>(input.getType()).getShape(), 0))
      return filled;
    return tensor::InsertSliceOp::create(b, loc, input, filled, before,
                                         lowerSizes(b, loc, op.getInput(), state), steps);
  }

  LogicalResult matchAndRewrite(ConvOp op, OpAdaptor adaptor, Rewriter &b) const override {
    Location loc = op.getLoc();
    Windows windows{op.getWindow(), op.getStrides(), op.getDilations(), op.getPads()};
    requireWindows(b, loc, windows, op.getInput(), state);
    Value empty = createEmpty(b, loc, op.getResult(), state);
    SmallVector<int64_t> leftOut = padsToLeaveOut(op, windows), made;
    for (auto [all, left] : llvm::zip_equal(op.getPads(), leftOut))
      made.push_back(all - left);
    Value input = padded(b, op, made, adaptor.getInput());
    auto conv = kernel::ConvOp::create(b, loc, input, adaptor.getFilter(), empty, op.getWindow(),
                                       op.getStrides(), op.getDilations(), op.getGroup(),
                                       accumulatorType(lowered(op.getInput()).getElementType(),
                                                       lowered(op.getResult()).getElementType()));
    conv.setUnsignedInput(isUnsigned(op.getInput()));
    conv.setUnsignedFilter(isUnsigned(op.getFilter()));
    conv.setPhases(op.getPhases());
    if (llvm::any_of(leftOut, [](int64_t pad) { return pad > 0; }))
      conv.setPads(leftOut);
    b.replaceOp(op, castTo(b, loc, conv->getResult(0), lowered(op.getResult())));
    return success();
  }
};
} // namespace

void optc::nn::populateConv(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerConv>(patterns.getContext(), state);
}
