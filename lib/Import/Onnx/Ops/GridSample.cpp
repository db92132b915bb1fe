//===- GridSample.cpp - sampling at given positions ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The input with channels last is a table of pixels, [batch * space, channels]. Each
// dimension of space has taps: a neighbour of the position and its weight. For each choice
// of one tap per dimension a row of the table is gathered, all channels at once, and the
// rows are summed with their weights, dimension by dimension. Where there is but one channel,
// rows are numbers and there is no dimension for them.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/ResizeAxis.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

namespace {
/// A neighbour of every position along one dimension. All are [batch * positions].
struct Tap {
  Value index;    ///< i64, inside the input
  Value isInside; ///< whether that is where the neighbour is; null: always
  Value weight;   ///< null: 1
};

class GridSampler {
public:
  GridSampler(NodeImport &n) : n(n), b(n.b) {}
  LogicalResult run();

private:
  Value add(Value lhs, Value rhs) { return b.binary(BinaryKind::Add, lhs, rhs); }
  Value sub(Value lhs, Value rhs) { return b.binary(BinaryKind::Sub, lhs, rhs); }
  Value mul(Value lhs, Value rhs) { return b.binary(BinaryKind::Mul, lhs, rhs); }
  Value number(double value) { return b.scalar(computed, value); }
  Value sizeAsNumber(int64_t dim);
  Value lastPosition(int64_t dim) {
    Value size = sizeAsNumber(dim);
    return sub(size, number(1));
  }
  Value clamped(Value position, int64_t dim);

  Value positionsAlong(int64_t dim);
  Value reflected(Value position, int64_t dim);
  Tap tapAt(Value neighbour, Value weight, int64_t dim);
  SmallVector<Tap> tapsOf(Value position, int64_t dim);
  SmallVector<Value> cubicWeights(Value fraction);

  void prepareTable();
  Value firstRow();
  Value besideRow(Value vector);
  Value sample(int64_t dim, Value row, Value isInside);

  NodeImport &n;
  NNBuilder &b;
  Type computed; ///< of positions, weights and sums
  std::string mode, padding;
  bool alignsCorners = false, hasChannels = true;
  int64_t numDims = 0;  ///< of space
  Value x, grid, table; ///< grid is [batch * positions, numDims]
  SmallVector<SmallVector<Tap>> taps;
};
} // namespace

Value GridSampler::sizeAsNumber(int64_t dim) {
  return b.convert(b.reshape(b.sizeOf(x, 2 + dim), ArrayRef<int64_t>()), computed);
}

/// NaN becomes 0.
Value GridSampler::clamped(Value position, int64_t dim) {
  Value isNumber = b.compare(ComparePredicate::Eq, position, position);
  Value safe = b.select(isNumber, position, number(0));
  safe = b.binary(BinaryKind::Max, safe, 0.0);
  return b.binary(BinaryKind::Min, safe, lastPosition(dim));
}

/// -1 and 1 are the centers of the outer pixels, or their outer edges.
Value GridSampler::positionsAlong(int64_t dim) {
  int64_t column = numDims - 1 - dim; // x, the last dimension, comes first
  Value at = b.squeeze(b.slice(grid, 1, column, column + 1), {1});
  Value shifted = add(at, number(1)), half = number(0.5);
  if (alignsCorners) {
    Value halved = mul(shifted, half);
    return mul(halved, lastPosition(dim));
  }
  Value edges = mul(shifted, sizeAsNumber(dim));
  return mul(sub(edges, number(1)), half);
}

/// The position mirrored at the borders of the input, as often as it takes.
Value GridSampler::reflected(Value position, int64_t dim) {
  Value low = number(alignsCorners ? 0 : -0.5);
  Value range = alignsCorners ? lastPosition(dim) : sizeAsNumber(dim);
  // One pixel whose center is the border: there is no other place.
  Value isPoint = b.compare(ComparePredicate::Le, range, number(0));
  Value safeRange = b.select(isPoint, number(1), range);
  Value distance = b.unary(UnaryKind::Abs, sub(position, low));
  Value turns = b.unary(UnaryKind::Floor, b.binary(BinaryKind::Div, distance, safeRange));
  Value rest = sub(distance, mul(turns, safeRange));
  Value halves = mul(turns, number(0.5));
  Value isEven = b.compare(ComparePredicate::Eq, halves, b.unary(UnaryKind::Floor, halves));
  Value mirrored = add(low, b.select(isEven, rest, sub(safeRange, rest)));
  return b.select(isPoint, low, mirrored);
}

Tap GridSampler::tapAt(Value neighbour, Value weight, int64_t dim) {
  Value isInside;
  if (padding == "zeros") {
    Value isBehind = b.compare(ComparePredicate::Ge, neighbour, number(0));
    isInside = b.binary(BinaryKind::And, isBehind,
                        b.compare(ComparePredicate::Le, neighbour, lastPosition(dim)));
  } else if (padding == "reflection") {
    neighbour = reflected(neighbour, dim);
  }
  return {b.convert(clamped(neighbour, dim), b.getI64Type()), isInside, weight};
}

/// Keys' kernel with a = -0.75, for taps at -1, 0, 1 and 2 of the position's floor.
SmallVector<Value> GridSampler::cubicWeights(Value fraction) {
  constexpr double a = -0.75;
  auto polynomial = [&](Value x, ArrayRef<double> coefficients) { // highest power first
    Value sum = number(coefficients.front());
    for (double coefficient : coefficients.drop_front()) {
      sum = mul(sum, x);
      sum = add(sum, number(coefficient));
    }
    return sum;
  };
  auto near = [&](Value x) { return polynomial(x, {a + 2, -(a + 3), 0, 1}); };
  auto far = [&](Value x) { return polynomial(x, {a, -5 * a, 8 * a, -4 * a}); };
  Value rest = sub(number(1), fraction);
  return {far(add(fraction, number(1))), near(fraction), near(rest), far(add(rest, number(1)))};
}

SmallVector<Tap> GridSampler::tapsOf(Value position, int64_t dim) {
  if (mode == "nearest")
    position = b.unary(UnaryKind::Round, position); // halves to even
  // Of a cubic position each tap is moved to the border for itself.
  if (padding == "border" && mode != "cubic") {
    position = b.binary(BinaryKind::Max, position, 0.0);
    position = b.binary(BinaryKind::Min, position, lastPosition(dim));
  } else if (padding == "reflection") {
    position = reflected(position, dim);
  }
  if (mode == "nearest")
    return {tapAt(position, {}, dim)};
  Value floor = b.unary(UnaryKind::Floor, position), fraction = sub(position, floor);
  if (mode == "linear")
    return {tapAt(floor, sub(number(1), fraction), dim),
            tapAt(add(floor, number(1)), fraction, dim)};
  SmallVector<Tap> result;
  for (auto [i, weight] : llvm::enumerate(cubicWeights(fraction)))
    result.push_back(tapAt(add(floor, number(static_cast<double>(i) - 1)), weight, dim));
  return result;
}

//===----------------------------------------------------------------------===//
// Rows of pixels
//===----------------------------------------------------------------------===//

void GridSampler::prepareTable() {
  hasChannels = b.typeOf(x).getDimSize(1) != 1;
  if (!hasChannels) {
    table = b.reshape(x, ArrayRef<int64_t>(-1));
    return;
  }
  SmallVector<int64_t> order = {0};
  for (int64_t dim = 0; dim < numDims; ++dim)
    order.push_back(2 + dim);
  order.push_back(1);
  Value rows = b.ints({-1}), channels = b.sizeOf(x, 1);
  if (b.typeOf(x).isDynamicDim(1)) { // the other size written out: channels may be none
    rows = b.sizeOf(x, 0);
    for (int64_t dim = 0; dim < numDims; ++dim)
      rows = b.binary(BinaryKind::Mul, rows, b.sizeOf(x, 2 + dim));
  }
  table = b.transpose(x, order);
  table = b.reshape(table, b.concat({rows, channels}, 0), /*allowZero=*/true);
}

/// The row where the image of each position begins, in units of the first dimension of space.
Value GridSampler::firstRow() {
  Value images = b.unsqueeze(b.iota(b.sizeOf(x, 0)), {1});
  Value each = b.sizeOf(n.operand(1), 1);
  for (int64_t dim = 1; dim < numDims; ++dim)
    each = b.binary(BinaryKind::Mul, each, b.sizeOf(n.operand(1), 1 + dim));
  Value image = b.expand(images, b.concat({b.sizeOf(x, 0), each}, 0));
  return b.reshape(image, b.sizeOf(grid, 0), /*allowZero=*/true);
}

Value GridSampler::besideRow(Value vector) {
  return hasChannels ? b.unsqueeze(vector, {1}) : vector;
}

/// The sum over the taps of dimension `dim` and all behind it. `row` are the rows of the taps
/// chosen so far, `isInside` whether all of them are.
Value GridSampler::sample(int64_t dim, Value row, Value isInside) {
  if (dim == numDims) {
    Value pixels = b.gather(table, row, 0);
    if (mode != "nearest") // which only moves them
      pixels = b.convert(pixels, computed);
    if (!isInside)
      return pixels;
    Value isRead = besideRow(isInside);
    return b.select(isRead, pixels, b.scalarLike(pixels, 0));
  }
  Value sum,
      below = b.binary(BinaryKind::Mul, row, b.reshape(b.sizeOf(x, 2 + dim), ArrayRef<int64_t>()));
  for (const Tap &tap : taps[dim]) {
    Value inside =
        isInside && tap.isInside ? b.binary(BinaryKind::And, isInside, tap.isInside) : tap.isInside;
    Value part = sample(dim + 1, add(below, tap.index), inside);
    if (tap.weight)
      part = mul(part, besideRow(tap.weight));
    sum = sum ? add(sum, part) : part;
  }
  return sum;
}

LogicalResult GridSampler::run() {
  x = n.operand(0);
  int64_t rank = b.rankOf(x);
  numDims = rank - 2;
  if (numDims < 1 || b.rankOf(n.operand(1)) != rank)
    return n.invalid("input and grid have ranks " + Twine(rank) + " and " +
                     Twine(b.rankOf(n.operand(1))));
  int64_t coordinates = b.typeOf(n.operand(1)).getShape().back();
  if (!ShapedType::isDynamic(coordinates) && coordinates != numDims)
    return n.invalid("the grid has " + Twine(coordinates) + " coordinates for " + Twine(numDims) +
                     " dimensions");
  mode = n.stringAttr("mode", "linear");
  if (mode.substr(0, 2) == "bi")
    mode = mode.substr(2); // its name before opset 20
  padding = n.stringAttr("padding_mode", "zeros");
  if (mode != "linear" && mode != "nearest" && mode != "cubic")
    return n.invalid("unknown mode '" + mode + "'");
  if (padding != "zeros" && padding != "border" && padding != "reflection")
    return n.invalid("unknown padding_mode '" + padding + "'");
  alignsCorners = n.intAttr("align_corners");
  Type type = b.elementOf(x);
  computed = type.isF64() || b.elementOf(n.operand(1)).isF64() ? b.getF64Type() : b.getF32Type();
  grid = b.convert(b.reshape(n.operand(1), {-1, numDims}), computed);
  prepareTable();
  for (int64_t dim = 0; dim < numDims; ++dim)
    taps.push_back(tapsOf(positionsAlong(dim), dim));
  Value rows = roundTo(b, sample(0, firstRow(), {}), type);
  SmallVector<Value> sizes = {b.sizeOf(x, 0)};
  for (int64_t dim = 0; dim < numDims; ++dim)
    sizes.push_back(b.sizeOf(n.operand(1), 1 + dim));
  sizes.insert(hasChannels ? sizes.end() : sizes.begin() + 1, b.sizeOf(x, 1));
  Value result = b.reshape(rows, b.concat(sizes, 0), /*allowZero=*/true);
  if (hasChannels) {
    SmallVector<int64_t> order = {0, rank - 1};
    for (int64_t dim = 0; dim < numDims; ++dim)
      order.push_back(1 + dim);
    result = b.transpose(result, order);
  }
  n.setResult(0, result);
  return success();
}

static LogicalResult importGridSample(NodeImport &n) { return GridSampler(n).run(); }

namespace optc::onnximport {
void registerGridSample(HandlerRegistry &registry) { registry.add("GridSample", importGridSample); }
} // namespace optc::onnximport
