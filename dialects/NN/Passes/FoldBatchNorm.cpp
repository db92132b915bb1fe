//===- FoldBatchNorm.cpp - constants per channel into convolutions -------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Follows the only users of a convolution as long as they are additions and
// multiplications by constants per channel, and folds what they do together into the
// filter and one addition.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Builder.h"
#include "dialects/NN/ConstantFold.h"
#include "dialects/NN/Passes/Passes.h"
#include "dialects/NN/Weights.h"
#include "lib/IR/Remarks.h"
#include <cstring>

namespace optc::nn {
#define GEN_PASS_DEF_NNFOLDBATCHNORM
#include "dialects/NN/NNPasses.h.inc"
} // namespace optc::nn

using namespace mlir;
using namespace optc::nn;

namespace {
/// result = value * scale + shift, per channel. With the interleaved channels of a transposed
/// convolution, channel o of the result is every (o + i * channels)-th of the convolution.
struct Affine {
  SmallVector<double> scale, shift;
  Value end;                       // the last value of the chain
  bool isPlain = true;             // nothing, or one addition
  SmallVector<Location> locations; // of the chain
};
} // namespace

/// The elements of a constant that varies along the last dimension only, one per channel.
static std::optional<SmallVector<double>> perChannel(Value value, int64_t channels) {
  ElementsAttr attr = getConstantValue(value);
  if (!attr)
    return std::nullopt;
  ArrayRef<int64_t> shape = attr.getShapedType().getShape();
  int64_t count = attr.getNumElements();
  if (count != 1 && (count != channels || shape.back() != channels))
    return std::nullopt;
  auto values = readFloats(attr);
  if (values && count == 1)
    values->assign(channels, values->front());
  return values;
}

/// Applies one op of the chain; false if it is none.
static bool apply(Operation *user, Affine &affine) {
  auto op = dyn_cast<BinaryOp>(user);
  if (!op || op.getType() != affine.end.getType() || op.getLhs() == op.getRhs())
    return false;
  bool isLeft = op.getLhs() == affine.end;
  auto values = perChannel(isLeft ? op.getRhs() : op.getLhs(), affine.scale.size());
  BinaryKind kind = op.getKind();
  bool isAdd = kind == BinaryKind::Add, isSub = kind == BinaryKind::Sub,
       isMul = kind == BinaryKind::Mul, isDiv = kind == BinaryKind::Div && isLeft;
  if (!values || !(isAdd || isSub || isMul || isDiv))
    return false;
  for (auto [scale, shift, value] : llvm::zip(affine.scale, affine.shift, *values)) {
    if (isDiv)
      value = 1 / value;
    if (isMul || isDiv) {
      scale *= value;
      shift *= value;
      continue;
    }
    if (isSub && isLeft)
      value = -value;
    if (isSub && !isLeft) { // value - x
      scale = -scale;
      shift = -shift;
    }
    shift += value;
  }
  affine.end = op.getResult();
  affine.locations.push_back(op.getLoc());
  affine.isPlain &= isAdd && llvm::all_of(affine.scale, [](double s) { return s == 1; });
  return true;
}

/// Follows reshape, transpose, reshape of an interleaved result; the last dimension keeps being
/// the fastest part of the channels.
static Value followMovement(Value value) {
  while (value.hasOneUse()) {
    Operation *user = *value.getUsers().begin();
    auto type = cast<RankedTensorType>(value.getType());
    if (auto transpose = dyn_cast<TransposeOp>(user)) {
      if (transpose.getPermutation().back() != type.getRank() - 1)
        return value;
    } else if (auto reshape = dyn_cast<ReshapeOp>(user)) {
      if (value != reshape.getInput() || reshape.getType().getRank() == 0)
        return value;
      int64_t from = type.getShape().back(), to = reshape.getType().getShape().back();
      if (ShapedType::isDynamic(from) || ShapedType::isDynamic(to) || to == 0 || from % to != 0)
        return value;
    } else if (auto slice = dyn_cast<SliceOp>(user)) {
      if (value != slice.getInput() || llvm::is_contained(slice.getAxes(), type.getRank() - 1))
        return value;
    } else {
      return value;
    }
    value = user->getResult(0);
  }
  return value;
}

/// The filters multiplied by the scales of the channels that they compute.
template <typename Element>
static ElementsAttr scaleFilter(ConvOp conv, ElementsAttr filter, ArrayRef<char> bytes,
                                ArrayRef<double> scale) {
  auto type = cast<RankedTensorType>(filter.getType());
  AsmResourceBlob blob = allocateWeights(type);
  int64_t outputs = type.getDimSize(0), row = type.getNumElements() / std::max<int64_t>(outputs, 1);
  auto *to = reinterpret_cast<Element *>(blob.getMutableData().data());
  const char *from = bytes.data();
  // Filters are [group, phases, channels of a group].
  int64_t together = std::max<int64_t>(1, conv.getType().getShape().back() / conv.getGroup());
  for (int64_t o = 0; o < outputs; ++o) {
    int64_t group = o / (together * conv.getNumPhases());
    double factor = scale[(group * together + o % together) % scale.size()];
    for (int64_t i = 0; i < row; ++i, from += sizeof(Element)) {
      Element value;
      std::memcpy(&value, from, sizeof(Element));
      *to++ = static_cast<Element>(value * factor);
    }
  }
  return makeWeights(type, std::move(blob), filter);
}

static void fold(ConvOp conv, NNBuilder &b) {
  ElementsAttr filter = getConstantValue(conv.getFilter());
  auto bytes = filter ? getConstantBytes(filter) : std::nullopt;
  bool isDouble = filter && filter.getElementType().isF64();
  if (!bytes || !(isDouble || filter.getElementType().isF32()))
    return;
  Value moved = conv.getGroup() == 1 ? followMovement(conv.getResult()) : conv.getResult();
  auto type = cast<RankedTensorType>(moved.getType());
  int64_t channels = type.getShape().back(), outputs = conv.getType().getShape().back();
  if (ShapedType::isDynamic(channels) || channels == 0 || outputs % channels != 0)
    return;
  Affine affine{SmallVector<double>(channels, 1),
                SmallVector<double>(channels, 0),
                moved,
                true,
                {conv.getLoc()}};
  while (affine.end.hasOneUse() && apply(*affine.end.getUsers().begin(), affine))
    ;
  if (affine.isPlain && (affine.end == moved || moved == conv.getResult()))
    return;
  conv->setLoc(b.getFusedLoc(affine.locations));
  optc::remarkMade("nn-fold-batch-norm", "scale and shift", conv);
  b.setInsertionPoint(conv);
  b.setLoc(conv.getLoc());
  if (llvm::any_of(affine.scale, [](double s) { return s != 1; }))
    conv.getFilterMutable().assign(
        b.constant(isDouble ? scaleFilter<double>(conv, filter, *bytes, affine.scale)
                            : scaleFilter<float>(conv, filter, *bytes, affine.scale)));
  affine.end.replaceAllUsesWith(moved);
  if (llvm::all_of(affine.shift, [](double shift) { return shift == 0; }))
    return;
  SmallVector<double> bias;
  for (int64_t o = 0; o < outputs; ++o)
    bias.push_back(affine.shift[o % channels]);
  b.setInsertionPointAfter(conv);
  Type element = conv.getType().getElementType();
  Value shift = b.constant(makeFloats(RankedTensorType::get({outputs}, element), bias));
  auto sum =
      BinaryOp::create(b, conv.getLoc(), conv.getType(), BinaryKind::Add, conv.getResult(), shift);
  conv.getResult().replaceAllUsesExcept(sum.getResult(), sum);
}

namespace {
struct FoldBatchNorm : optc::nn::impl::NNFoldBatchNormBase<FoldBatchNorm> {
  void runOnOperation() override {
    if (failed(rewriteEach<ConvOp>(getOperation(), fold)))
      signalPassFailure();
  }
};
} // namespace
