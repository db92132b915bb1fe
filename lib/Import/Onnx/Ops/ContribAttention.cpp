//===- ContribAttention.cpp - attention as ONNX Runtime fuses it ---------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Attention with its projections, attention of projected heads, and rotary embedding with
// positions. Keys that a mask of integers excludes have mask_filter_value added to their
// scores: they count where all others of the row are excluded as well.
//
//===----------------------------------------------------------------------===//
#include "dialects/QNN/QNN.h"
#include "lib/Import/Onnx/Importer.h"
#include "lib/Import/Onnx/Quantization.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

/// [B, S, H * D] as [B, H, S, D].
static Value splitHeads(NNBuilder &b, Value value, int64_t heads) {
  return b.transpose(b.reshape(value, {0, 0, heads, -1}), {0, 2, 1, 3});
}

namespace {
/// What both operators have once there are heads.
struct Heads {
  Value query, key, value; // [B, N, S, D]; key and value behind the past
  Value past;              // the number of keys before those of the queries, or null
  Value mask, bias;        // of integers; to be added to the scores; or null
};

class ScoreMask {
public:
  ScoreMask(NodeImport &n, const Heads &heads) : n(n), b(n.b), heads(heads) {}

  /// What is added to the scores, or null.
  FailureOr<Value> build();

private:
  FailureOr<Value> isKept();
  FailureOr<Value> isKeptByLength();

  NodeImport &n;
  NNBuilder &b;
  const Heads &heads;
};
} // namespace

/// A vector: the number of keys of each batch, or where they end and then where they begin.
FailureOr<Value> ScoreMask::isKeptByLength() {
  SymbolicShapes &shapes = b.getShapes();
  DimExpr count = shapes.getShape(heads.mask)[0], batch = shapes.getShape(heads.query)[0];
  auto among = [&](int64_t factor) { return count == shapes.mul(batch, shapes.constant(factor)); };
  Value lengths = b.convert(heads.mask, b.getI64Type()), begins;
  if (!among(1) && among(2)) {
    Value half = b.sizeOf(heads.query, 0);
    begins = b.slice(lengths, 0, half, b.binary(BinaryKind::Mul, half, b.ints({2})));
    lengths = b.slice(lengths, 0, b.ints({0}), half);
  } else if (count == shapes.add(shapes.mul(batch, shapes.constant(3)), shapes.constant(2))) {
    return n.unsupported("a mask of cumulated lengths (3 * batch + 2); only CUDA has it");
  }
  Value places = b.iota(b.sizeOf(heads.key, 2)); // next to [B, 1, 1, 1]
  Value kept = b.compare(ComparePredicate::Lt, places, b.unsqueeze(lengths, {1, 2, 3}));
  if (begins)
    kept = b.binary(BinaryKind::And, kept,
                    b.compare(ComparePredicate::Ge, places, b.unsqueeze(begins, {1, 2, 3})));
  return kept;
}

/// Whether a key counts, next to the scores [B, N, S, T].
FailureOr<Value> ScoreMask::isKept() {
  int64_t rank = b.rankOf(heads.mask);
  if (rank == 1)
    return isKeptByLength();
  if (rank != 2 && rank != 3)
    return n.unsupported("a mask of rank " + Twine(rank));
  Value positive = b.compare(ComparePredicate::Gt, heads.mask, b.scalarLike(heads.mask, 0));
  return rank == 2 ? b.unsqueeze(positive, {1, 2}) : b.unsqueeze(positive, {1});
}

FailureOr<Value> ScoreMask::build() {
  if (!heads.mask)
    return heads.bias;
  FailureOr<Value> kept = isKept();
  if (failed(kept))
    return failure();
  // f16 does not reach every value.
  double excluded = n.floatAttr("mask_filter_value", -10000);
  if (b.elementOf(heads.query).isF16())
    excluded = std::max(excluded, -65504.0);
  Value zero = b.scalarLike(heads.query, 0);
  Value added = b.select(*kept, zero, b.scalarLike(heads.query, excluded));
  return heads.bias ? b.binary(BinaryKind::Add, heads.bias, added) : added;
}

/// The result, [B, S, N * D].
static FailureOr<Value> attend(NodeImport &n, const Heads &heads) {
  NNBuilder &b = n.b;
  FailureOr<Value> mask = ScoreMask(n, heads).build();
  if (failed(mask))
    return failure();
  int64_t size = b.typeOf(heads.query).getDimSize(3);
  double scale = n.floatAttr("scale");
  if (scale == 0 && (ShapedType::isDynamic(size) || size == 0))
    return n.unsupported("heads of an unknown size");
  if (scale == 0)
    scale = 1 / std::sqrt(static_cast<double>(size));
  IntegerAttr after = n.intAttr("unidirectional") ? b.getI64IntegerAttr(0) : IntegerAttr();
  Value offset = after ? heads.past : Value();
  Value result =
      b.make<AttentionOp>(b.elementOf(heads.query), heads.query, heads.key, heads.value, *mask,
                          offset, /*lengths=*/Value(), b.getF64FloatAttr(scale),
                          /*softcap=*/FloatAttr(), b.getF64FloatAttr(-INFINITY),
                          /*before=*/IntegerAttr(), after, /*guarded=*/UnitAttr(), TypeAttr());
  return b.reshape(b.transpose(result, {0, 2, 1, 3}), {0, 0, -1});
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

namespace {
/// What integers of QAttention stand for.
struct IntegerScales {
  Value input, inputZero, weight, weightZero; ///< zeros may be null
};
} // namespace

/// The three parts of the last dimension of weights and bias: of query, key and value.
static FailureOr<SmallVector<int64_t>> projectionSizes(NodeImport &n, Value weights) {
  SmallVector<int64_t> sizes = n.intsAttr("qkv_hidden_sizes");
  int64_t all = n.b.typeOf(weights).getShape().back(), heads = n.intAttr("num_heads");
  if (ShapedType::isDynamic(all))
    return n.unsupported("weights of an unknown size");
  if (sizes.empty())
    sizes.assign(3, all / 3);
  int64_t sum = 0;
  for (int64_t size : sizes)
    sum += size;
  bool isWhole =
      heads > 0 && llvm::all_of(sizes, [&](int64_t size) { return size > 0 && size % heads == 0; });
  if (sizes.size() != 3 || sum != all || !isWhole)
    return n.invalid("the " + Twine(all) +
                     " columns of its weights are not those of query, key and value of " +
                     Twine(heads) + " heads");
  return sizes;
}

/// Query, key and value as heads: input * weights + bias. Of integers, `scales` and the zero points
/// come with them.
static FailureOr<SmallVector<Value>> project(NodeImport &n, const IntegerScales *scales = nullptr) {
  NNBuilder &b = n.b;
  Value input = n.operand(0), weights = n.operand(1), bias = n.operand(2);
  if (b.rankOf(input) != 3 || b.rankOf(weights) != 2)
    return n.invalid("its input needs rank 3, its weights rank 2");
  FailureOr<SmallVector<int64_t>> sizes = projectionSizes(n, weights);
  if (failed(sizes))
    return failure();
  SmallVector<Value> heads;
  int64_t first = 0;
  for (int64_t size : *sizes) {
    auto part = [&](Value parameter) { // of one number, or of one per column
      bool isWhole =
          !parameter || b.rankOf(parameter) == 0 || b.typeOf(parameter).getNumElements() == 1;
      return isWhole ? parameter : b.slice(parameter, 0, first, first + size);
    };
    Value columns = b.slice(weights, 1, first, first + size), product;
    if (scales) {
      product = integerMatmul(b, {input, scales->inputZero}, {columns, part(scales->weightZero)});
      Value scale = b.binary(BinaryKind::Mul, b.reshape(scales->input, ArrayRef<int64_t>()),
                             part(scales->weight));
      product = b.make<optc::qnn::DequantizeOp>(b.getF32Type(), product, scale, Value());
    } else {
      product = b.make<MatmulOp>(b.elementOf(input), input, columns);
    }
    if (bias)
      product = b.binary(BinaryKind::Add, product, b.slice(bias, 0, first, first + size));
    heads.push_back(splitHeads(b, product, n.intAttr("num_heads")));
    first += size;
  }
  return heads;
}

/// Attention of what is projected, behind a past.
static LogicalResult attendProjected(NodeImport &n, ArrayRef<Value> projected, Value mask,
                                     Value bias, Value past) {
  NNBuilder &b = n.b;
  Heads heads{projected[0], projected[1], projected[2], {}, mask, bias};
  if (past) { // [2, B, N, P, D]: keys and values
    heads.past = b.sizeOf(past, 3);
    auto behindPast = [&](int64_t part, Value now) {
      Value before = b.squeeze(b.slice(past, 0, part, part + 1), {0});
      return b.concat({before, now}, 2);
    };
    heads.key = behindPast(0, heads.key);
    heads.value = behindPast(1, heads.value);
  }
  if (n.hasResult(1)) {
    Value keys = b.unsqueeze(heads.key, {0}), values = b.unsqueeze(heads.value, {0});
    n.setResult(1, b.concat({keys, values}, 0));
  }
  FailureOr<Value> result = attend(n, heads);
  if (failed(result))
    return failure();
  n.setResult(0, *result);
  return success();
}

/// input, weight, bias, input_scale, weight_scale, mask?, input_zero?, weight_zero?, past?
static LogicalResult importQAttention(NodeImport &n) {
  enum { inputScale = 3, weightScale, mask, inputZero, weightZero, past };
  if (n.intAttr("do_rotary"))
    return n.unsupported("do_rotary, which only CUDA has");
  if (n.intAttr("past_present_share_buffer"))
    return n.unsupported("a past that shares its buffer with the present");
  IntegerScales scales{n.operand(inputScale), n.operand(inputZero), n.operand(weightScale),
                       n.operand(weightZero)};
  FailureOr<SmallVector<Value>> projected = project(n, &scales);
  if (failed(projected))
    return failure();
  return attendProjected(n, *projected, n.operand(mask), Value(), n.operand(past));
}

static LogicalResult importAttention(NodeImport &n) {
  enum { mask = 3, past, bias, pastLength };
  if (n.intAttr("do_rotary"))
    return n.unsupported("do_rotary, which only CUDA has");
  if (n.intAttr("past_present_share_buffer") || n.hasOperand(pastLength))
    return n.unsupported("a past that shares its buffer with the present");
  FailureOr<SmallVector<Value>> projected = project(n);
  if (failed(projected))
    return failure();
  return attendProjected(n, *projected, n.operand(mask), n.operand(bias), n.operand(past));
}

//===----------------------------------------------------------------------===//
// Attention of projected heads
//===----------------------------------------------------------------------===//

namespace {
class MultiHeadImport {
public:
  explicit MultiHeadImport(NodeImport &n) : n(n), b(n.b), count(n.intAttr("num_heads")) {}
  LogicalResult run();

private:
  enum { query, key, value, bias, mask, scoreBias, pastKey, pastValue, pastLength, indirection };

  LogicalResult readHeads();
  /// One of the parts of [B, S, N, parts, D] as heads.
  Value part(Value packed, int64_t index);
  LogicalResult addBias();

  NodeImport &n;
  NNBuilder &b;
  int64_t count;
  Heads heads;
};
} // namespace

Value MultiHeadImport::part(Value packed, int64_t index) {
  return b.transpose(b.squeeze(b.slice(packed, 3, index, index + 1), {3}), {0, 2, 1, 3});
}

LogicalResult MultiHeadImport::readHeads() {
  Value q = n.operand(query), k = n.operand(key), v = n.operand(value);
  if (!k && b.rankOf(q) == 5) {
    heads.query = part(q, 0);
    heads.key = part(q, 1);
    heads.value = part(q, 2);
    return success();
  }
  if (!k || b.rankOf(q) != 3)
    return n.unsupported("a query of rank " + Twine(b.rankOf(q)) + (k ? " with" : " without") +
                         " a key");
  heads.query = splitHeads(b, q, count);
  if (!v && b.rankOf(k) == 5) {
    heads.key = part(k, 0);
    heads.value = part(k, 1);
    return success();
  }
  if (!v || b.rankOf(k) != b.rankOf(v) || (b.rankOf(k) != 3 && b.rankOf(k) != 4))
    return n.invalid("key and value need rank 3, both, or rank 4");
  bool isFlat = b.rankOf(k) == 3;
  heads.key = isFlat ? splitHeads(b, k, count) : k;
  heads.value = isFlat ? splitHeads(b, v, count) : v;
  return success();
}

/// The bias is that of query, key and value, side by side, each [N * D].
LogicalResult MultiHeadImport::addBias() {
  int64_t first = 0;
  for (Value *part : {&heads.query, &heads.key, &heads.value}) {
    int64_t size = b.typeOf(*part).getDimSize(3);
    if (ShapedType::isDynamic(size))
      return n.unsupported("a bias for heads of an unknown size");
    Value own = b.slice(n.operand(bias), 0, first, first + count * size);
    *part = b.binary(BinaryKind::Add, *part, b.reshape(own, {1, count, 1, size}));
    first += count * size;
  }
  return success();
}

LogicalResult MultiHeadImport::run() {
  if (n.hasOperand(pastLength) || n.hasOperand(indirection))
    return n.unsupported("a past that shares its buffer with the present");
  if (n.hasResult(3))
    return n.unsupported("the scores as a result");
  if (count <= 0)
    return n.invalid("its attribute num_heads is not positive");
  if (failed(readHeads()) || (n.hasOperand(bias) && failed(addBias())))
    return failure();
  if (n.hasOperand(pastKey) != n.hasOperand(pastValue))
    return n.invalid("past_key and past_value come together");
  if (n.hasOperand(pastKey)) {
    heads.past = b.sizeOf(n.operand(pastKey), 2);
    heads.key = b.concat({n.operand(pastKey), heads.key}, 2);
    heads.value = b.concat({n.operand(pastValue), heads.value}, 2);
  }
  n.setResult(1, heads.key);
  n.setResult(2, heads.value);
  heads.mask = n.operand(mask);
  heads.bias = n.operand(scoreBias);
  FailureOr<Value> result = attend(n, heads);
  if (failed(result))
    return failure();
  n.setResult(0, *result);
  return success();
}

static LogicalResult importMultiHead(NodeImport &n) { return MultiHeadImport(n).run(); }

//===----------------------------------------------------------------------===//
// Rotary embedding
//===----------------------------------------------------------------------===//

/// Of [B, N, S, D], or [B, S, N * D]. Positions are [B, S], or where the first one stands.
static LogicalResult importRotary(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0), positions = n.operand(1);
  if (n.intAttr("is_packed_batching") || n.floatAttr("scale", 1) != 1)
    return n.unsupported("packed batches or a scale, which only CUDA has");
  bool isFlat = b.rankOf(x) == 3;
  int64_t last = b.typeOf(x).getShape().back(), half = b.typeOf(n.operand(2)).getShape().back();
  if (ShapedType::isDynamic(last) || ShapedType::isDynamic(half))
    return n.unsupported("heads or tables of an unknown size");
  int64_t heads = n.intAttr("num_heads");
  if (isFlat && heads <= 0)
    heads = last / (2 * half); // all of a head is turned then
  if (isFlat && (heads <= 0 || last % heads))
    return n.invalid("its tables are for heads of another size");
  if (b.rankOf(positions) == 1) {
    Value places = b.iota(b.sizeOf(x, isFlat ? 1 : 2));
    positions = b.unsqueeze(
        b.binary(BinaryKind::Add, places, b.reshape(positions, ArrayRef<int64_t>())), {0});
  }
  auto table = [&](size_t index) { // [B, S, half] next to the heads
    return b.unsqueeze(b.gather(n.operand(index), positions, 0), {isFlat ? 2 : 1});
  };
  Value wide = isFlat ? b.reshape(x, {0, 0, heads, -1}) : x;
  Value first = table(2);
  Value result = b.make<RopeOp>(b.elementOf(x), wide, first, table(3),
                                n.intAttr("interleaved") ? b.getUnitAttr() : UnitAttr());
  n.setResult(0, isFlat ? b.reshape(result, b.shapeOf(x), /*allowZero=*/true) : result);
  return success();
}

namespace optc::onnximport {
void registerContribAttention(HandlerRegistry &registry) {
  registry.add("com.microsoft:Attention", importAttention);
  registry.add("com.microsoft:QAttention", importQAttention);
  registry.add("com.microsoft:MultiHeadAttention", importMultiHead);
  registry.add("com.microsoft:RotaryEmbedding", importRotary);
}
} // namespace optc::onnximport
