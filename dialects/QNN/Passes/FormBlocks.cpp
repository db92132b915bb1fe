//===- FormBlocks.cpp - products with weights in blocks -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See QNNPasses.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/ConstantFold.h"
#include "dialects/NN/Weights.h"
#include "dialects/QNN/BlockCodes.h"
#include "dialects/QNN/Passes/Passes.h"
#include "dialects/QNN/Quantization.h"
#include "lib/IR/Remarks.h"

namespace optc::qnn {
#define GEN_PASS_DEF_QNNFORMBLOCKS
#include "dialects/QNN/QNNPasses.h.inc"
} // namespace optc::qnn

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::qnn;

namespace {
/// reshape(dequantize(integers [.., blocks, block], scale [.., blocks, 1])) [.., K].
struct Blocks {
  DequantizeOp dequantize;
  int64_t block;

  static std::optional<Blocks> match(Value value);
};

/// The same of a constant matrix [N, K] of codes.
struct BlockWeight {
  Value bytes; ///< [N, blocks, plane]
  Value scale; ///< [N, blocks, 1]
  Value zero;  ///< the same, or null
  int64_t zeroPoint = 0, bits = 8, block = 0;
  DenseI8ArrayAttr codebook; ///< may be null

  static std::optional<BlockWeight> match(NNBuilder &b, Value value, StringRef &reason);
  /// Of a matrix of bytes [K, N] with one scale, or one per column: all of K is a block.
  static std::optional<BlockWeight> matchWhole(NNBuilder &b, Value value, StringRef &reason);
};
} // namespace

/// A parameter with a number for each block of a tensor of these sizes.
static bool isPerBlock(Value parameter, ArrayRef<int64_t> sizes) {
  ArrayRef<int64_t> own = NNBuilder::typeOf(parameter).getShape();
  return own.size() == sizes.size() && own.drop_back() == sizes.drop_back() && own.back() == 1;
}

std::optional<Blocks> Blocks::match(Value value) {
  auto reshape = value.getDefiningOp<ReshapeOp>();
  auto dequantize = reshape ? reshape.getInput().getDefiningOp<DequantizeOp>() : DequantizeOp();
  if (!dequantize)
    return std::nullopt;
  ArrayRef<int64_t> split = NNBuilder::typeOf(dequantize.getInput()).getShape();
  ArrayRef<int64_t> merged = NNBuilder::typeOf(value).getShape();
  if (split.size() != merged.size() + 1 || merged.empty() || ShapedType::isDynamic(merged.back()) ||
      split.drop_back(2) != merged.drop_back() || ShapedType::isDynamic(split.back()) ||
      split.back() <= 0 || split.take_back(2).front() * split.back() != merged.back() ||
      !isPerBlock(dequantize.getScale(), split))
    return std::nullopt;
  return Blocks{dequantize, split.back()};
}

std::optional<BlockWeight> BlockWeight::match(NNBuilder &b, Value value, StringRef &reason) {
  auto transpose = value.getDefiningOp<TransposeOp>();
  std::optional<Blocks> blocks = transpose && transpose.getPermutation() == ArrayRef<int64_t>{1, 0}
                                     ? Blocks::match(transpose.getInput())
                                     : std::nullopt;
  if (!blocks)
    return std::nullopt;
  auto refuse = [&](StringRef why) {
    reason = why;
    return std::nullopt;
  };
  BlockWeight weight;
  weight.block = blocks->block;
  weight.bytes = blocks->dequantize.getInput();
  weight.scale = blocks->dequantize.getScale();
  if (auto unpack = weight.bytes.getDefiningOp<UnpackOp>()) {
    weight.bytes = unpack.getInput();
    weight.bits = static_cast<int64_t>(unpack.getBits());
    weight.codebook = unpack.getCodebookAttr();
  }
  if (!getConstantValue(weight.bytes) || !b.elementOf(weight.bytes).isUnsignedInteger(8))
    return refuse("the codes are no constant bytes without a sign");
  if (weight.block % (32 / weight.bits) != 0)
    return refuse("the blocks are too small");
  Value zero = blocks->dequantize.getZeroPoint();
  if (!zero)
    return weight;
  if (std::optional<double> number = numberOf(zero))
    weight.zeroPoint = static_cast<int64_t>(*number);
  else if (isPerBlock(zero, b.typeOf(blocks->dequantize.getInput()).getShape()))
    weight.zero = zero;
  else
    return refuse("the zero points are not one per block");
  return weight;
}

/// A constant, one number or one per column, as [N, 1, 1]; failure if it is neither.
static FailureOr<Value> perColumn(NNBuilder &b, Value parameter, int64_t columns) {
  RankedTensorType type = b.typeOf(parameter);
  if (std::optional<double> number = numberOf(parameter))
    return b.constant(makeFloats(RankedTensorType::get({columns, 1, 1}, type.getElementType()),
                                 SmallVector<double>(columns, *number)));
  if (!getConstantValue(parameter) || type.getNumElements() != columns ||
      type.getShape().back() != columns)
    return failure();
  return b.reshape(parameter, {columns, 1, 1});
}

std::optional<BlockWeight> BlockWeight::matchWhole(NNBuilder &b, Value value, StringRef &reason) {
  auto dequantize = value.getDefiningOp<DequantizeOp>();
  ElementsAttr stored = dequantize ? getConstantValue(dequantize.getInput()) : ElementsAttr();
  if (!stored || stored.getShapedType().getRank() != 2 ||
      stored.getElementType().getIntOrFloatBitWidth() != 8)
    return std::nullopt;
  int64_t depth = stored.getShapedType().getDimSize(0),
          columns = stored.getShapedType().getDimSize(1);
  auto refuse = [&](StringRef why) {
    reason = why;
    return std::nullopt;
  };
  if (depth % 4 != 0 || stored.getNumElements() == 0)
    return refuse("sums are of no multiple of 4 numbers");
  FailureOr<Value> scale = perColumn(b, dequantize.getScale(), columns);
  std::optional<double> zero = numberOf(dequantize.getZeroPoint());
  auto codes = readCodes(stored);
  if (failed(scale) || !zero || !codes)
    return refuse(
        "the weight has scales that are not constants per column, or several zero points");
  SmallVector<uint8_t, 0> across = transposeCodes(*codes, depth);
  BlockWeight weight;
  weight.block = depth;
  weight.bytes = b.constant(packCodes(b.getContext(), across, {columns, depth, 8, depth}, stored));
  weight.scale = *scale;
  // Codes have no sign.
  constexpr int64_t half = 128;
  weight.zeroPoint =
      static_cast<int64_t>(*zero) + (stored.getElementType().isUnsignedInteger() ? 0 : half);
  return weight;
}

/// Whether a value is what bytes stand for, perhaps moved about: products of two such are formed
/// elsewhere.
static bool standsForBytes(Value value) {
  Operation *op = value.getDefiningOp();
  while (isa_and_nonnull<ReshapeOp, TransposeOp, SliceOp, ExpandOp>(op))
    op = op->getOperand(0).getDefiningOp();
  auto dequantize = dyn_cast_or_null<DequantizeOp>(op);
  return dequantize && NNBuilder::elementOf(dequantize.getInput()).getIntOrFloatBitWidth() == 8;
}

/// Without the last dim, of size 1.
static Value perBlock(NNBuilder &b, Value parameter) {
  return parameter ? mergeBlocks(b, parameter) : Value();
}

static void formProduct(MatmulOp op, NNBuilder &b) {
  b.setInsertionPoint(op);
  b.setLoc(op.getLoc());
  StringRef reason;
  std::optional<BlockWeight> weight = BlockWeight::match(b, op.getRhs(), reason);
  if (!weight && reason.empty() && !standsForBytes(op.getLhs()))
    weight = BlockWeight::matchWhole(b, op.getRhs(), reason);
  if (!weight || !b.elementOf(op.getLhs()).isF32() || !b.elementOf(op.getResult()).isF32()) {
    if (!reason.empty())
      remarkRefused("qnn-form-blocks", "blocks", op, reason);
    return;
  }
  std::optional<Blocks> data = Blocks::match(op.getLhs());
  bool isInteger = data && data->block == weight->block && !data->dequantize.getZeroPoint() &&
                   b.elementOf(data->dequantize.getInput()).isSignlessInteger(8) &&
                   b.elementOf(data->dequantize.getScale()).isF32();
  Value lhs = op.getLhs(), scale, sums;
  if (isInteger) {
    lhs = mergeBlocks(b, data->dequantize.getInput());
    scale = perBlock(b, data->dequantize.getScale());
  }
  if (weight->zero || weight->zeroPoint != 0) {
    int64_t last = b.rankOf(lhs);
    if (isInteger) { // exact until it is scaled
      Value integers = b.convert(data->dequantize.getInput(), b.getI32Type());
      sums = perBlock(b, b.reduce(ReduceKind::Sum, integers, {last}));
      sums = b.make<DequantizeOp>(b.getF32Type(), sums, scale, Value());
    } else {
      sums = perBlock(b, b.reduce(ReduceKind::Sum, splitBlocks(b, lhs, weight->block), {last}));
    }
  }
  Value result = b.make<BlockMatmulOp>(
      b.getF32Type(), lhs, scale, sums, mergeBlocks(b, weight->bytes), perBlock(b, weight->scale),
      perBlock(b, weight->zero), b.getI64IntegerAttr(weight->bits),
      b.getI64IntegerAttr(weight->block), b.getI64IntegerAttr(weight->zeroPoint), weight->codebook);
  if (result.getType() != op.getType())
    return;
  remarkMade("qnn-form-blocks", "blocks", op);
  op.getResult().replaceAllUsesWith(result);
}

namespace {
struct FormBlocks : optc::qnn::impl::QNNFormBlocksBase<FormBlocks> {
  void runOnOperation() override {
    if (failed(rewriteEach<MatmulOp>(getOperation(), formProduct)))
      signalPassFailure();
  }
};
} // namespace
