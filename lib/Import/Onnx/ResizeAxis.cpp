//===- ResizeAxis.cpp - resizing along one axis --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Positions of the results in the input, and interpolation there.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/ResizeAxis.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

ResizeOptions ResizeOptions::read(NodeImport &n) {
  ResizeOptions options;
  options.mode = n.stringAttr("mode", "nearest");
  options.coordinates = n.stringAttr("coordinate_transformation_mode", "half_pixel");
  options.nearest = n.stringAttr("nearest_mode", "round_prefer_floor");
  options.cubicFactor = n.floatAttr("cubic_coeff_a", -0.75);
  options.excludeOutside = n.intAttr("exclude_outside");
  options.antialias = n.intAttr("antialias");
  return options;
}

Value optc::onnximport::roundTo(NNBuilder &b, Value value, Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  if (b.elementOf(value) == type || !integer || integer.getWidth() > 16)
    return b.convert(value, type);
  bool isUnsigned = integer.isUnsigned();
  double high = std::ldexp(1.0, integer.getWidth() - (isUnsigned ? 0 : 1)) - 1;
  double low = isUnsigned ? 0 : -high - 1;
  value = b.binary(BinaryKind::Min, b.binary(BinaryKind::Max, value, low), high);
  return b.convert(value, type);
}

namespace {
/// Builds one axis; vectors run over the result's positions.
class AxisResizer {
public:
  AxisResizer(NNBuilder &b, Value x, const ResizeAxis &axis, const ResizeOptions &options)
      : b(b), x(x), axis(axis), options(options), rank(NNBuilder::rankOf(x)) {}

  Value run(Value &outside);

private:
  Value add(Value lhs, Value rhs) { return b.binary(BinaryKind::Add, lhs, rhs); }
  Value sub(Value lhs, Value rhs) { return b.binary(BinaryKind::Sub, lhs, rhs); }
  Value mul(Value lhs, Value rhs) { return b.binary(BinaryKind::Mul, lhs, rhs); }
  Value div(Value lhs, Value rhs) { return b.binary(BinaryKind::Div, lhs, rhs); }
  Value number(double value) { return b.scalar(b.getF32Type(), value); }
  Value floats(Value ints) { return b.convert(ints, b.getF32Type()); }
  Value lastPosition() {
    Value size = b.convert(axis.inputSize, b.getI64Type());
    return sub(size, b.ints({1}));
  }
  Value clamp(Value index) {
    Value low = b.binary(BinaryKind::Max, index, b.ints({0}));
    return b.binary(BinaryKind::Min, low, lastPosition());
  }

  Value positions();
  Value nearest(Value position);
  Value repeat(int64_t factor);
  Value alongAxis(Value vector);
  Value weighted(ArrayRef<Value> indices, MutableArrayRef<Value> weights);
  Value linear(Value position);
  Value cubic(Value position);
  Value cubicWeight(Value distance);
  Value antialiased(Value position);

  NNBuilder &b;
  Value x;
  const ResizeAxis &axis;
  const ResizeOptions &options;
  int64_t rank;
};
} // namespace

/// Where result i lies in the input, as a real number: f32[size].
Value AxisResizer::positions() {
  Value i = floats(b.iota(axis.size)), in = floats(axis.inputSize), out = floats(axis.size);
  Value scale = b.convert(axis.scale, b.getF32Type()), half = number(0.5), one = number(1);
  Value isOne = b.compare(ComparePredicate::Eq, out, number(1));
  Value centered = sub(div(add(i, half), scale), half);
  StringRef mode = options.coordinates;
  if (mode == "asymmetric")
    return div(i, scale);
  if (mode == "pytorch_half_pixel")
    return b.select(isOne, number(0), centered);
  // Divisions by size - 1 that are not used where the size is 1.
  Value gaps = b.binary(BinaryKind::Max, sub(out, one), one);
  if (mode == "align_corners") {
    Value zero = number(0);
    return b.select(isOne, zero, div(mul(i, sub(in, one)), gaps));
  }
  if (mode == "tf_crop_and_resize") {
    Value last = sub(in, one), extent = sub(axis.cropEnd, axis.cropStart);
    Value start = mul(axis.cropStart, last);
    Value inner = add(start, div(mul(i, mul(extent, last)), gaps));
    return b.select(isOne, mul(mul(half, add(axis.cropStart, axis.cropEnd)), last), inner);
  }
  if (mode == "half_pixel_symmetric") {
    Value adjustment = div(out, mul(in, scale)), middle = div(in, number(2));
    return add(mul(middle, sub(one, adjustment)), centered);
  }
  if (mode == "tf_half_pixel_for_nn")
    return div(add(i, half), scale);
  return centered; // half_pixel
}

//===----------------------------------------------------------------------===//
// Nearest
//===----------------------------------------------------------------------===//

Value AxisResizer::nearest(Value position) {
  StringRef mode = options.nearest;
  Value half = number(0.5), index;
  if (mode == "floor")
    index = b.unary(UnaryKind::Floor, position);
  else if (mode == "ceil")
    index = b.unary(UnaryKind::Ceil, position);
  else if (mode == "round_prefer_ceil")
    index = b.unary(UnaryKind::Floor, add(position, half));
  else
    index = b.unary(UnaryKind::Ceil, sub(position, half));
  return b.gather(x, clamp(b.convert(index, b.getI64Type())), axis.dim);
}

/// Every element `factor` times: a view of one more dimension, without indices.
Value AxisResizer::repeat(int64_t factor) {
  SmallVector<Value> sizes;
  for (int64_t dim = 0; dim < rank; ++dim) {
    sizes.push_back(b.sizeOf(x, dim));
    if (dim == axis.dim)
      sizes.push_back(b.ints({factor}));
  }
  Value single = b.unsqueeze(x, {axis.dim + 1}), wide = b.expand(single, b.concat(sizes, 0));
  sizes.erase(sizes.begin() + axis.dim + 1);
  sizes[axis.dim] = axis.size;
  return b.reshape(wide, b.concat(sizes, 0), /*allowZero=*/true);
}

//===----------------------------------------------------------------------===//
// Weighted sums
//===----------------------------------------------------------------------===//

/// A vector over the axis, with dimensions of size 1 after it.
Value AxisResizer::alongAxis(Value vector) {
  SmallVector<int64_t> sizes(rank - axis.dim, 1);
  sizes.front() = -1;
  return b.reshape(vector, sizes);
}

/// Sum of the inputs at `indices` (not clamped) by weights.
Value AxisResizer::weighted(ArrayRef<Value> indices, MutableArrayRef<Value> weights) {
  if (options.excludeOutside) {
    Value total;
    for (auto [index, weight] : llvm::zip(indices, weights)) {
      Value isInside = b.compare(ComparePredicate::Eq, clamp(index), index);
      weight = b.select(isInside, weight, number(0));
      total = total ? add(total, weight) : weight;
    }
    for (Value &weight : weights)
      weight = div(weight, total);
  }
  Value sum;
  for (auto [index, weight] : llvm::zip(indices, weights)) {
    Value read = b.gather(x, clamp(index), axis.dim);
    Value scaled = mul(read, alongAxis(b.convert(weight, b.elementOf(x))));
    sum = sum ? add(sum, scaled) : scaled;
  }
  return sum;
}

Value AxisResizer::linear(Value position) {
  Value low = b.unary(UnaryKind::Floor, position), fraction = sub(position, low);
  Value index = b.convert(low, b.getI64Type());
  SmallVector<Value> indices = {index, add(index, b.ints({1}))};
  SmallVector<Value> weights = {sub(number(1), fraction), fraction};
  return weighted(indices, weights);
}

/// Keys' cubic kernel at |distance|: (a+2)d^3 - (a+3)d^2 + 1 below 1, a d^3 - 5a d^2 + 8a d - 4a
/// below 2.
Value AxisResizer::cubicWeight(Value distance) {
  double a = options.cubicFactor;
  Value d = b.unary(UnaryKind::Abs, distance);
  auto polynomial = [&](ArrayRef<double> factors) {
    Value value = number(factors.front());
    for (double factor : factors.drop_front()) {
      value = mul(value, d);
      value = add(value, number(factor));
    }
    return value;
  };
  Value near = polynomial({a + 2, -(a + 3), 0, 1}), far = polynomial({a, -5 * a, 8 * a, -4 * a});
  auto isBelow = [&](double limit) { return b.compare(ComparePredicate::Lt, d, number(limit)); };
  Value isNear = isBelow(1), isFar = isBelow(2);
  return b.select(isNear, near, b.select(isFar, far, number(0)));
}

Value AxisResizer::cubic(Value position) {
  Value low = b.unary(UnaryKind::Floor, position), fraction = sub(position, low);
  Value index = b.convert(low, b.getI64Type());
  SmallVector<Value> indices, weights;
  for (int64_t tap = -1; tap <= 2; ++tap) {
    indices.push_back(add(index, b.ints({tap})));
    weights.push_back(cubicWeight(sub(fraction, number(tap))));
  }
  return weighted(indices, weights);
}

/// The kernel is stretched by 1 / scale when that is below 1, so a result depends on a number of
/// inputs that is not known: one row of weights over the whole axis each, and a matrix product.
Value AxisResizer::antialiased(Value position) {
  Value scale = b.convert(axis.scale, b.getF32Type());
  Value stretch = b.binary(BinaryKind::Min, scale, number(1));
  Value inputs = floats(b.iota(axis.inputSize));
  Value distance = mul(sub(inputs, b.unsqueeze(position, {1})), stretch);
  Value weights;
  if (options.mode == "cubic") {
    weights = cubicWeight(distance);
  } else {
    Value one = number(1);
    weights = b.binary(BinaryKind::Max, sub(one, b.unary(UnaryKind::Abs, distance)), 0.0);
  }
  weights = div(weights, b.reduce(ReduceKind::Sum, weights, {1}));
  // [.., axis, ..] -> [.., axis] times [axis, size].
  SmallVector<int64_t> toLast, back(rank);
  for (int64_t dim = 0; dim < rank; ++dim)
    if (dim != axis.dim)
      toLast.push_back(dim);
  toLast.push_back(axis.dim);
  for (auto [i, dim] : llvm::enumerate(toLast))
    back[dim] = i;
  Type element = b.elementOf(x);
  Value moved = b.transpose(x, toLast);
  Value matrix = b.transpose(b.convert(weights, element), {1, 0});
  bool isVector = rank == 1;
  if (isVector)
    moved = b.unsqueeze(moved, {0});
  Value product = b.make<MatmulOp>(element, moved, matrix);
  return isVector ? b.squeeze(product, {0}) : b.transpose(product, back);
}

Value AxisResizer::run(Value &outside) {
  StringRef mode = options.mode, coordinates = options.coordinates;
  bool isHalfPixel = coordinates == "half_pixel" || coordinates == "pytorch_half_pixel";
  bool isFloor = coordinates == "asymmetric" && options.nearest == "floor";
  bool rounds = StringRef(options.nearest).starts_with("round");
  if (mode == "nearest" && axis.knownScale && ((isHalfPixel && rounds) || isFloor)) {
    double scale = *axis.knownScale;
    if (scale == std::floor(scale) && scale > 1)
      return repeat(static_cast<int64_t>(scale));
  }
  Value position = positions();
  if (coordinates == "tf_crop_and_resize") {
    Value last = floats(lastPosition());
    Value isBefore = b.compare(ComparePredicate::Lt, position, number(0));
    Value isOutside =
        b.binary(BinaryKind::Or, isBefore, b.compare(ComparePredicate::Gt, position, last));
    isOutside = alongAxis(isOutside);
    outside = outside ? b.binary(BinaryKind::Or, outside, isOutside) : isOutside;
  }
  if (mode == "nearest")
    return nearest(position);
  if (options.antialias)
    return antialiased(position);
  return mode == "cubic" ? cubic(position) : linear(position);
}

Value optc::onnximport::resizeAxis(NNBuilder &b, Value x, const ResizeAxis &axis,
                                   const ResizeOptions &options, Value &outside) {
  return AxisResizer(b, x, axis, options).run(outside);
}
