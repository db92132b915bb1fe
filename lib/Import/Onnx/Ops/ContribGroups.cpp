//===- ContribGroups.cpp - attention of heads in groups ------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// GroupQueryAttention of com.microsoft, as the model builder of ONNX Runtime GenAI writes it.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Importer.h"
#include <cmath>

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

namespace {
class GroupQueryImport {
public:
  explicit GroupQueryImport(NodeImport &n)
      : n(n), b(n.b), count(n.intAttr("num_heads")), groups(n.intAttr("kv_num_heads")) {}
  LogicalResult run();

private:
  enum {
    query,
    key,
    value,
    pastKey,
    pastValue,
    lastPlaces,
    total,
    cosines,
    sines,
    positions,
    bias,
    sink
  };

  LogicalResult checkForm();
  LogicalResult readHeads();
  /// Rows of a batch have as many tokens before the new ones as the past has, unless it has none.
  LogicalResult checkLengths();
  LogicalResult turn();
  LogicalResult attend();

  NodeImport &n;
  NNBuilder &b;
  int64_t count, groups, size = 0;
  Value q, k, v; ///< [B, S, N, D]
  Value past;    ///< how many keys there are before those of the queries
};
} // namespace

LogicalResult GroupQueryImport::checkForm() {
  if (count <= 0 || groups <= 0 || count % groups)
    return n.invalid("its " + Twine(count) + " heads are in no " + Twine(groups) + " groups");
  if (n.hasOperand(key) != n.hasOperand(value) || n.hasOperand(pastKey) != n.hasOperand(pastValue))
    return n.invalid("key and value come together, as do past_key and past_value");
  for (size_t operand = sink; operand < n.node.inputs.size(); ++operand)
    if (n.hasOperand(operand))
      return n.unsupported("sinks of heads, norms of heads, or a past of integers");
  if (n.intAttr("smooth_softmax", 0) > 0)
    return n.unsupported("smooth_softmax");
  if (n.hasResult(3))
    return n.unsupported("the scores as a result");
  return n.requireRank(query, 3);
}

LogicalResult GroupQueryImport::readHeads() {
  int64_t width = b.typeOf(n.operand(query)).getDimSize(2);
  int64_t parts = n.hasOperand(key) ? count : count + 2 * groups;
  if (ShapedType::isDynamic(width) || width == 0 || width % parts)
    return n.unsupported("heads of an unknown size");
  size = width / parts;
  auto heads = [&](Value flat, int64_t number) { return b.reshape(flat, {0, 0, number, size}); };
  if (n.hasOperand(key)) {
    q = heads(n.operand(query), count);
    k = heads(n.operand(key), groups);
    v = heads(n.operand(value), groups);
    return success();
  }
  Value all = heads(n.operand(query), parts);
  q = b.slice(all, 2, 0, count);
  k = b.slice(all, 2, count, count + groups);
  v = b.slice(all, 2, count + groups, parts);
  return success();
}

LogicalResult GroupQueryImport::checkLengths() {
  past = n.hasOperand(pastKey) ? b.sizeOf(n.operand(pastKey), 2) : b.ints({0});
  Value added = b.sizeOf(q, 1);
  Value all = b.binary(BinaryKind::Add, past, added);
  Value told = b.convert(b.reshape(n.operand(total), {1}), b.getI64Type());
  if (failed(n.demand(told, ComparePredicate::Eq, all,
                      "total_sequence_length is {0}, past and new tokens are {1}; a past with room "
                      "for more is not "
                      "supported")))
    return failure();
  Value last = b.convert(b.reshape(n.operand(lastPlaces), {-1}), b.getI64Type());
  Value first = b.binary(BinaryKind::Sub, b.binary(BinaryKind::Add, last, b.ints({1})), added);
  // Where there is no past, what stands behind shorter rows is never read by them.
  Value hasPast = b.binary(BinaryKind::Min, past, b.ints({1}));
  Value counted = b.binary(BinaryKind::Mul, first, hasPast);
  for (ComparePredicate predicate : {ComparePredicate::Ge, ComparePredicate::Le})
    if (failed(n.demand(counted, predicate, past,
                        "a row has {0} tokens before the new ones, the past has {1}; rows of "
                        "unlike lengths are not "
                        "supported")))
      return failure();
  return success();
}

/// Rotary embedding of the places behind the past.
LogicalResult GroupQueryImport::turn() {
  if (!n.intAttr("do_rotary"))
    return success();
  if (!n.hasOperand(cosines) || !n.hasOperand(sines))
    return n.invalid("do_rotary needs cos_cache and sin_cache");
  Value places = n.hasOperand(positions)
                     ? n.operand(positions)
                     : b.unsqueeze(b.binary(BinaryKind::Add, b.iota(b.sizeOf(q, 1)), past), {0});
  auto table = [&](size_t index) {
    return b.unsqueeze(b.gather(n.operand(index), places, 0), {2});
  };
  Value cosine = table(cosines), sine = table(sines);
  UnitAttr interleaved = n.intAttr("rotary_interleaved") ? b.getUnitAttr() : UnitAttr();
  for (Value *heads : {&q, &k})
    *heads = b.make<RopeOp>(b.elementOf(*heads), *heads, cosine, sine, interleaved);
  return success();
}

LogicalResult GroupQueryImport::attend() {
  auto behindPast = [&](size_t operand, size_t result, Value now) {
    now = b.transpose(now, {0, 2, 1, 3});
    if (n.hasOperand(operand))
      now = b.concat({n.operand(operand), now}, 2);
    n.setResult(result, now);
    return now;
  };
  Value keys = behindPast(pastKey, 1, k), values = behindPast(pastValue, 2, v);
  double scale = n.floatAttr("scale"), softcap = n.floatAttr("softcap");
  if (scale == 0)
    scale = 1 / std::sqrt(static_cast<double>(size));
  int64_t window = n.intAttr("local_window_size", -1);
  Value result = b.make<AttentionOp>(
      b.elementOf(q), b.transpose(q, {0, 2, 1, 3}), keys, values, n.operand(bias), past,
      /*lengths=*/Value(), b.getF64FloatAttr(scale),
      softcap > 0 ? b.getF64FloatAttr(softcap) : FloatAttr(), b.getF64FloatAttr(-INFINITY),
      window > 0 ? b.getI64IntegerAttr(window - 1) : IntegerAttr(), b.getI64IntegerAttr(0),
      /*guarded=*/UnitAttr(), TypeAttr());
  n.setResult(0, b.reshape(b.transpose(result, {0, 2, 1, 3}), {0, 0, count * size}));
  return success();
}

LogicalResult GroupQueryImport::run() {
  if (failed(checkForm()) || failed(readHeads()) || failed(checkLengths()) || failed(turn()))
    return failure();
  return attend();
}

static LogicalResult importGroupQuery(NodeImport &n) { return GroupQueryImport(n).run(); }

namespace optc::onnximport {
void registerContribGroups(HandlerRegistry &registry) {
  registry.add("com.microsoft:GroupQueryAttention", importGroupQuery);
}
} // namespace optc::onnximport
