//===- FourierTables.cpp - the constants of Fourier transforms -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See FourierTables.h. Angles are reduced as integers: n * k modulo the length.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/FourierTables.h"
#include <complex>

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;

constexpr double twoPi = 6.283185307179586476925286766559;
using Complex = std::complex<double>;

/// f32 or f64.
static Value constantOf(NNBuilder &b, Type type, ArrayRef<int64_t> shape, ArrayRef<double> values) {
  auto tensor = RankedTensorType::get(shape, type);
  if (type.isF64())
    return b.constant(DenseElementsAttr::get(tensor, values));
  SmallVector<float> narrow(values.begin(), values.end());
  return b.constant(DenseElementsAttr::get(tensor, ArrayRef<float>(narrow)));
}

static Value constantOf(NNBuilder &b, Type type, SmallVector<int64_t> shape,
                        ArrayRef<Complex> values) {
  SmallVector<double> parts;
  for (Complex value : values)
    parts.append({value.real(), value.imag()});
  shape.push_back(2);
  return constantOf(b, type, shape, parts);
}

/// e(sign * i / length) for all i.
static SmallVector<Complex> unitRoots(int64_t length, int sign) {
  SmallVector<Complex> roots;
  for (int64_t i = 0; i < length; ++i)
    roots.push_back(
        std::polar(1.0, sign * twoPi * static_cast<double>(i) / static_cast<double>(length)));
  return roots;
}

//===----------------------------------------------------------------------===//
// Matrices
//===----------------------------------------------------------------------===//

Value FourierMatrix::make(NNBuilder &b, Type type, int64_t length, int64_t rows,
                          int64_t columns) const {
  SmallVector<Complex> roots = unitRoots(length, kind == FourierKind::Forward ? -1 : 1);
  SmallVector<double> values;
  values.reserve(rows * inputParts * columns * outputParts);
  for (int64_t row = 0; row < rows; ++row) {
    double factor = kind == FourierKind::Forward ? 1 : 1 / static_cast<double>(length);
    // The other half of the spectrum of a real signal is the mirrored one.
    if (kind == FourierKind::RealInverse && row != 0 && 2 * row != length)
      factor *= 2;
    for (int64_t part = 0; part < inputParts; ++part)
      for (int64_t column = 0; column < columns; ++column) {
        Complex root = roots[row * column % length] * factor;
        values.push_back(part == 0 ? root.real() : -root.imag());
        if (outputParts == 2)
          values.push_back(part == 0 ? root.imag() : root.real());
      }
  }
  return constantOf(b, type, {rows * inputParts, columns * outputParts}, values);
}

Value FourierMatrix::make(NNBuilder &b, Type type, Value length, Value rows, Value columns) const {
  Type f64 = b.getF64Type();
  auto binary = [&](BinaryKind kind, Value x, Value y) { return b.binary(kind, x, y); };
  Value size = b.convert(length, f64), positions = b.iota(length);
  Value angle =
      binary(BinaryKind::Div, b.binary(BinaryKind::Mul, b.convert(positions, f64), twoPi), size);
  double sign = kind == FourierKind::Forward ? -1 : 1;
  Value cosines = b.unary(UnaryKind::Cos, angle),
        sines = b.binary(BinaryKind::Mul, b.unary(UnaryKind::Sin, angle), sign);
  Value row = b.unsqueeze(b.iota(rows), {1}), column = b.iota(columns); // [rows, 1], [columns]
  Value place = binary(BinaryKind::Mod, binary(BinaryKind::Mul, row, column), length);
  Value factor;
  if (kind != FourierKind::Forward)
    factor = b.unary(UnaryKind::Reciprocal, size);
  if (kind == FourierKind::RealInverse) {
    Value isZero = b.compare(ComparePredicate::Eq, row, b.scalar(b.getI64Type(), 0));
    Value isMiddle = b.compare(ComparePredicate::Eq, b.binary(BinaryKind::Mul, row, 2.0), length);
    Value isAlone = binary(BinaryKind::Or, isZero, isMiddle);
    Value one = b.scalar(f64, 1);
    factor = binary(BinaryKind::Mul, factor, b.select(isAlone, one, b.scalar(f64, 2)));
  }
  auto table = [&](Value numbers) { // [rows, columns]
    Value all = b.gather(numbers, place, 0);
    return b.convert(factor ? binary(BinaryKind::Mul, all, factor) : all, type);
  };
  Value real = table(cosines), imaginary = table(sines);
  auto join = [&](ArrayRef<Value> parts, int64_t dim) { // a new dimension
    SmallVector<Value> wide;
    for (Value part : parts)
      wide.push_back(b.unsqueeze(part, {dim}));
    return parts.size() == 1 ? wide.front() : b.concat(wide, dim);
  };
  auto outputs = [&](Value first, Value second) {
    return join(outputParts == 2 ? SmallVector<Value>{first, second} : SmallVector<Value>{first},
                2);
  };
  SmallVector<Value> inputs = {outputs(real, imaginary)};
  if (inputParts == 2)
    inputs.push_back(outputs(b.unary(UnaryKind::Neg, imaginary), real));
  Value whole = join(inputs, 1); // [rows, inputs, columns, outputs]
  Value shape = b.concat({b.binary(BinaryKind::Mul, rows, static_cast<double>(inputParts)),
                          b.binary(BinaryKind::Mul, columns, static_cast<double>(outputParts))},
                         0);
  return b.reshape(whole, shape, /*allowZero=*/true);
}

//===----------------------------------------------------------------------===//
// Factors between shorter transforms
//===----------------------------------------------------------------------===//

Value optc::onnximport::twiddleFactors(NNBuilder &b, Type type, int64_t numB, int64_t numC,
                                       int sign) {
  SmallVector<Complex> roots = unitRoots(numB * numC, sign), values;
  for (int64_t i = 0; i < numB; ++i)
    for (int64_t j = 0; j < numC; ++j)
      values.push_back(roots[i * j]);
  return constantOf(b, type, {numB, numC}, values);
}

static SmallVector<Complex> chirpValues(int64_t length, int sign) {
  SmallVector<Complex> roots = unitRoots(2 * length, sign), values;
  for (uint64_t i = 0; i < static_cast<uint64_t>(length); ++i)
    values.push_back(roots[i * i % (2 * length)]);
  return values;
}

Value optc::onnximport::chirp(NNBuilder &b, Type type, int64_t length, int sign) {
  return constantOf(b, type, {length}, chirpValues(length, sign));
}

/// In place, forward; a power of two.
static void transform(MutableArrayRef<Complex> x) {
  size_t size = x.size();
  for (size_t i = 1, j = 0; i < size; ++i) { // bits in reverse order
    size_t bit = size / 2;
    for (; j & bit; bit /= 2)
      j ^= bit;
    j ^= bit;
    if (i < j)
      std::swap(x[i], x[j]);
  }
  SmallVector<Complex> roots = unitRoots(size, -1);
  for (size_t half = 1; half < size; half *= 2)
    for (size_t start = 0; start < size; start += 2 * half)
      for (size_t i = 0; i < half; ++i) {
        Complex odd = x[start + half + i] * roots[i * (size / (2 * half))];
        x[start + half + i] = x[start + i] - odd;
        x[start + i] += odd;
      }
}

Value optc::onnximport::chirpSpectrum(NNBuilder &b, Type type, int64_t length, int sign,
                                      int64_t size) {
  SmallVector<Complex> values = chirpValues(length, -sign), spread(size);
  for (int64_t i = 0; i < length; ++i)
    spread[i] = spread[(size - i) % size] = values[i];
  transform(spread);
  return constantOf(b, type, {size}, spread);
}
