//===- Fourier.cpp - discrete Fourier transforms as matrix products ------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Fourier.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Fourier.h"
#include "lib/Import/Onnx/FourierTables.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;

/// Matrices with more elements are split.
constexpr int64_t maxMatrixElements = 3 << 19;
/// Parts of a split length; a product with their matrices reads it from the nearest caches.
constexpr int64_t maxPart = 64;

static int64_t partsOf(Value x) { return NNBuilder::typeOf(x).getShape().back(); }

/// Rows of numbers times a matrix; `columns` numbers of `parts` each.
static Value multiply(NNBuilder &b, Value x, Value rows, Value matrix, Value columns,
                      int64_t parts) {
  Value count = b.sizeOf(x, 0);
  Value width = b.binary(BinaryKind::Mul, rows, static_cast<double>(partsOf(x)));
  Value flat = b.reshape(x, b.concat({count, width}, 0), /*allowZero=*/true);
  Value product = b.make<MatmulOp>(b.elementOf(x), flat, matrix);
  return b.reshape(product, b.concat({count, columns, b.ints({parts})}, 0), /*allowZero=*/true);
}

//===----------------------------------------------------------------------===//
// Known lengths
//===----------------------------------------------------------------------===//

namespace {
/// Of complex numbers [m, n, 2]. The parts of an inverse transform are divided by their lengths,
/// so the whole is by its own.
class ComplexTransform {
public:
  ComplexTransform(NNBuilder &b, Type type, FourierKind kind)
      : b(b), type(type), kind(kind), sign(kind == FourierKind::Forward ? -1 : 1) {}
  Value run(Value x, int64_t length);

private:
  Value direct(Value x, int64_t length);
  Value split(Value x, int64_t length, int64_t part);
  Value byChirp(Value x, int64_t length);
  Value times(Value x, Value factors);
  Value shaped(Value x, ArrayRef<int64_t> rest);

  NNBuilder &b;
  Type type;
  FourierKind kind; ///< not RealInverse
  int sign;
};
} // namespace

/// The largest divisor that is at most `maxPart`.
static int64_t partOf(int64_t length) {
  for (int64_t part = maxPart; part > 1; --part)
    if (length % part == 0)
      return part;
  return 1;
}

/// All that is left as the first dimension; no other size is 0.
Value ComplexTransform::shaped(Value x, ArrayRef<int64_t> rest) {
  int64_t inner = 2;
  for (int64_t size : rest)
    inner *= size;
  Value total = b.ints({1});
  for (int64_t i = 0; i < NNBuilder::rankOf(x); ++i)
    total = b.binary(BinaryKind::Mul, total, b.sizeOf(x, i));
  SmallVector<Value> sizes = {b.binary(BinaryKind::Div, total, b.ints({inner}))};
  for (int64_t size : rest)
    sizes.push_back(b.ints({size}));
  sizes.push_back(b.ints({2}));
  return b.reshape(x, b.concat(sizes, 0), /*allowZero=*/true);
}

/// Complex products along the last dimension.
Value ComplexTransform::times(Value x, Value factors) {
  int64_t last = NNBuilder::rankOf(x) - 1, lastFactor = NNBuilder::rankOf(factors) - 1;
  Value re = b.slice(x, last, 0, 1), im = b.slice(x, last, 1, 2);
  Value c = b.slice(factors, lastFactor, 0, 1), s = b.slice(factors, lastFactor, 1, 2);
  auto product = [&](Value p, Value q) { return b.binary(BinaryKind::Mul, p, q); };
  Value reC = product(re, c), real = b.binary(BinaryKind::Sub, reC, product(im, s));
  Value reS = product(re, s), imaginary = b.binary(BinaryKind::Add, reS, product(im, c));
  return b.concat({real, imaginary}, last);
}

Value ComplexTransform::direct(Value x, int64_t length) {
  Value matrix = FourierMatrix{kind, 2, 2}.make(b, type, length, length, length),
        size = b.ints({length});
  return multiply(b, x, size, matrix, size, 2);
}

Value ComplexTransform::split(Value x, int64_t length, int64_t part) {
  int64_t rest = length / part;
  auto swap = [&](Value value) { return b.transpose(value, {0, 2, 1, 3}); };
  Value first = direct(shaped(swap(shaped(x, {part, rest})), {part}), part);
  Value parts = shaped(first, {rest, part});
  Value turned = times(parts, twiddleFactors(b, type, rest, part, sign));
  Value second = run(shaped(swap(turned), {rest}), rest);
  return shaped(swap(shaped(second, {part, rest})), {length});
}

/// n k = (n^2 + k^2 - (k - n)^2) / 2: the transform is a convolution with the conjugated chirp.
Value ComplexTransform::byChirp(Value x, int64_t length) {
  int64_t size = llvm::PowerOf2Ceil(2 * length - 1);
  Value factors = chirp(b, type, length, sign), zero = b.scalar(type, 0);
  Value chirped = times(x, factors);
  Value padded =
      b.make<PadOp>(type, PadMode::Constant, chirped, b.ints({0, 0, 0, 0, size - length, 0}), zero);
  Value spectrum = ComplexTransform(b, type, FourierKind::Forward).run(padded, size);
  Value product = times(spectrum, chirpSpectrum(b, type, length, sign, size));
  Value folded =
      b.slice(ComplexTransform(b, type, FourierKind::Inverse).run(product, size), 1, 0, length);
  Value result = times(folded, factors);
  return kind == FourierKind::Forward
             ? result
             : b.binary(BinaryKind::Div, result, static_cast<double>(length));
}

Value ComplexTransform::run(Value x, int64_t length) {
  if (length <= maxPart)
    return direct(x, length);
  int64_t part = partOf(length);
  if (part > 1)
    return split(x, length, part);
  return 4 * length * length <= maxMatrixElements ? direct(x, length) : byChirp(x, length);
}

/// As complex numbers.
static Value withImaginary(NNBuilder &b, Value x) {
  if (partsOf(x) == 2)
    return x;
  Value pads = b.ints({0, 0, 0, 0, 0, 1});
  return b.make<PadOp>(b.elementOf(x), PadMode::Constant, x, pads, b.scalarLike(x, 0));
}

/// The mirrored half of the spectrum of a real signal behind the first.
static Value wholeSpectrum(NNBuilder &b, Value half, int64_t length) {
  SmallVector<int64_t> order;
  for (int64_t i = length / 2 + 1; i < length; ++i)
    order.push_back(length - i);
  if (order.empty())
    return half;
  Value mirrored = b.gather(half, b.ints(order), 1);
  Value conjugated = b.concat(
      {b.slice(mirrored, 2, 0, 1), b.unary(UnaryKind::Neg, b.slice(mirrored, 2, 1, 2))}, 2);
  return b.concat({half, conjugated}, 1);
}

static Value transformLong(NNBuilder &b, Value x, int64_t length, FourierKind kind, bool isHalf) {
  Type type = b.elementOf(x);
  Value signal = withImaginary(b, x);
  if (kind == FourierKind::RealInverse)
    signal = wholeSpectrum(b, signal, length);
  bool isForward = kind == FourierKind::Forward;
  Value result =
      ComplexTransform(b, type, isForward ? kind : FourierKind::Inverse).run(signal, length);
  if (isHalf && isForward)
    return b.slice(result, 1, 0, length / 2 + 1);
  return kind == FourierKind::RealInverse ? b.slice(result, 2, 0, 1) : result;
}

//===----------------------------------------------------------------------===//
// All lengths
//===----------------------------------------------------------------------===//

/// The first `count` numbers, zeros behind where there are fewer.
static Value fitted(NNBuilder &b, Value x, Value count) {
  Shape wanted = *b.getShapes().getContents(count);
  if (b.getShapes().getShape(x)[1] == wanted.front())
    return x;
  Value cut = b.slice(x, 1, b.ints({0}), count), zeros = b.ints({0, 0, 0, 0});
  Value missing = b.binary(BinaryKind::Sub, count, b.sizeOf(cut, 1));
  Value pads = b.concat({zeros, missing, b.ints({0})}, 0);
  Value padded = b.make<PadOp>(b.elementOf(x), PadMode::Constant, cut, pads, b.scalarLike(x, 0));
  return padded;
}

Value optc::onnximport::fourierTransform(NNBuilder &b, Value x, Value length, FourierKind kind,
                                         bool isHalf) {
  Value half = b.binary(BinaryKind::Add, b.binary(BinaryKind::Div, length, 2.0), 1.0);
  Value rows = kind == FourierKind::RealInverse ? half : length;
  Value columns = kind == FourierKind::Forward && isHalf ? half : length;
  x = fitted(b, x, rows);
  FourierMatrix form{kind, partsOf(x), kind == FourierKind::RealInverse ? 1 : 2};
  auto known = b.getShapes().getConstantContents(length);
  if (!known)
    return multiply(b, x, rows, form.make(b, b.elementOf(x), length, rows, columns), columns,
                    form.outputParts);
  int64_t numRows = b.getShapes().getConstantContents(rows)->front(),
          numColumns = b.getShapes().getConstantContents(columns)->front();
  if (numRows * form.inputParts * numColumns * form.outputParts > maxMatrixElements)
    return transformLong(b, x, known->front(), kind, isHalf);
  return multiply(b, x, rows, form.make(b, b.elementOf(x), known->front(), numRows, numColumns),
                  columns, form.outputParts);
}
