//===- GatheredConv.cpp - convolutions with filters of unknown sizes -----===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See GatheredConv.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/GatheredConv.h"
#include "lib/Import/Onnx/RuntimeChecks.h"
#include "lib/Import/Onnx/WindowAttributes.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

namespace {
/// What the taps read along one spatial dimension.
struct Reading {
  Value place;    ///< [taps, count] of i64: an element of the input
  Value isInside; ///< [taps, count] of i1: the others read 0
};

/// The attributes, and sizes as tensors<1xi64>.
class GatheredConv {
public:
  GatheredConv(NodeImport &n, Value input, Value filter, Value group)
      : n(n), b(n.b), input(input), filter(filter), group(group),
        rank(NNBuilder::rankOf(input) - 2) {}
  LogicalResult read();
  LogicalResult requireChannels(Value wanted);
  FailureOr<Value> build();
  FailureOr<Value> buildTransposed();

private:
  Value add(Value x, Value y) { return b.binary(BinaryKind::Add, x, y); }
  Value sub(Value x, Value y) { return b.binary(BinaryKind::Sub, x, y); }
  Value mul(Value x, Value y) { return b.binary(BinaryKind::Mul, x, y); }
  Value div(Value x, Value y) { return b.binary(BinaryKind::Div, x, y); }
  Value number(int64_t value) { return b.ints({value}); }
  Value stride(size_t i) { return number(strides[i]); }
  Value notNegative(Value x) { return b.binary(BinaryKind::Max, x, number(0)); }
  Value join(ArrayRef<Value> sizes, ArrayRef<Value> more = {});
  Value productOf(ArrayRef<Value> sizes);
  /// Half of what is padded, or cut off: the smaller one first where `isUpper`.
  Value shareInFront(Value total) {
    Value half = div(total, number(2));
    return isUpper ? half : sub(total, half);
  }
  /// The numbers of the taps times the dilation, or of the places times `step`, to be broadcast.
  Value tapOffsets(size_t i) {
    Value taps = b.iota(window[i]);
    return b.unsqueeze(mul(taps, number(dilations[i])), {1});
  }
  Value placesOf(Value count, int64_t step) {
    Value places = b.iota(count);
    return b.unsqueeze(mul(places, number(step)), {0});
  }
  SmallVector<Value> countsOf(ArrayRef<Reading> readings) {
    return llvm::map_to_vector(readings,
                               [&](const Reading &each) { return b.sizeOf(each.place, 1); });
  }
  Reading within(Value place, size_t i, Value also = {});
  Value columns(ArrayRef<Reading> readings);
  Value multiply(Value matrix, Value made, ArrayRef<Reading> readings);
  FailureOr<Value> countPlaces(size_t i, Value &begin);
  Value countTransposed(size_t i, ArrayRef<int64_t> wanted, int64_t extra, Value &begin);

  NodeImport &n;
  NNBuilder &b;
  Value input, filter, group;
  size_t rank;
  SmallVector<int64_t> strides, dilations, pads;
  SmallVector<Value> window, extent, space; ///< taps; what they span; sizes of the input
  bool isSame = false, isUpper = false;
};
} // namespace

Value GatheredConv::join(ArrayRef<Value> sizes, ArrayRef<Value> more) {
  SmallVector<Value> all(sizes);
  all.append(more.begin(), more.end());
  return b.concat(all, 0);
}

Value GatheredConv::productOf(ArrayRef<Value> sizes) {
  Value product = sizes.front();
  for (Value size : sizes.drop_front())
    product = mul(product, size);
  return product;
}

LogicalResult GatheredConv::read() {
  auto givenStrides = readInts(n, "strides", rank, 1),
       givenDilations = readInts(n, "dilations", rank, 1),
       givenPads = readInts(n, "pads", 2 * rank, 0);
  if (failed(givenStrides) || failed(givenDilations) || failed(givenPads))
    return failure();
  strides = *givenStrides, dilations = *givenDilations, pads = *givenPads;
  auto isPositive = [](int64_t x) { return x > 0; };
  if (!llvm::all_of(strides, isPositive) || !llvm::all_of(dilations, isPositive))
    return n.invalid("strides and dilations must be positive");
  std::string automatic = n.stringAttr("auto_pad", "NOTSET");
  isUpper = automatic == "SAME_UPPER";
  isSame = isUpper || automatic == "SAME_LOWER";
  if (automatic == "VALID")
    pads.assign(2 * rank, 0);
  SmallVector<int64_t> given = n.intsAttr("kernel_shape");
  if (!given.empty() && given.size() != rank)
    return n.invalid("kernel_shape has " + Twine(given.size()) + " elements, needed are " +
                     Twine(rank));
  for (size_t i = 0; i < rank; ++i) {
    // An empty input would have no element for the taps that read nothing.
    if (failed(requireElements(n, input, 2 + i, "the input")) ||
        failed(requireElements(n, filter, 2 + i, "the filter")) ||
        (!given.empty() && failed(requireSize(n, filter, 2 + i, given[i], "the filter"))))
      return failure();
    window.push_back(b.sizeOf(filter, 2 + i));
    space.push_back(b.sizeOf(input, 2 + i));
    Value gaps = sub(window.back(), number(1)), spanned = mul(gaps, number(dilations[i]));
    extent.push_back(add(spanned, number(1)));
  }
  return success();
}

LogicalResult GatheredConv::requireChannels(Value wanted) {
  return n.demand(b.sizeOf(input, 1), ComparePredicate::Eq, wanted,
                  "the input has {0} channels, the filter is for {1}");
}

/// `place` is an element of the input if it is one of its `space`, and `also` holds.
Reading GatheredConv::within(Value place, size_t i, Value also) {
  Value last = sub(space[i], number(1));
  Value isBehind = b.compare(ComparePredicate::Ge, place, number(0));
  Value isInside =
      b.binary(BinaryKind::And, isBehind, b.compare(ComparePredicate::Le, place, last));
  if (also)
    isInside = b.binary(BinaryKind::And, isInside, also);
  return {b.binary(BinaryKind::Min, notNegative(place), last), isInside};
}

/// [N, g, C * taps, places] of what the taps read.
Value GatheredConv::columns(ArrayRef<Reading> readings) {
  Value batch = b.sizeOf(input, 0), channels = div(b.sizeOf(input, 1), group);
  Value x = b.reshape(input, join({batch, group, channels}, space), /*allowZero=*/true);
  SmallVector<int64_t> order = {0, 1, 2};
  for (auto [i, reading] : llvm::enumerate(readings)) {
    int64_t axis = 3 + 2 * i;
    x = b.gather(x, reading.place, axis);
    SmallVector<int64_t> behind;
    for (int64_t dim = 2, end = b.rankOf(x) - axis; dim < end; ++dim)
      behind.push_back(dim);
    Value isInside = b.unsqueeze(reading.isInside, behind);
    x = b.select(isInside, x, b.scalarLike(x, 0));
    order.push_back(axis);
  }
  for (size_t i = 0; i < rank; ++i)
    order.push_back(4 + 2 * i);
  Value depth = mul(channels, productOf(window));
  x = b.transpose(x, order);
  return b.reshape(x, join({batch, group, depth, productOf(countsOf(readings))}),
                   /*allowZero=*/true);
}

/// `matrix` [g, O / g, C * taps] times what is read: [N, made = O, counts..].
Value GatheredConv::multiply(Value matrix, Value made, ArrayRef<Reading> readings) {
  Value product = b.make<MatmulOp>(b.elementOf(input), matrix, columns(readings));
  Value batch = b.sizeOf(input, 0);
  return b.reshape(product, join({batch, made}, countsOf(readings)), /*allowZero=*/true);
}

/// The number of windows along a dimension, and how much is padded in front of the first.
FailureOr<Value> GatheredConv::countPlaces(size_t i, Value &begin) {
  Value total = number(pads[i] + pads[rank + i]);
  begin = number(pads[i]);
  if (isSame) {
    Value rounded = add(space[i], number(strides[i] - 1)), count = div(rounded, stride(i));
    Value gaps = sub(count, number(1)), covered = add(mul(gaps, stride(i)), extent[i]);
    total = notNegative(sub(covered, space[i]));
    begin = shareInFront(total);
  }
  Value padded = add(space[i], total);
  if (failed(n.demand(padded, ComparePredicate::Ge, extent[i],
                      "spatial dimension " + Twine(i) +
                          " of the padded input has {0} elements, the filter spans {1}")))
    return failure();
  Value room = sub(padded, extent[i]), steps = div(room, stride(i));
  return add(steps, number(1));
}

FailureOr<Value> GatheredConv::build() {
  if (failed(requireChannels(mul(b.sizeOf(filter, 1), group))))
    return failure();
  SmallVector<Reading> readings;
  for (size_t i = 0; i < rank; ++i) {
    Value begin;
    FailureOr<Value> count = countPlaces(i, begin);
    if (failed(count))
      return failure();
    Value places = placesOf(*count, strides[i]);
    readings.push_back(within(sub(add(places, tapOffsets(i)), begin), i));
  }
  Value made = b.sizeOf(filter, 0), perGroup = b.sizeOf(filter, 1),
        depth = mul(perGroup, productOf(window));
  Value matrix = b.reshape(filter, join({group, div(made, group), depth}), /*allowZero=*/true);
  return multiply(matrix, made, readings);
}

/// The size of the result along a dimension, and how much is cut off in front of it.
Value GatheredConv::countTransposed(size_t i, ArrayRef<int64_t> wanted, int64_t extra,
                                    Value &begin) {
  Value gaps = sub(space[i], number(1)), covered = add(mul(gaps, stride(i)), extent[i]);
  Value whole = add(covered, number(extra));
  begin = number(pads[i]);
  if (wanted.empty() && !isSame)
    return sub(whole, number(pads[i] + pads[rank + i]));
  Value count = wanted.empty() ? mul(space[i], stride(i)) : number(wanted[i]);
  begin = shareInFront(notNegative(sub(whole, count)));
  return count;
}

/// Element q of the whole result sums x[m] * w[t] over all m * stride + t * dilation = q.
FailureOr<Value> GatheredConv::buildTransposed() {
  auto wanted = readOutputShape(n, rank), extra = readInts(n, "output_padding", rank, 0);
  if (failed(wanted) || failed(extra) || failed(requireChannels(b.sizeOf(filter, 0))))
    return failure();
  SmallVector<Reading> readings;
  for (size_t i = 0; i < rank; ++i) {
    Value begin, count = countTransposed(i, *wanted, (*extra)[i], begin);
    if (failed(
            n.demand(count, ComparePredicate::Ge, 1.0,
                     "spatial dimension " + Twine(i) + " of the result would have {0} elements")))
      return failure();
    Value places = add(placesOf(count, 1), begin), distance = sub(places, tapOffsets(i)),
          place = div(distance, stride(i));
    Value isWhole = b.compare(ComparePredicate::Eq, mul(place, stride(i)), distance);
    Value isBehind = b.compare(ComparePredicate::Ge, distance, number(0));
    readings.push_back(within(place, i, b.binary(BinaryKind::And, isWhole, isBehind)));
  }
  Value channels = div(b.sizeOf(filter, 0), group), perGroup = b.sizeOf(filter, 1),
        taps = productOf(window);
  Value matrix = b.reshape(filter, join({group, channels, perGroup, taps}), /*allowZero=*/true);
  matrix = b.transpose(matrix, {0, 2, 1, 3});
  matrix = b.reshape(matrix, join({group, perGroup, mul(channels, taps)}), /*allowZero=*/true);
  return multiply(matrix, mul(group, perGroup), readings);
}

FailureOr<Value> optc::onnximport::buildGatheredConv(NodeImport &n, Value input, Value filter,
                                                     Value group) {
  GatheredConv conv(n, input, filter, group);
  if (failed(conv.read()))
    return failure();
  return conv.build();
}

FailureOr<Value> optc::onnximport::buildGatheredConvTranspose(NodeImport &n, Value input,
                                                              Value filter, Value group) {
  GatheredConv conv(n, input, filter, group);
  if (failed(conv.read()))
    return failure();
  return conv.buildTransposed();
}
