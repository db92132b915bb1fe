//===- Signal.cpp - Fourier transforms of signals ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// DFT, STFT and MelWeightMatrix. Window functions are expanded by the loader.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Fourier.h"
#include "lib/Import/Onnx/RuntimeChecks.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

static Value scalarOf(NNBuilder &b, Value value, Type type) {
  return b.convert(b.reshape(value, ArrayRef<int64_t>()), type);
}

/// An operand of one element as tensor<1xi64>.
static Value sizeOperand(NodeImport &n, size_t index) {
  return n.b.convert(n.b.reshape(n.operand(index), {1}), n.b.getI64Type());
}

/// Signals have one or two numbers per element as their last dimension. Where it is dynamic, they
/// are made complex.
static FailureOr<Value> withStaticParts(NodeImport &n, Value x, bool mustBeReal) {
  NNBuilder &b = n.b;
  int64_t last = NNBuilder::rankOf(x) - 1, parts = NNBuilder::typeOf(x).getDimSize(last);
  if (mustBeReal && parts == 2)
    return n.invalid("a one-sided transform needs a real signal, of 1 number per element");
  if (parts == 1 || parts == 2)
    return x;
  if (!ShapedType::isDynamic(parts))
    return n.invalid("its signal has " + Twine(parts) + " numbers per element, needed are 1 or 2");
  if (mustBeReal) {
    if (failed(requireSize(n, x, last, 1, "the signal")))
      return failure();
    return b.slice(x, last, 0, 1);
  }
  Value missing = b.ints({2});
  missing = b.binary(BinaryKind::Sub, missing, b.sizeOf(x, last));
  constexpr StringRef what = "the last dimension of the signal must have the size 1 or 2";
  if (failed(n.demand(missing, ComparePredicate::Ge, 0.0, what)) ||
      failed(n.demand(missing, ComparePredicate::Le, 1.0, what)))
    return failure();
  SmallVector<Value> pads(2 * last + 1, b.ints({0}));
  pads.push_back(missing);
  Value amounts = b.concat(pads, 0);
  Value padded = b.make<PadOp>(b.elementOf(x), PadMode::Constant, x, amounts, b.scalarLike(x, 0));
  return b.slice(padded, last, 0, 2);
}

static Value product(NNBuilder &b, Value sizes) {
  Value result = b.ints({1});
  for (int64_t i = 0, count = NNBuilder::typeOf(sizes).getDimSize(0); i < count; ++i)
    result = b.binary(BinaryKind::Mul, result, b.slice(sizes, 0, i, i + 1));
  return result;
}

static LogicalResult requirePositive(NodeImport &n, Value size, const Twine &what) {
  return n.demand(size, ComparePredicate::Ge, 1.0, what + " must be at least 1");
}

//===----------------------------------------------------------------------===//
// DFT
//===----------------------------------------------------------------------===//

namespace {
/// Of a known length (tensor<1xi64>).
static LogicalResult checkLength(NodeImport &n, Value length) {
  auto known = n.b.getShapes().getConstantContents(length);
  if (known && known->front() > maxTransformLength)
    return n.unsupported("a transform of " + Twine(known->front()) + " numbers, at most " +
                         Twine(maxTransformLength) + " are supported");
  return success();
}

/// The sizes of a signal in front of the axis, along it, and behind it, all as i64 vectors.
struct SplitSizes {
  Value before, along, behind;
};
} // namespace

/// The axis may be known only to the run: then how many sizes are in front of it is, too, and they
/// are ones where there are fewer than the rank.
static SplitSizes splitSizes(NNBuilder &b, Value signal, Value axis) {
  int64_t rank = NNBuilder::rankOf(signal) - 1;
  Value sizes = b.slice(b.shapeOf(signal), 0, 0, rank), one = b.ints({1});
  Value number = b.iota(b.ints({rank}));
  auto where = [&](ComparePredicate predicate) {
    return b.select(b.compare(predicate, number, axis), sizes, one);
  };
  Value along = product(b, where(ComparePredicate::Eq));
  return {where(ComparePredicate::Lt), along, where(ComparePredicate::Gt)};
}

/// `sizes` with `length` at the axis, and `parts` as the last.
static Value resultSizes(NNBuilder &b, Value signal, Value axis, Value length, int64_t parts) {
  int64_t rank = NNBuilder::rankOf(signal) - 1;
  Value sizes = b.slice(b.shapeOf(signal), 0, 0, rank);
  Value isAxis = b.compare(ComparePredicate::Eq, b.iota(b.ints({rank})), axis);
  return b.concat({b.select(isAxis, length, sizes), b.ints({parts})}, 0);
}

/// The axis as tensor<1xi64>, not negative.
static FailureOr<Value> axisOperand(NodeImport &n, int64_t rank) {
  NNBuilder &b = n.b;
  if (!n.hasOperand(2))
    return b.ints({rank - 2});
  auto isAxis = [&](int64_t axis) { return axis >= -rank && axis != -1 && axis < rank - 1; };
  if (auto known = n.constantInts(2)) {
    int64_t axis = known->size() == 1 ? known->front() : -1;
    if (!isAxis(axis))
      return n.invalid("axis " + Twine(axis) + " is none of the signal's, which has rank " +
                       Twine(rank) + " with the numbers of an element");
    return b.ints({axis < 0 ? axis + rank : axis});
  }
  Value raw = sizeOperand(n, 2);
  Value isNegative = b.compare(ComparePredicate::Lt, raw, b.ints({0}));
  Value axis = b.select(isNegative, b.binary(BinaryKind::Add, raw, b.ints({rank})), raw);
  constexpr StringRef what = "its axis is none of the signal's";
  if (failed(n.demand(axis, ComparePredicate::Ge, 0.0, what)) ||
      failed(n.demand(axis, ComparePredicate::Lt, static_cast<double>(rank - 1), what)))
    return failure();
  return axis;
}

static LogicalResult importDFT(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  Type type = b.elementOf(x), wide = type.isF64() ? type : b.getF32Type();
  int64_t rank = NNBuilder::rankOf(x);
  if (rank < 2)
    return n.invalid("its signal has rank " + Twine(rank) + ", needed is at least 2");
  bool isInverse = n.intAttr("inverse"), isHalf = n.intAttr("onesided");
  FourierKind kind = !isInverse ? FourierKind::Forward
                     : isHalf   ? FourierKind::RealInverse
                                : FourierKind::Inverse;
  FailureOr<Value> axis = axisOperand(n, rank);
  FailureOr<Value> signal = withStaticParts(n, x, isHalf && !isInverse);
  if (failed(axis) || failed(signal))
    return failure();
  SplitSizes sizes = splitSizes(b, *signal, *axis);
  int64_t parts = NNBuilder::typeOf(*signal).getShape().back();
  Value before = product(b, sizes.before), behind = product(b, sizes.behind);
  Value cube = b.convert(*signal, wide);
  cube = b.reshape(cube, b.concat({before, sizes.along, behind, b.ints({parts})}, 0), true);
  cube = b.transpose(cube, {0, 2, 1, 3});
  Value rows = b.reshape(
      cube, b.concat({b.binary(BinaryKind::Mul, before, behind), sizes.along, b.ints({parts})}, 0),
      true);
  Value length = sizes.along;
  if (n.hasOperand(1))
    length = sizeOperand(n, 1);
  else if (kind == FourierKind::RealInverse)
    length = b.binary(BinaryKind::Mul, b.binary(BinaryKind::Sub, length, 1.0), 2.0);
  if (failed(requirePositive(n, length,
                             n.hasOperand(1) ? "dft_length" : "the length of the transform")) ||
      failed(checkLength(n, length)))
    return failure();
  Value result = fourierTransform(b, rows, length, kind, isHalf);
  Value made = b.sizeOf(result, 1);
  int64_t outputParts = NNBuilder::typeOf(result).getShape().back();
  result = b.reshape(result, b.concat({before, behind, made, b.ints({outputParts})}, 0), true);
  result = b.transpose(result, {0, 2, 1, 3});
  Value shape = resultSizes(b, *signal, *axis, made, outputParts);
  n.setResult(0, b.convert(b.reshape(result, shape, /*allowZero=*/true), type));
  return success();
}

//===----------------------------------------------------------------------===//
// STFT
//===----------------------------------------------------------------------===//

/// Frames [batch, frame, length, parts] of a signal [batch, n, parts].
static FailureOr<Value> framesOf(NodeImport &n, Value signal, Value step, Value length) {
  NNBuilder &b = n.b;
  Value rest = b.binary(BinaryKind::Sub, b.sizeOf(signal, 1), length);
  if (failed(n.demand(rest, ComparePredicate::Ge, 0.0, "the signal is shorter than a frame")))
    return failure();
  Value count = b.binary(BinaryKind::Add, b.binary(BinaryKind::Div, rest, step), 1.0);
  Value first = b.unsqueeze(b.binary(BinaryKind::Mul, b.iota(count), step), {1});
  return b.gather(signal, b.binary(BinaryKind::Add, first, b.iota(length)), 1);
}

static LogicalResult importSTFT(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0), window = n.operand(2);
  Type type = b.elementOf(x), wide = type.isF64() ? type : b.getF32Type();
  if (NNBuilder::rankOf(x) == 2)
    x = b.unsqueeze(x, {2});
  if (NNBuilder::rankOf(x) != 3 || (window && NNBuilder::rankOf(window) != 1))
    return n.invalid("it needs a signal of rank 3 and a window of rank 1");
  if (!window && !n.hasOperand(3))
    return n.invalid("it needs a window or a frame_length");
  bool isHalf = n.intAttr("onesided", 1);
  FailureOr<Value> signal = withStaticParts(n, x, isHalf);
  if (failed(signal))
    return failure();
  Value step = sizeOperand(n, 1),
        length = n.hasOperand(3) ? sizeOperand(n, 3) : b.sizeOf(window, 0);
  if (failed(requirePositive(n, step, "frame_step")) ||
      failed(requirePositive(n, length, "the length of a frame")) || failed(checkLength(n, length)))
    return failure();
  int64_t parts = NNBuilder::typeOf(*signal).getShape().back();
  FailureOr<Value> read = framesOf(n, b.convert(*signal, wide), step, length);
  if (failed(read))
    return failure();
  Value frames = *read;
  if (window) { // as long as a frame: its reshape fails otherwise
    Value factors = b.convert(window, wide);
    factors = b.reshape(factors, b.concat({length, b.ints({1})}, 0), /*allowZero=*/true);
    frames = b.binary(BinaryKind::Mul, frames, factors);
  }
  Value batch = b.sizeOf(frames, 0), count = b.sizeOf(frames, 1);
  Value rows = b.reshape(
      frames, b.concat({b.binary(BinaryKind::Mul, batch, count), length, b.ints({parts})}, 0),
      true);
  Value result = fourierTransform(b, rows, length, FourierKind::Forward, isHalf);
  Value shape = b.concat({batch, count, b.sizeOf(result, 1), b.ints({2})}, 0);
  n.setResult(0, b.convert(b.reshape(result, shape, /*allowZero=*/true), type));
  return success();
}

//===----------------------------------------------------------------------===//
// MelWeightMatrix
//===----------------------------------------------------------------------===//

/// The spectrum's bins at which the triangles of the mel bands begin, peak and end.
static Value bandEdges(NodeImport &n, Value numBands, Value length) {
  NNBuilder &b = n.b;
  Type f64 = b.getF64Type();
  auto binary = [&](BinaryKind kind, Value x, Value y) { return b.binary(kind, x, y); };
  constexpr double perMel = 2595 / 2.302585092994045684; // of the natural logarithm
  auto mel = [&](size_t index) {
    Value ratio = b.binary(BinaryKind::Div, scalarOf(b, n.operand(index), f64), 700.0);
    return b.binary(BinaryKind::Mul, b.unary(UnaryKind::Log, b.binary(BinaryKind::Add, ratio, 1.0)),
                    perMel);
  };
  Value low = mel(3), count = b.binary(BinaryKind::Add, numBands, 2.0);
  Value step = binary(BinaryKind::Sub, mel(4), low);
  step = binary(BinaryKind::Div, step, b.reshape(b.convert(count, f64), ArrayRef<int64_t>()));
  Value mels =
      binary(BinaryKind::Add, binary(BinaryKind::Mul, b.convert(b.iota(count), f64), step), low);
  Value power = b.unary(UnaryKind::Exp, b.binary(BinaryKind::Div, mels, perMel));
  Value hertz = b.binary(BinaryKind::Mul, b.binary(BinaryKind::Sub, power, 1.0), 700.0);
  Value scaled = binary(
      BinaryKind::Mul, hertz,
      b.reshape(b.convert(b.binary(BinaryKind::Add, length, 1.0), f64), ArrayRef<int64_t>()));
  Value rate = scalarOf(b, n.operand(2), f64);
  return b.convert(b.unary(UnaryKind::Floor, binary(BinaryKind::Div, scaled, rate)),
                   b.getI64Type());
}

static LogicalResult importMelWeightMatrix(NodeImport &n) {
  NNBuilder &b = n.b;
  FailureOr<Type> type = n.resultElementType(0);
  if (failed(type))
    return failure();
  Type f64 = b.getF64Type();
  auto binary = [&](BinaryKind kind, Value x, Value y) { return b.binary(kind, x, y); };
  Value numBands = sizeOperand(n, 0), length = sizeOperand(n, 1);
  Value edges = bandEdges(n, numBands, length);
  auto edge = [&](double offset) { // [1, bands]
    Value first = b.scalar(b.getI64Type(), offset);
    return b.unsqueeze(b.gather(edges, binary(BinaryKind::Add, b.iota(numBands), first), 0), {0});
  };
  Value left = edge(0), middle = edge(1), right = edge(2);
  Value bin = b.unsqueeze(
      b.iota(b.binary(BinaryKind::Add, b.binary(BinaryKind::Div, length, 2.0), 1.0)), {1});
  auto ratio = [&](Value part, Value whole) {
    part = b.convert(part, f64);
    return binary(BinaryKind::Div, part, b.convert(whole, f64));
  };
  auto both = [&](Value x, Value y) { return binary(BinaryKind::And, x, y); };
  Value rise = binary(BinaryKind::Sub, middle, left), zero = b.scalar(f64, 0);
  Value isSteep = b.compare(ComparePredicate::Eq, rise, b.scalar(b.getI64Type(), 0));
  Value one = b.scalar(f64, 1);
  Value upwards = b.select(isSteep, one, ratio(binary(BinaryKind::Sub, bin, left), rise));
  Value isUp = b.compare(ComparePredicate::Ge, bin, left);
  isUp = both(isUp, b.compare(ComparePredicate::Le, bin, middle));
  Value isDown = b.compare(ComparePredicate::Ge, bin, middle);
  isDown = both(isDown, b.compare(ComparePredicate::Lt, bin, right));
  Value downwards = binary(BinaryKind::Sub, right, bin);
  downwards = ratio(downwards, binary(BinaryKind::Sub, right, middle));
  n.setResult(0, b.convert(b.select(isDown, downwards, b.select(isUp, upwards, zero)), *type));
  return success();
}

void optc::onnximport::registerSignal(HandlerRegistry &r) {
  r.add("DFT", importDFT);
  r.add("STFT", importSTFT);
  r.add("MelWeightMatrix", importMelWeightMatrix);
}
