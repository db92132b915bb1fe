//===- CropWindows.cpp - taps that only meet the border -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See NNPasses.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Builder.h"
#include "dialects/NN/Passes/Passes.h"
#include "dialects/NN/Windows.h"
#include "lib/IR/Remarks.h"

namespace optc::nn {
#define GEN_PASS_DEF_NNCROPWINDOWS
#include "dialects/NN/NNPasses.h.inc"
} // namespace optc::nn

using namespace mlir;
using namespace optc::nn;

namespace {

/// What is left along one spatial dim: taps [first, end), and zeros around the input, of which a
/// negative number cuts the input.
struct Cropped {
  int64_t first, end, before, after;
};

} // namespace

/// Whether a tap reads an element of the input in any of the `places`: the first place where it is
/// not in the border before the input tells.
static bool meetsInput(const Windows &windows, size_t dim, int64_t tap, int64_t places,
                       int64_t input) {
  int64_t offset = tap * windows.dilations[dim] - windows.pads[dim], stride = windows.strides[dim];
  int64_t place = offset >= 0 ? 0 : llvm::divideCeilSigned(-offset, stride);
  return place < places && place * stride + offset < input;
}

/// Taps that meet the input are neighbours, or every other one does where strides are larger than
/// it.
static Cropped cropDim(const Windows &windows, size_t dim, int64_t input, int64_t places) {
  constexpr int64_t mostTaps =
      1 << 20; // more are only declared, and would be gone through one by one
  Cropped result{0, windows.sizes[dim], windows.pads[dim], windows.pads[windows.rank() + dim]};
  if (ShapedType::isDynamic(input) || ShapedType::isDynamic(places) || places < 1 ||
      result.end > mostTaps)
    return result;
  auto meets = [&](int64_t tap) { return meetsInput(windows, dim, tap, places, input); };
  while (result.end > 1 && !meets(result.end - 1))
    --result.end;
  while (result.first + 1 < result.end && !meets(result.first))
    ++result.first;
  int64_t extent = (result.end - result.first - 1) * windows.dilations[dim] + 1;
  result.before -= result.first * windows.dilations[dim];
  if (result.end - result.first < windows.sizes[dim])
    result.after = (places - 1) * windows.strides[dim] + extent - input - result.before;
  return result;
}

/// conv(x, w: 3 taps 24 apart, pads = 24) on 14 inputs -> conv(x, w[1:2], pads = 0)
static void crop(ConvOp conv, NNBuilder &b) {
  Windows windows{conv.getWindow(), conv.getStrides(), conv.getDilations(), conv.getPads()};
  size_t rank = windows.rank();
  auto inputs = NNBuilder::typeOf(conv.getInput()).getShape(),
       results = NNBuilder::typeOf(conv.getResult()).getShape();
  SmallVector<int64_t> pads(conv.getPads());
  b.setInsertionPoint(conv);
  b.setLoc(conv.getLoc());
  Value input = conv.getInput(), filter = conv.getFilter();
  for (size_t i = 0; i < rank; ++i) {
    int64_t size = inputs[1 + i], places = results[1 + i];
    if (!conv.getPhases().empty() && !ShapedType::isDynamic(places))
      places /= conv.getPhases()[i];
    Cropped left = cropDim(windows, i, size, places);
    if (left.end - left.first == windows.sizes[i])
      continue;
    filter = b.slice(filter, 2 + i, left.first, left.end);
    int64_t first = std::max<int64_t>(0, -left.before),
            end = size + std::min<int64_t>(0, left.after);
    if (first > 0 || end < size)
      input = b.slice(input, 1 + i, first, end);
    pads[i] = std::max<int64_t>(0, left.before);
    pads[rank + i] = std::max<int64_t>(0, left.after);
  }
  if (filter == conv.getFilter())
    return;
  Value cropped =
      b.make<ConvOp>(NNBuilder::elementOf(conv.getResult()), input, filter, conv.getStrides(),
                     conv.getDilations(), pads, conv.getGroup(), conv.getPhases());
  optc::remarkMade("nn-crop-windows", "taps that only meet the border", conv);
  conv.getResult().replaceAllUsesWith(cropped);
  b.discard(conv);
}

namespace {
struct CropWindows : optc::nn::impl::NNCropWindowsBase<CropWindows> {
  void runOnOperation() override {
    if (failed(rewriteEach<ConvOp>(getOperation(), crop)))
      signalPassFailure();
  }
};
} // namespace
