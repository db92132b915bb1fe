//===- Attention.cpp - attention and rotary embedding ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both have function bodies in the standard. What the ops of nn can not say (scores as a
// result, softmax in f64, sizes of heads that are not known) is left to these.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/SizeValues.h"
#include "lib/Import/Onnx/Importer.h"
#include "lib/Import/Onnx/Loader.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

static bool isKnown(const ValueType &type, size_t dim) {
  return type.hasRank && dim < type.dims.size() && type.dims[dim].isKnown();
}

/// [B, S, H * D] as [B, S, H, D].
static Value splitHeads(NNBuilder &b, Value input, int64_t heads) {
  return b.reshape(input, {0, 0, heads, -1});
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

namespace {
enum AttentionInput { inQuery, inKey, inValue, inMask, inPastKey, inPastValue, inLengths };
} // namespace

static bool takesAttention(const NodeView &node) {
  ValueType q = node.inputType(inQuery), mask = node.inputType(inMask);
  bool isWide = node.intAttr("softmax_precision").value_or(0) == static_cast<int>(ElemType::F64);
  if (!q.hasRank || node.hasOutput(3) || (isWide && q.elem != ElemType::F64))
    return false;
  size_t rank = q.dims.size();
  if ((rank != 3 && rank != 4) || !isKnown(q, rank - 1))
    return false;
  for (size_t i : {inKey, inValue, inPastKey, inPastValue}) {
    ValueType type = node.inputType(i);
    if (!node.hasInput(i))
      continue;
    if (type.elem != q.elem || !type.hasRank || type.dims.size() != (i <= inValue ? rank : 4))
      return false;
    if (rank == 4 && !isKnown(type, 1))
      return false;
  }
  if (node.hasInput(inMask) && ((mask.elem != ElemType::Bool && mask.elem != q.elem) ||
                                !mask.hasRank || mask.dims.size() < 2 || mask.dims.size() > 4))
    return false;
  return rank == 3 || isKnown(q, 1);
}

namespace {
class AttentionImport {
public:
  explicit AttentionImport(NodeImport &n) : n(n), b(n.b) {}
  LogicalResult run();

private:
  /// Operand `index` as [B, heads, sequence, size of a head].
  Value heads(size_t index, llvm::StringRef count);
  /// Key or value behind what the past holds.
  Value behindPast(size_t past, size_t present, Value now);
  /// The mask over all keys: those it does not reach are excluded.
  Value maskFor(Value keys);

  NodeImport &n;
  NNBuilder &b;
  bool isFlat = false; ///< heads lie side by side in the last dimension
};
} // namespace

Value AttentionImport::heads(size_t index, StringRef count) {
  Value input = n.operand(index);
  return isFlat ? b.transpose(splitHeads(b, input, n.intAttr(count)), {0, 2, 1, 3}) : input;
}

Value AttentionImport::behindPast(size_t past, size_t present, Value now) {
  if (n.hasOperand(past))
    now = b.concat({n.operand(past), now}, 2);
  n.setResult(present, now);
  return now;
}

Value AttentionImport::maskFor(Value keys) {
  Value mask = n.operand(inMask);
  if (!mask)
    return {};
  SymbolicShapes &shapes = b.getShapes();
  DimExpr all = shapes.getShape(keys)[2], reached = shapes.getShape(mask).back();
  if (all == reached)
    return mask;
  int64_t rank = b.rankOf(mask);
  SmallVector<int64_t> none(2 * rank - 1, 0);
  Value pads = b.concat({b.ints(none), buildSize(b, shapes.sub(all, reached))}, 0);
  double excluded = b.elementOf(mask).isInteger(1) ? 0 : -INFINITY;
  return b.make<PadOp>(b.elementOf(mask), PadMode::Constant, mask, pads,
                       b.scalarLike(mask, excluded));
}

LogicalResult AttentionImport::run() {
  isFlat = b.rankOf(n.operand(inQuery)) == 3;
  if (isFlat && (n.intAttr("q_num_heads") <= 0 || n.intAttr("kv_num_heads") <= 0))
    return n.invalid("operands of rank 3 need the attributes q_num_heads and kv_num_heads");
  if (n.hasOperand(inPastKey) != n.hasOperand(inPastValue))
    return n.invalid("past_key and past_value come together");
  Value q = heads(inQuery, "q_num_heads");
  Value k = behindPast(inPastKey, 1, heads(inKey, "kv_num_heads"));
  Value v = behindPast(inPastValue, 2, heads(inValue, "kv_num_heads"));
  int64_t size = b.typeOf(q).getDimSize(3);
  if (ShapedType::isDynamic(size) || size == 0)
    return n.unsupported("heads of an unknown size");
  Value mask = maskFor(k), offset, lengths;
  if (n.hasOperand(inPastKey))
    offset = b.sizeOf(n.operand(inPastKey), 2);
  if (n.hasOperand(inLengths)) {
    lengths = b.convert(n.operand(inLengths), b.getI64Type());
    if (failed(n.demand(lengths, ComparePredicate::Ge, 0.0, "{0} keys are not padding")) ||
        failed(n.demand(lengths, ComparePredicate::Le, b.sizeOf(k, 2),
                        "{0} keys are not padding, there are {1}")))
      return failure();
    offset = b.binary(BinaryKind::Sub, lengths, b.sizeOf(q, 2));
  }
  int64_t before = n.intAttr("left_window_size", -1), after = n.intAttr("right_window_size", -1);
  if (n.intAttr("is_causal"))
    after = 0;
  // A row that no key is left for is 0; one whose scores the data makes -inf is NaN.
  bool mayExclude = mask || lengths || before >= 0 || after >= 0;
  auto bound = [&](int64_t keys) { return keys < 0 ? IntegerAttr() : b.getI64IntegerAttr(keys); };
  double softcap = n.floatAttr("softcap"), scale = n.floatAttr("scale", 1 / std::sqrt(size));
  Value result = b.make<AttentionOp>(
      b.elementOf(q), q, k, v, mask, offset, lengths, b.getF64FloatAttr(scale),
      softcap > 0 ? b.getF64FloatAttr(softcap) : FloatAttr(), b.getF64FloatAttr(-INFINITY),
      bound(before), bound(after), mayExclude ? b.getUnitAttr() : UnitAttr(), TypeAttr());
  if (isFlat)
    result = b.reshape(b.transpose(result, {0, 2, 1, 3}), {0, 0, -1});
  n.setResult(0, result);
  return success();
}

static LogicalResult importAttention(NodeImport &n) { return AttentionImport(n).run(); }

//===----------------------------------------------------------------------===//
// Rotary embedding
//===----------------------------------------------------------------------===//

/// How many elements of a head are turned; 0 if unknown.
static int64_t rotaryElements(int64_t attribute, int64_t lastSize, int64_t heads, bool isFlat) {
  if (attribute > 0 || lastSize < 0)
    return std::max<int64_t>(attribute, 0);
  return isFlat ? (heads > 0 ? lastSize / heads : 0) : lastSize;
}

static bool takesRotary(const NodeView &node) {
  ValueType x = node.inputType(0);
  if (!x.hasRank || (x.dims.size() != 3 && x.dims.size() != 4) || !isKnown(x, x.dims.size() - 1))
    return false;
  size_t tableRank = node.hasInput(3) ? 2 : 3;
  for (size_t i : {1, 2}) {
    ValueType table = node.inputType(i);
    if (!table.hasRank || table.dims.size() != tableRank || table.elem != x.elem ||
        !isKnown(table, tableRank - 1))
      return false;
  }
  return true;
}

static LogicalResult importRotary(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  bool isFlat = b.rankOf(x) == 3;
  int64_t heads = n.intAttr("num_heads");
  if (isFlat && heads <= 0)
    return n.invalid("an input of rank 3 needs the attribute num_heads");
  int64_t tableRank = n.hasOperand(3) ? 2 : 3;
  if (failed(n.requireRank(1, tableRank)) || failed(n.requireRank(2, tableRank)) ||
      failed(n.requireRank(3, 2)))
    return failure();
  int64_t turned = rotaryElements(n.intAttr("rotary_embedding_dim"), b.typeOf(x).getShape().back(),
                                  heads, isFlat);
  if (turned == 0 || turned % 2)
    return n.unsupported("rotary embedding of " + Twine(turned) + " elements of a head");
  auto table = [&](size_t index) {
    Value angles = n.operand(index);
    if (n.hasOperand(3))
      angles = b.gather(angles, n.operand(3), 0);
    if (b.typeOf(angles).getDimSize(2) != turned / 2)
      angles = b.slice(angles, 2, 0, turned / 2);
    return b.unsqueeze(angles, {isFlat ? 2 : 1}); // the same for all heads
  };
  Value wide = isFlat ? splitHeads(b, x, heads) : x;
  Value first = table(1);
  Value result = b.make<RopeOp>(b.elementOf(x), wide, first, table(2),
                                n.intAttr("interleaved") ? b.getUnitAttr() : UnitAttr());
  n.setResult(0, isFlat ? b.reshape(result, b.shapeOf(x), /*allowZero=*/true) : result);
  return success();
}

namespace optc::onnximport {
void registerAttention(HandlerRegistry &registry) {
  registry.add("Attention", importAttention, takesAttention);
  registry.add("RotaryEmbedding", importRotary, takesRotary);
}
} // namespace optc::onnximport
