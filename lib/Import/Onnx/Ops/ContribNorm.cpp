//===- ContribNorm.cpp - normalizations ONNX Runtime fuses ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Layer norms with what is added in front of them, with embeddings, and group norms of
// diffusion models.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Importer.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

static Value sum(NNBuilder &b, Value lhs, Value rhs) { return b.binary(BinaryKind::Add, lhs, rhs); }

/// The norm over the last dimension, times gamma plus beta (null: none).
static Value normalizeLast(NodeImport &n, NormKind kind, Value x, Value gamma, Value beta) {
  NNBuilder &b = n.b;
  SmallVector<int64_t> axes = {b.rankOf(x) - 1};
  Value result = b.make<NormalizeOp>(b.elementOf(x), kind, x, axes,
                                     llvm::APFloat(n.floatAttr("epsilon", 1e-12)));
  result = b.binary(BinaryKind::Mul, result, gamma);
  return beta ? sum(b, result, beta) : result;
}

/// LayerNormalization of ai.onnx in an opset that does not have it yet.
template <bool isSimplified> static LogicalResult importLayerNorm(NodeImport &n) {
  if (n.hasResult(1) || n.hasResult(2))
    return n.unsupported("the statistics as results, which only training needs");
  StringRef op = isSimplified ? "RMSNormalization" : "LayerNormalization";
  Value beta = isSimplified ? Value() : n.operand(2);
  FailureOr<Value> result = n.importAs(op, {n.operand(0), n.operand(1), beta}, n.node.attributes);
  if (failed(result))
    return failure();
  n.setResult(0, *result);
  return success();
}

/// The norm of input + skip + bias. Result 3 is that sum.
template <NormKind kind> static LogicalResult importSkipNorm(NodeImport &n) {
  NNBuilder &b = n.b;
  if (n.hasResult(1) || n.hasResult(2))
    return n.unsupported("the statistics as results, which only training needs");
  bool isLayer = kind == NormKind::MeanVariance;
  size_t biasAt = isLayer ? 4 : 3;
  Value x = sum(b, n.operand(0), n.operand(1));
  if (n.hasOperand(biasAt))
    x = sum(b, x, n.operand(biasAt));
  n.setResult(0, normalizeLast(n, kind, x, n.operand(2), isLayer ? n.operand(3) : Value()));
  n.setResult(3, x);
  return success();
}

/// The layer norm of the sum of embeddings of words, positions and segments. Result 1 is the
/// number of ones in each row of the mask, 0 without one; result 2 the sum.
static LogicalResult importEmbedNorm(NodeImport &n) {
  NNBuilder &b = n.b;
  enum { ids, segments, words, positionTable, segmentTable, gamma, beta, mask, positions };
  Value rows = b.gather(n.operand(words), n.operand(ids), 0), at;
  at = n.hasOperand(positions) ? n.operand(positions) : b.iota(b.sizeOf(n.operand(ids), 1));
  rows = sum(b, rows, b.gather(n.operand(positionTable), at, 0));
  if (n.hasOperand(segments) != n.hasOperand(segmentTable))
    return n.invalid("segment_ids and segment_embedding come together");
  if (n.hasOperand(segments))
    rows = sum(b, rows, b.gather(n.operand(segmentTable), n.operand(segments), 0));
  n.setResult(0, normalizeLast(n, NormKind::MeanVariance, rows, n.operand(gamma), n.operand(beta)));
  n.setResult(2, rows);
  if (!n.hasResult(1))
    return success();
  Type count = b.getI32Type();
  Value zero = b.scalar(count, 0), ones = b.expand(zero, b.shapeOf(n.operand(ids)));
  if (n.hasOperand(mask)) {
    Value isOne =
        b.compare(ComparePredicate::Eq, n.operand(mask), b.scalarLike(n.operand(mask), 1));
    ones = b.convert(isOne, count);
  }
  n.setResult(1, b.reduce(ReduceKind::Sum, ones, {1}, /*keepDims=*/false));
  return success();
}

/// Groups of channels of an image, normalized with all of its pixels, then x sigmoid(x) if
/// `activation` asks for it. In SkipGroupNorm of input + skip + bias, which is result 1.
template <bool isSkip> static LogicalResult importGroupNorm(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  int64_t groups = n.intAttr("groups"), rank = b.rankOf(x);
  bool isLast = n.intAttr("channels_last", 1);
  if (rank != 4)
    return n.invalid("its input has rank " + Twine(rank) + ", needed is 4");
  int64_t channels = b.typeOf(x).getDimSize(isLast ? 3 : 1);
  if (groups <= 0 || channels < 0 || channels % groups)
    return n.unsupported("channels that are not known to be in " + Twine(groups) + " groups");
  auto perChannel = [&](Value value) { // [C] or [N, C] next to the image
    if (isLast)
      return b.rankOf(value) == 2 ? b.unsqueeze(value, {1, 2}) : value;
    return b.rankOf(value) == 4
               ? value
               : b.unsqueeze(value, b.rankOf(value) == 2 ? ArrayRef<int64_t>{2, 3}
                                                         : ArrayRef<int64_t>{1, 2});
  };
  if (isSkip) {
    x = sum(b, x, perChannel(n.operand(3)));
    if (n.hasOperand(4))
      x = sum(b, x, perChannel(n.operand(4)));
    n.setResult(1, x);
  }
  int64_t each = channels / groups;
  Value grouped = isLast ? b.reshape(x, {0, -1, groups, each}) : b.reshape(x, {0, groups, -1});
  SmallVector<int64_t> axes = isLast ? SmallVector<int64_t>{1, 3} : SmallVector<int64_t>{2};
  Value result = b.make<NormalizeOp>(b.elementOf(x), NormKind::MeanVariance, grouped, axes,
                                     llvm::APFloat(n.floatAttr("epsilon", 1e-5)));
  result = b.reshape(result, b.shapeOf(x), /*allowZero=*/true);
  for (auto [kind, at] : {std::pair(BinaryKind::Mul, 1), std::pair(BinaryKind::Add, 2)})
    result = b.binary(kind, result, perChannel(b.convert(n.operand(at), b.elementOf(x))));
  if (n.intAttr("activation"))
    result = b.binary(BinaryKind::Mul, result, b.unary(UnaryKind::Sigmoid, result));
  n.setResult(0, result);
  return success();
}

namespace optc::onnximport {
void registerContribNorm(HandlerRegistry &registry) {
  auto add = [&](const char *op, NodeHandler handler) {
    registry.add((Twine("com.microsoft:") + op).str(), handler);
  };
  add("LayerNormalization", importLayerNorm<false>);
  add("SimplifiedLayerNormalization", importLayerNorm<true>);
  add("SkipLayerNormalization", importSkipNorm<NormKind::MeanVariance>);
  add("SkipSimplifiedLayerNormalization", importSkipNorm<NormKind::RootMeanSquare>);
  add("EmbedLayerNormalization", importEmbedNorm);
  add("GroupNorm", importGroupNorm<false>);
  add("SkipGroupNorm", importGroupNorm<true>);
}
} // namespace optc::onnximport
