//===- ConstantFold.cpp - evaluation of small constants ------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See ConstantFold.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/ConstantFold.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include <cmath>

using namespace mlir;
using namespace optc::nn;

/// A view of a constant as DenseElementsAttr (a copy for resources, bounded by the caller).
static DenseElementsAttr getDense(Attribute value) {
  auto elements = dyn_cast_or_null<ElementsAttr>(value);
  if (!elements || elements.getNumElements() > maxFoldedElements)
    return {};
  if (auto dense = dyn_cast<DenseElementsAttr>(value))
    return dense;
  auto resource = dyn_cast<DenseResourceElementsAttr>(value);
  if (!resource || resource.getElementType().isInteger(1) || !resource.getRawHandle().getBlob())
    return {};
  return DenseElementsAttr::getFromRawBuffer(cast<ShapedType>(resource.getType()),
                                             resource.getData());
}

static bool isFoldableInteger(Type type) {
  return type.isInteger() && type.getIntOrFloatBitWidth() <= 64;
}

static bool isFoldableFloat(Type type) {
  return type.isF16() || type.isBF16() || type.isF32() || type.isF64();
}

std::optional<SmallVector<double>> optc::nn::readFloats(Attribute value) {
  DenseElementsAttr dense = getDense(value);
  if (!dense || !isFoldableFloat(dense.getElementType()))
    return std::nullopt;
  SmallVector<double> values;
  values.reserve(dense.getNumElements());
  for (APFloat element : dense.getValues<APFloat>()) {
    bool losesInfo = false;
    element.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
    values.push_back(element.convertToDouble());
  }
  return values;
}

std::optional<SmallVector<int64_t>> optc::nn::readInts(Attribute value) {
  DenseElementsAttr dense = getDense(value);
  if (!dense || !isFoldableInteger(dense.getElementType()))
    return std::nullopt;
  bool isUnsigned =
      dense.getElementType().isUnsignedInteger() || dense.getElementType().isInteger(1);
  SmallVector<int64_t> values;
  values.reserve(dense.getNumElements());
  for (const APInt &element : dense.getValues<APInt>())
    values.push_back(isUnsigned ? element.getZExtValue() : element.getSExtValue());
  return values;
}

DenseElementsAttr optc::nn::makeFloats(RankedTensorType type, ArrayRef<double> values) {
  const llvm::fltSemantics &semantics = cast<FloatType>(type.getElementType()).getFloatSemantics();
  SmallVector<APFloat> elements;
  elements.reserve(values.size());
  for (double value : values) {
    APFloat element(value);
    bool losesInfo = false;
    element.convert(semantics, APFloat::rmNearestTiesToEven, &losesInfo);
    elements.push_back(element);
  }
  return DenseElementsAttr::get(type, elements);
}

DenseElementsAttr optc::nn::makeInts(RankedTensorType type, ArrayRef<int64_t> values) {
  unsigned width = type.getElementTypeBitWidth();
  SmallVector<APInt> elements;
  elements.reserve(values.size());
  for (int64_t value : values)
    elements.push_back(APInt(64, value).trunc(width));
  return DenseElementsAttr::get(type, elements);
}

//===----------------------------------------------------------------------===//
// Scalar semantics
//===----------------------------------------------------------------------===//

static std::optional<double> evaluate(BinaryKind kind, double a, double b) {
  switch (kind) {
  case BinaryKind::Add:
    return a + b;
  case BinaryKind::Sub:
    return a - b;
  case BinaryKind::Mul:
    return a * b;
  case BinaryKind::Div:
    return a / b;
  case BinaryKind::Pow:
    return std::pow(a, b);
  case BinaryKind::Max:
    return std::isnan(a) ? a : std::isnan(b) ? b : std::max(a, b);
  case BinaryKind::Min:
    return std::isnan(a) ? a : std::isnan(b) ? b : std::min(a, b);
  default:
    return std::nullopt;
  }
}

/// The remainder with the sign of the divisor.
static int64_t floorMod(int64_t a, int64_t b) {
  int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

static std::optional<int64_t> evaluate(BinaryKind kind, int64_t a, int64_t b) {
  auto wrap = [](uint64_t value) { return static_cast<int64_t>(value); };
  bool divides = b != 0 && !(b == -1 && a == std::numeric_limits<int64_t>::min());
  switch (kind) {
  case BinaryKind::Add:
    return wrap(uint64_t(a) + uint64_t(b));
  case BinaryKind::Sub:
    return wrap(uint64_t(a) - uint64_t(b));
  case BinaryKind::Mul:
    return wrap(uint64_t(a) * uint64_t(b));
  case BinaryKind::Max:
    return std::max(a, b);
  case BinaryKind::Min:
    return std::min(a, b);
  case BinaryKind::And:
    return a & b;
  case BinaryKind::Or:
    return a | b;
  case BinaryKind::Xor:
    return a ^ b;
  case BinaryKind::Div:
    return divides ? std::optional(a / b) : std::nullopt;
  case BinaryKind::Fmod:
    return divides ? std::optional(a % b) : std::nullopt;
  case BinaryKind::Mod:
    return divides ? std::optional(floorMod(a, b)) : std::nullopt;
  default:
    return std::nullopt;
  }
}

std::optional<int64_t> optc::nn::combineInts(BinaryKind kind, int64_t a, int64_t b) {
  return evaluate(kind, a, b);
}

std::optional<double> optc::nn::computeUnary(UnaryKind kind, double x) {
  switch (kind) {
  case UnaryKind::Abs:
    return std::fabs(x);
  case UnaryKind::Neg:
    return -x;
  case UnaryKind::Exp:
    return std::exp(x);
  case UnaryKind::Log:
    return std::log(x);
  case UnaryKind::Sqrt:
    return std::sqrt(x);
  case UnaryKind::Rsqrt:
    return 1 / std::sqrt(x);
  case UnaryKind::Reciprocal:
    return 1 / x;
  case UnaryKind::Floor:
    return std::floor(x);
  case UnaryKind::Ceil:
    return std::ceil(x);
  case UnaryKind::Erf:
    return std::erf(x);
  case UnaryKind::Tanh:
    return std::tanh(x);
  case UnaryKind::Sigmoid:
    return 1 / (1 + std::exp(-x));
  case UnaryKind::Relu:
    return x < 0 ? 0 : x; // NaN stays
  case UnaryKind::Softplus:
    return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
  default:
    return std::nullopt;
  }
}

//===----------------------------------------------------------------------===//
// Folds
//===----------------------------------------------------------------------===//

/// Visits every index of a static shape in row-major order.
static void forEachIndex(ArrayRef<int64_t> shape, function_ref<void(ArrayRef<int64_t>)> visit) {
  if (llvm::is_contained(shape, 0))
    return;
  SmallVector<int64_t> index(shape.size(), 0);
  while (true) {
    visit(index);
    int64_t dim = static_cast<int64_t>(shape.size()) - 1;
    for (; dim >= 0 && ++index[dim] == shape[dim]; --dim)
      index[dim] = 0;
    if (dim < 0)
      return;
  }
}

/// Row-major position of a broadcast operand's element for an index of the result.
static int64_t broadcastPosition(ArrayRef<int64_t> shape, ArrayRef<int64_t> index) {
  int64_t position = 0;
  for (size_t i = 0; i < shape.size(); ++i) {
    int64_t at = index[index.size() - shape.size() + i];
    position = position * shape[i] + (shape[i] == 1 ? 0 : at);
  }
  return position;
}

static bool isFoldableResult(RankedTensorType type) {
  return type && type.hasStaticShape() && type.getNumElements() <= maxFoldedElements;
}

template <typename T>
static std::optional<SmallVector<T>>
mapBroadcast(BinaryKind kind, ArrayRef<T> lhs, ArrayRef<T> rhs, ArrayRef<int64_t> lhsShape,
             ArrayRef<int64_t> rhsShape, ArrayRef<int64_t> shape) {
  SmallVector<T> values;
  bool known = true;
  forEachIndex(shape, [&](ArrayRef<int64_t> index) {
    std::optional<T> value = evaluate(kind, lhs[broadcastPosition(lhsShape, index)],
                                      rhs[broadcastPosition(rhsShape, index)]);
    known &= value.has_value();
    values.push_back(value.value_or(T()));
  });
  return known ? std::optional(values) : std::nullopt;
}

/// Whether bits of the result follow from the same and lower bits of the operands, signed or not.
static bool ignoresSign(BinaryKind kind) {
  switch (kind) {
  case BinaryKind::Add:
  case BinaryKind::Sub:
  case BinaryKind::Mul:
  case BinaryKind::And:
  case BinaryKind::Or:
  case BinaryKind::Xor:
    return true;
  default:
    return false;
  }
}

OpFoldResult optc::nn::foldBinary(BinaryKind kind, Attribute lhs, Attribute rhs,
                                  RankedTensorType type) {
  if (!lhs || !rhs || !isFoldableResult(type))
    return {};
  auto lhsType = cast<ElementsAttr>(lhs).getShapedType();
  auto rhsType = cast<ElementsAttr>(rhs).getShapedType();
  if (isFoldableFloat(type.getElementType())) {
    auto a = readFloats(lhs), b = readFloats(rhs);
    if (!a || !b)
      return {};
    auto values =
        mapBroadcast<double>(kind, *a, *b, lhsType.getShape(), rhsType.getShape(), type.getShape());
    return values ? makeFloats(type, *values) : DenseElementsAttr();
  }
  auto a = readInts(lhs), b = readInts(rhs);
  // Only the largest unsigned integers do not fit int64.
  if (!a || !b || (type.getElementType().isUnsignedInteger(64) && !ignoresSign(kind)))
    return {};
  auto values =
      mapBroadcast<int64_t>(kind, *a, *b, lhsType.getShape(), rhsType.getShape(), type.getShape());
  return values ? makeInts(type, *values) : DenseElementsAttr();
}

OpFoldResult optc::nn::foldUnary(UnaryKind kind, Attribute input, RankedTensorType type) {
  auto values = isFoldableResult(type) ? readFloats(input) : std::nullopt;
  // These are what a library makes of them.
  bool isInexact = llvm::is_contained(
      {UnaryKind::Erf, UnaryKind::Tanh, UnaryKind::Sigmoid, UnaryKind::Softplus}, kind);
  if (!values || !isFoldableFloat(type.getElementType()) || isInexact)
    return {};
  for (double &value : *values) {
    std::optional<double> result = computeUnary(kind, value);
    if (!result)
      return {};
    value = *result;
  }
  return makeFloats(type, *values);
}

/// `value` truncated to a signed integer; what does not fit, and NaN, is the lowest one.
static int64_t truncate(double value, unsigned width) {
  double limit = std::ldexp(1.0, width - 1);
  return value >= -limit && value < limit ? static_cast<int64_t>(value)
                                          : static_cast<int64_t>(-limit);
}

/// The cast of generated code (lib/Conversion/NNToLinalg/ScalarBody.cpp), whose low bits count.
static int64_t toInteger(double value, Type from, IntegerType to) {
  unsigned width = to.getWidth();
  if (width == 1)
    return value != 0;
  if (width < 32 || !to.isUnsigned())
    return truncate(value, std::max(width, 32u));
  if (width == 32 && from.isF16())
    return truncate(value, 64);
  double half = std::ldexp(1.0, width - 1);
  bool isLarge = value >= half;
  uint64_t rest = truncate(isLarge ? value - half : value, width);
  return static_cast<int64_t>(isLarge ? rest ^ (uint64_t(1) << (width - 1)) : rest);
}

OpFoldResult optc::nn::foldCast(Attribute input, RankedTensorType type) {
  if (!input || !isFoldableResult(type))
    return {};
  Type to = type.getElementType();
  if (auto floats = readFloats(input)) {
    if (isFoldableFloat(to))
      return makeFloats(type, *floats);
    if (!isFoldableInteger(to))
      return {};
    Type from = cast<ElementsAttr>(input).getElementType();
    return makeInts(type, llvm::map_to_vector(*floats, [&](double value) {
                      return toInteger(value, from, cast<IntegerType>(to));
                    }));
  }
  auto ints = readInts(input);
  if (!ints)
    return {};
  if (isFoldableFloat(to)) {
    SmallVector<double> floats(ints->begin(), ints->end());
    return makeFloats(type, floats);
  }
  if (!isFoldableInteger(to))
    return {};
  if (to.isInteger(1))
    for (int64_t &value : *ints)
      value = value != 0;
  return makeInts(type, *ints);
}

OpFoldResult optc::nn::foldMove(Attribute input, RankedTensorType type,
                                function_ref<int64_t(ArrayRef<int64_t>)> source) {
  DenseElementsAttr dense = getDense(input);
  if (!dense || !isFoldableResult(type))
    return {};
  if (dense.isSplat())
    return dense.resizeSplat(type);
  auto values = dense.getValues<Attribute>();
  SmallVector<Attribute> moved;
  forEachIndex(type.getShape(),
               [&](ArrayRef<int64_t> index) { moved.push_back(values[source(index)]); });
  return DenseElementsAttr::get(type, moved);
}
