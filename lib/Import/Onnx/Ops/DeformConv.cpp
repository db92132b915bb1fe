//===- DeformConv.cpp - convolutions at displaced positions --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// DeformConv: bilinear samples at every position of the filter, plus an offset of the data, then
// a matrix product.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/RuntimeChecks.h"
#include "lib/Import/Onnx/WindowAttributes.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

namespace {
struct DeformConv {
  NodeImport &n;
  NNBuilder &b;
  Type type; ///< f32 or f64
  SmallVector<int64_t> window, strides, dilations, pads;
  int64_t groups = 1, offsetGroups = 1;
  Value image, height, width; ///< sizes as tensor<1xi64>

  Value join(ArrayRef<Value> sizes) { return b.concat(sizes, 0); }
  Value number(int64_t value) { return b.ints({value}); }
  Value scalar(Value size) { return b.reshape(size, ArrayRef<int64_t>()); }
  Value binary(BinaryKind kind, Value x, Value y) { return b.binary(kind, x, y); }
  int64_t taps() const { return window[0] * window[1]; }

  LogicalResult read();
  Value basePositions(int64_t axis, Value count);
  Value sample(Value rows, Value place[2]);
  Value columns(Value offsets, Value mask);
};
} // namespace

LogicalResult DeformConv::read() {
  Value filter = n.operand(1);
  if (NNBuilder::rankOf(n.operand(0)) != 4 || NNBuilder::rankOf(filter) != 4 ||
      NNBuilder::rankOf(n.operand(2)) != 4)
    return n.unsupported("over other than two spatial dimensions");
  window = n.intsAttr("kernel_shape");
  if (window.empty())
    window.assign(NNBuilder::typeOf(filter).getShape().drop_front(2).begin(),
                  NNBuilder::typeOf(filter).getShape().end());
  if (window.size() != 2 || llvm::any_of(window, [](int64_t size) { return size < 1; }))
    return n.unsupported("a filter of dynamic sizes; give it a static shape");
  auto given = [&](StringRef name, size_t count, int64_t fallback) {
    return readInts(n, name, count, fallback);
  };
  auto s = given("strides", 2, 1), d = given("dilations", 2, 1), p = given("pads", 4, 0);
  if (failed(s) || failed(d) || failed(p))
    return failure();
  strides = *s, dilations = *d, pads = *p;
  groups = n.intAttr("group", 1), offsetGroups = n.intAttr("offset_group", 1);
  if (groups < 1 || offsetGroups < 1)
    return n.invalid("it has " + Twine(groups) + " groups and " + Twine(offsetGroups) +
                     " groups of offsets");
  image = b.convert(n.operand(0), type);
  height = b.sizeOf(image, 2), width = b.sizeOf(image, 3);
  return success(
      succeeded(requireSize(n, filter, 2, window[0], "the filter")) &&
      succeeded(requireSize(n, filter, 3, window[1], "the filter")) &&
      succeeded(requireSize(n, n.operand(2), 1, 2 * offsetGroups * taps(), "the offsets")) &&
      succeeded(
          requireSameSize(n, {n.operand(0), 0, "the image"}, {n.operand(2), 0, "the offsets"})) &&
      succeeded(requireElements(n, n.operand(0), 2, "the image")) &&
      succeeded(requireElements(n, n.operand(0), 3, "the image")));
}

/// Where a filter without offsets reads along an axis, as [taps, count, 1] or [taps, 1, count].
Value DeformConv::basePositions(int64_t axis, Value count) {
  SmallVector<double> starts;
  for (int64_t tap = 0; tap < taps(); ++tap)
    starts.push_back(static_cast<double>(
        (axis == 0 ? tap / window[1] : tap % window[1]) * dilations[axis] - pads[axis]));
  auto table = RankedTensorType::get({taps(), 1, 1}, b.getF64Type());
  Value first =
      b.convert(b.constant(DenseElementsAttr::get(table, ArrayRef<double>(starts))), type);
  Value steps =
      b.binary(BinaryKind::Mul, b.convert(b.iota(count), type), static_cast<double>(strides[axis]));
  return binary(
      BinaryKind::Add, first,
      b.unsqueeze(steps, axis == 0 ? SmallVector<int64_t>{0, 2} : SmallVector<int64_t>{0, 1}));
}

/// `rows` are all pixels [batch * groups * height * width, channels]; the positions are
/// [batch, groups, taps, y, x]. What is outside of the image is 0.
Value DeformConv::sample(Value rows, Value place[2]) {
  Value sizes[] = {height, width}, low[2], fraction[2];
  for (int i = 0; i < 2; ++i) {
    Value limit = scalar(b.convert(sizes[i], type));
    Value isBehind = b.compare(ComparePredicate::Gt, place[i], b.scalar(type, -1));
    Value isNear =
        binary(BinaryKind::And, isBehind, b.compare(ComparePredicate::Lt, place[i], limit));
    Value safe = b.select(isNear, place[i], b.scalar(type, -2));
    Value floor = b.unary(UnaryKind::Floor, safe);
    low[i] = b.convert(floor, b.getI64Type());
    fraction[i] = binary(BinaryKind::Sub, safe, floor);
  }
  Value batch = b.sizeOf(place[0], 0);
  Value planes = binary(BinaryKind::Mul, batch, number(offsetGroups)), plane = b.iota(planes);
  plane = b.reshape(
      plane, join({b.sizeOf(place[0], 0), number(offsetGroups), number(1), number(1), number(1)}),
      true);
  Value sum;
  for (int corner = 0; corner < 4; ++corner) {
    Value index = plane, weight;
    for (int i = 0; i < 2; ++i) {
      bool isHigh = i == 0 ? corner / 2 : corner % 2;
      Value at = isHigh ? b.binary(BinaryKind::Add, low[i], 1.0) : low[i];
      Value last = scalar(b.binary(BinaryKind::Sub, sizes[i], 1.0));
      Value isBehind = b.compare(ComparePredicate::Ge, at, b.scalarLike(at, 0));
      Value isInside = binary(BinaryKind::And, isBehind, b.compare(ComparePredicate::Le, at, last));
      Value part = isHigh ? fraction[i] : binary(BinaryKind::Sub, b.scalar(type, 1), fraction[i]);
      part = b.select(isInside, part, b.scalar(type, 0));
      weight = weight ? binary(BinaryKind::Mul, weight, part) : part;
      Value inside = binary(BinaryKind::Min, b.binary(BinaryKind::Max, at, 0.0), last);
      index = binary(BinaryKind::Add, binary(BinaryKind::Mul, index, scalar(sizes[i])), inside);
    }
    Value read = b.gather(rows, index, 0);
    read = binary(BinaryKind::Mul, read, b.unsqueeze(weight, {5}));
    sum = sum ? binary(BinaryKind::Add, sum, read) : read;
  }
  return sum;
}

/// What the filter is multiplied with, as [batch, groups, channels * taps, y * x].
Value DeformConv::columns(Value offsets, Value mask) {
  Value batch = b.sizeOf(image, 0), channels = b.sizeOf(image, 1);
  Value perGroup = binary(BinaryKind::Div, channels, number(offsetGroups));
  Value pixels =
      b.reshape(image, join({batch, number(offsetGroups), perGroup, height, width}), true);
  pixels = b.transpose(pixels, {0, 1, 3, 4, 2});
  Value count = binary(BinaryKind::Mul, batch, number(offsetGroups));
  count = binary(BinaryKind::Mul, count, binary(BinaryKind::Mul, height, width));
  Value rows = b.reshape(pixels, join({count, perGroup}), true);
  Value y = b.sizeOf(offsets, 2), x = b.sizeOf(offsets, 3);
  Value moves = b.convert(offsets, type);
  moves =
      b.reshape(moves, join({batch, number(offsetGroups), number(taps()), number(2), y, x}), true);
  Value place[2];
  for (int64_t i = 0; i < 2; ++i) {
    Value moved = b.squeeze(b.slice(moves, 3, i, i + 1), {3});
    place[i] = binary(BinaryKind::Add, moved, basePositions(i, i == 0 ? y : x));
  }
  Value read = sample(rows, place); // [batch, offset groups, taps, y, x, channels]
  if (mask) {
    Value factors = b.convert(mask, type);
    factors = b.reshape(factors,
                        join({batch, number(offsetGroups), number(taps()), y, x, number(1)}), true);
    read = binary(BinaryKind::Mul, read, factors);
  }
  read = b.transpose(read, {0, 1, 5, 2, 3, 4});
  Value height = binary(BinaryKind::Div, channels, number(groups));
  height = binary(BinaryKind::Mul, height, number(taps()));
  return b.reshape(read, join({batch, number(groups), height, binary(BinaryKind::Mul, y, x)}),
                   true);
}

static LogicalResult importDeformConv(NodeImport &n) {
  NNBuilder &b = n.b;
  Type element = b.elementOf(n.operand(0));
  DeformConv conv{n,  b, element.isF64() ? element : Type(b.getF32Type()), {}, {}, {}, {}, 1, 1, {},
                  {}, {}};
  if (failed(conv.read()))
    return failure();
  Value filter = b.convert(n.operand(1), conv.type), offsets = n.operand(2);
  Value columns = conv.columns(offsets, n.operand(4));
  Value made = b.sizeOf(filter, 0),
        perGroup = conv.binary(BinaryKind::Div, made, conv.number(conv.groups));
  Value inner = b.sizeOf(filter, 1);
  inner = conv.binary(BinaryKind::Mul, inner, conv.number(conv.taps()));
  Value matrix = b.reshape(filter, conv.join({conv.number(conv.groups), perGroup, inner}), true);
  Value product = b.make<MatmulOp>(conv.type, matrix, columns);
  Value result = b.reshape(
      product, conv.join({b.sizeOf(columns, 0), made, b.sizeOf(offsets, 2), b.sizeOf(offsets, 3)}),
      true);
  if (Value bias = n.operand(3))
    result = b.binary(BinaryKind::Add, result, b.unsqueeze(b.convert(bias, conv.type), {1, 2}));
  n.setResult(0, b.convert(result, element));
  return success();
}

void optc::onnximport::registerDeformConv(HandlerRegistry &r) {
  r.add("DeformConv", importDeformConv);
}
