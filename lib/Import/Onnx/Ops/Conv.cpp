//===- Conv.cpp - convolutions -------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Convolutions, and transposed ones as convolutions whose results are interleaved.
//
//===----------------------------------------------------------------------===//
#include "dialects/QNN/IntegerProducts.h"
#include "lib/Import/Onnx/GatheredConv.h"
#include "lib/Import/Onnx/Quantization.h"
#include "lib/Import/Onnx/RuntimeChecks.h"
#include "lib/Import/Onnx/WindowAttributes.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;
using OnnxAttribute = optc::onnximport::Attribute;

static Value addBias(NNBuilder &b, Value result, Value bias) {
  return bias ? b.binary(BinaryKind::Add, result, bias) : result;
}

/// The channels of [N, C, space..] must be static: where they are not, the filter tells.
static Value withChannels(NNBuilder &b, Value input, int64_t channels) {
  SmallVector<int64_t> sizes(b.rankOf(input), ShapedType::kDynamic);
  if (sizes.size() > 2)
    sizes[1] = channels;
  return b.withSizes(input, sizes);
}

static LogicalResult checkRanks(NodeImport &n, Value input, Value filter) {
  int64_t rank = NNBuilder::rankOf(input);
  if (rank != NNBuilder::rankOf(filter))
    return n.invalid("input and filter have ranks " + Twine(rank) + " and " +
                     Twine(NNBuilder::rankOf(filter)));
  if (rank < 3 || rank > 5)
    return n.unsupported("convolutions over " + Twine(rank - 2) +
                         " spatial dimensions; 1 to 3 are supported");
  return success();
}

namespace {
/// A convolution with a filter of static shape.
struct ConvNode {
  Value input; ///< channels last
  qnn::ConvWindows windows;
};
} // namespace

/// `border`, if it is not null, is what the input has around it.
static FailureOr<ConvNode> readConv(NodeImport &n, Value input, Value filter, Value border = {}) {
  int64_t group = n.intAttr("group", 1);
  ArrayRef<int64_t> filterShape = NNBuilder::typeOf(filter).getShape();
  input = withChannels(n.b, input, filterShape[1] * group);
  auto windows = readWindows(n, filterShape.drop_front(2), input, 0.0, border);
  if (failed(windows))
    return failure();
  return ConvNode{windows->input, {windows->strides, windows->dilations, windows->pads, group}};
}

static LogicalResult checkConv(NodeImport &n, Value input, Value filter) {
  int64_t group = n.intAttr("group", 1);
  if (failed(checkRanks(n, input, filter)))
    return failure();
  return group < 1 ? n.invalid(Twine(group) + " groups") : success();
}

/// With a filter of unknown sizes.
static FailureOr<Value> gatherConv(NodeImport &n, Value input, Value filter) {
  FailureOr<Value> result = buildGatheredConv(n, input, filter, n.b.ints({n.intAttr("group", 1)}));
  return failed(result) ? result : FailureOr<Value>(toChannelsLast(n.b, *result));
}

/// Channels-last, without the bias.
static FailureOr<Value> buildConv(NodeImport &n, Value input, Value filter) {
  if (failed(checkConv(n, input, filter)))
    return failure();
  if (!NNBuilder::typeOf(filter).hasStaticShape())
    return gatherConv(n, input, filter);
  FailureOr<ConvNode> conv = readConv(n, input, filter);
  if (failed(conv))
    return failure();
  const qnn::ConvWindows &windows = conv->windows;
  return n.b.make<ConvOp>(n.b.elementOf(input), conv->input, filter, windows.strides,
                          windows.dilations, windows.pads, windows.group);
}

/// Values of 8 bits as i32 minus their zero point, which may be one per output channel.
static Value withoutZeroPoint(NNBuilder &b, qnn::StoredIntegers stored) {
  Value wide = b.convert(stored.value, b.getI32Type());
  if (!stored.zeroPoint)
    return wide;
  Value zeroPoint = b.convert(stored.zeroPoint, b.getI32Type());
  if (b.rankOf(zeroPoint) == 1 && b.typeOf(zeroPoint).getDimSize(0) != 1) {
    SmallVector<int64_t> shape(b.rankOf(wide), 1);
    shape.front() = -1;
    zeroPoint = b.reshape(zeroPoint, shape);
  }
  return b.binary(BinaryKind::Sub, wide, zeroPoint);
}

/// The same of integers, in i32.
static FailureOr<Value> buildIntegerConv(NodeImport &n, qnn::StoredIntegers input,
                                         qnn::StoredIntegers filter) {
  NNBuilder &b = n.b;
  if (failed(checkConv(n, input.value, filter.value)))
    return failure();
  if (!NNBuilder::typeOf(filter.value).hasStaticShape()) {
    Value integers = withoutZeroPoint(b, input);
    return gatherConv(n, integers, withoutZeroPoint(b, filter));
  }
  if (input.zeroPoint)
    input.zeroPoint = b.reshape(input.zeroPoint, ArrayRef<int64_t>());
  FailureOr<ConvNode> conv = readConv(n, input.value, filter.value, input.zeroPoint);
  if (failed(conv))
    return failure();
  return qnn::buildIntegerConv(b, {conv->input, input.zeroPoint}, filter, conv->windows);
}

static LogicalResult importConv(NodeImport &n) {
  FailureOr<Value> result = buildConv(n, n.operand(0), n.operand(1));
  if (failed(result))
    return failure();
  n.setResult(0, toChannelsFirst(n.b, addBias(n.b, *result, n.operand(2))));
  return success();
}

static LogicalResult importConvInteger(NodeImport &n) {
  FailureOr<Value> result =
      buildIntegerConv(n, {n.operand(0), n.operand(2)}, {n.operand(1), n.operand(3)});
  if (failed(result))
    return failure();
  n.setResult(0, toChannelsFirst(n.b, *result));
  return success();
}

/// The convolution in i32, times the input's scale * the filter's (one or one per output
/// channel) / the result's.
static LogicalResult importQLinearConv(NodeImport &n) {
  NNBuilder &b = n.b;
  for (size_t parameter : {1, 2, 4, 5, 6, 7})
    if (failed(n.requireRank(parameter, 0, 1)))
      return failure();
  FailureOr<Type> type = n.resultElementType(0);
  FailureOr<Value> sums =
      buildIntegerConv(n, {n.operand(0), n.operand(2)}, {n.operand(3), n.operand(5)});
  if (failed(sums) || failed(type))
    return failure();
  Value result = addBias(b, *sums, n.operand(8)); // channels are last here
  int64_t rank = b.rankOf(result);
  auto scale = [&](size_t i) { return alongAxis(b, n.operand(i), rank, rank - 1); };
  Value ofInput = scale(1), factor = b.binary(BinaryKind::Mul, ofInput, scale(4));
  factor = b.binary(BinaryKind::Div, factor, scale(6));
  Value zeroPoint = n.operand(7) ? alongAxis(b, n.operand(7), rank, rank - 1) : Value();
  n.setResult(0, toChannelsFirst(b, requantize(b, result, factor, zeroPoint, *type)));
  return success();
}

//===----------------------------------------------------------------------===//
// Transposed convolution
//===----------------------------------------------------------------------===//
//
// Along one dimension, y[q - begin] = sum of x[i] * w[t] over i * stride + t * dilation = q.
// With zeros put between the taps of w there is no dilation, and with q = m * stride + r and
// t = j * stride + r this is, for every phase r, a plain convolution
//   y[m * stride + r - begin] = sum over j of x[m - j] * w[j * stride + r].
// So: one convolution with stride * O filters and taps = ceil(extent / stride), the taps
// reversed, whose results are interleaved with space. Example: 4 taps, stride 2, begin 1:
// y = (x * [w2, w0], x * [w3, w1]) interleaved, without its first element.
//
// The convolution stores them so itself, in `phases`.

namespace {
struct TransposedConv {
  NNBuilder &b;
  SmallVector<int64_t> strides, dilations, begin, growth; // growth: elements added at the end
  int64_t group;
  SmallVector<int64_t> taps;
  /// Sizes of the result that the run cuts or fills to, where the input's is dynamic; -1: none.
  SmallVector<int64_t> wanted;
  bool cutsLessInFront = false;

  size_t rank() const { return strides.size(); }
  Value pad(Value value, ArrayRef<int64_t> before, ArrayRef<int64_t> after) {
    if (llvm::all_of(before, [](int64_t p) { return p == 0; }) &&
        llvm::all_of(after, [](int64_t p) { return p == 0; }))
      return value;
    SmallVector<int64_t> pads(before);
    pads.append(after.begin(), after.end());
    Value amounts = b.ints(pads);
    return b.make<PadOp>(b.elementOf(value), PadMode::Constant, value, amounts,
                         b.scalarLike(value, 0));
  }
  Value buildFilter(Value filter);
  Value build(Value input, Value filter);
  Value fit(Value value);
};
} // namespace

/// [C, O / g, k..] -> [g * stride.. * O / g, C / g, taps..].
Value TransposedConv::buildFilter(Value filter) {
  SmallVector<int64_t> shape(b.typeOf(filter).getShape());
  int64_t channels = shape[0], outputs = shape[1], count = rank();
  // Zeros between the taps, then zeros up to a multiple of the stride.
  SmallVector<int64_t> apart = {channels, outputs}, zero(2 + 2 * count, 0), gaps(zero),
                       together(apart);
  for (int64_t i = 0; i < count; ++i) {
    apart.append({shape[2 + i], 1});
    gaps[3 + 2 * i] = dilations[i] - 1;
    together.push_back(shape[2 + i] * dilations[i]);
  }
  if (llvm::any_of(dilations, [](int64_t d) { return d != 1; }))
    filter = b.reshape(pad(b.reshape(filter, apart), zero, gaps), together);
  SmallVector<int64_t> none(2 + count, 0), fill(none), phases = {group, channels / group, outputs};
  for (int64_t i = 0; i < count; ++i) {
    fill[2 + i] = taps[i] * strides[i] - together[2 + i];
    phases.append({taps[i], strides[i]});
  }
  filter = b.reshape(pad(filter, none, fill), phases);
  SmallVector<int64_t> reversed, ones(count, -1), ends(count, std::numeric_limits<int64_t>::min());
  SmallVector<int64_t> permutation = {0}, result = {group * outputs, channels / group};
  for (int64_t i = 0; i < count; ++i) {
    reversed.push_back(3 + 2 * i);
    permutation.push_back(4 + 2 * i);
    result[0] *= strides[i];
    result.push_back(taps[i]);
  }
  permutation.append({2, 1});
  permutation.append(reversed);
  if (llvm::any_of(taps, [](int64_t t) { return t != 1; })) {
    Value start = b.ints(ones), end = b.ints(ends);
    filter = b.make<SliceOp>(b.elementOf(filter), filter, start, end, b.ints(ones), reversed);
  }
  return b.reshape(b.transpose(filter, permutation), result);
}

Value TransposedConv::build(Value input, Value filter) {
  int64_t count = rank();
  SmallVector<int64_t> pads(2 * count), cutBefore(2 + count, 0), cutAfter(2 + count, 0);
  for (int64_t i = 0; i < count; ++i) {
    // The plain convolution starts with taps - 1 zeros; whole windows that would be cut off
    // again are not computed.
    int64_t cut = std::max<int64_t>(0, -growth[i]);
    int64_t skipBefore = std::min(begin[i] / strides[i], taps[i] - 1);
    int64_t skipAfter = std::min(cut / strides[i], taps[i] - 1);
    pads[i] = taps[i] - 1 - skipBefore;
    pads[count + i] = taps[i] - 1 - skipAfter;
    cutBefore[1 + i] = skipBefore * strides[i] - begin[i];
    cutAfter[1 + i] = growth[i] + skipAfter * strides[i];
  }
  SmallVector<int64_t> ones(count, 1);
  bool isDense = llvm::all_of(strides, [](int64_t stride) { return stride == 1; });
  Value result = b.make<ConvOp>(b.elementOf(input), input, buildFilter(filter), ones, ones, pads,
                                group, isDense ? ArrayRef<int64_t>() : ArrayRef(strides));
  for (int64_t i = 0; i < count; ++i)
    if (cutAfter[1 + i] <= 0 && (cutBefore[1 + i] || cutAfter[1 + i])) {
      Value size = b.sizeOf(result, 1 + i);
      Value end = b.binary(BinaryKind::Add, size, b.ints({cutAfter[1 + i]}));
      result = b.slice(result, 1 + i, b.ints({-cutBefore[1 + i]}), end);
      cutBefore[1 + i] = cutAfter[1 + i] = 0;
    }
  return pad(result, cutBefore, cutAfter);
}

/// The whole result, which begins without a cut, made as large as wanted: as much is cut off or
/// filled with zeros as its size tells when the model runs.
Value TransposedConv::fit(Value value) {
  int64_t count = rank();
  if (llvm::all_of(wanted, [](int64_t size) { return size < 0; }))
    return value;
  SmallVector<Value> pads(2 * (2 + count), b.ints({0})), sizes;
  Value whole = value;
  for (int64_t i = 0; i < 2 + count; ++i) {
    int64_t target = i == 0 || i == 1 + count ? -1 : wanted[i - 1];
    Value size = b.sizeOf(whole, i);
    sizes.push_back(target < 0 ? size : b.ints({target}));
    if (target < 0)
      continue;
    Value surplus = b.binary(BinaryKind::Sub, size, b.ints({target}));
    Value total = b.binary(BinaryKind::Max, surplus, b.ints({0}));
    Value begin = b.binary(BinaryKind::Div, total, b.ints({2}));
    if (!cutsLessInFront)
      begin = b.binary(BinaryKind::Sub, total, begin);
    value = b.slice(value, i, begin, b.binary(BinaryKind::Add, begin, b.ints({target})));
    Value missing = b.binary(BinaryKind::Sub, b.ints({target}), size);
    pads[2 + count + i] = b.binary(BinaryKind::Max, missing, b.ints({0}));
  }
  Value amounts = b.concat(pads, 0);
  value =
      b.make<PadOp>(b.elementOf(value), PadMode::Constant, value, amounts, b.scalarLike(value, 0));
  return b.reshape(value, b.concat(sizes, 0), /*allowZero=*/true);
}

/// Pads before each dimension and the elements to add at its end (negative: to cut), so that the
/// result has the size ONNX defines. The interleaved result has (size + taps - 1) * stride
/// elements.
static LogicalResult resolvePads(NodeImport &n, TransposedConv &conv, Value input, Value filter) {
  size_t rank = conv.rank();
  auto pads = readInts(n, "pads", 2 * rank, 0), extra = readInts(n, "output_padding", rank, 0);
  auto sizes = readOutputShape(n, rank);
  if (failed(pads) || failed(extra) || failed(sizes))
    return failure();
  ArrayRef<int64_t> wanted = *sizes;
  std::string automatic = n.stringAttr("auto_pad", "NOTSET");
  bool isUpper = automatic == "SAME_UPPER", isSame = isUpper || automatic == "SAME_LOWER";
  conv.cutsLessInFront = isUpper;
  for (size_t i = 0; i < rank; ++i) {
    int64_t kernel = NNBuilder::typeOf(filter).getDimSize(2 + i);
    int64_t extent = (kernel - 1) * conv.dilations[i] + 1, stride = conv.strides[i];
    // Sizes relative to stride * input: the unpadded result is that plus `natural`.
    int64_t natural = extent - stride + (*extra)[i],
            size = natural - (*pads)[i] - (*pads)[rank + i];
    int64_t begin = (*pads)[i];
    int64_t known = NNBuilder::typeOf(input).getDimSize(2 + i);
    conv.wanted.push_back(!wanted.empty() && ShapedType::isDynamic(known) ? wanted[i] : -1);
    if (conv.wanted.back() >= 0) { // all there is, see TransposedConv::fit
      size = natural;
      begin = 0;
    } else if (!wanted.empty() || isSame) {
      size = wanted.empty() ? 0 : wanted[i] - known * stride;
      int64_t total = std::max<int64_t>(0, natural - size);
      begin = isUpper ? total / 2 : total - total / 2;
    }
    conv.taps.push_back((extent + stride - 1) / stride);
    conv.begin.push_back(begin);
    // (size of the result) - ((input + taps - 1) * stride - begin)
    conv.growth.push_back(size - (conv.taps.back() - 1) * stride + begin);
  }
  return success();
}

static LogicalResult importConvTranspose(NodeImport &n) {
  NNBuilder &b = n.b;
  Value input = n.operand(0), filter = n.operand(1);
  if (failed(checkRanks(n, input, filter)))
    return failure();
  size_t rank = b.rankOf(input) - 2;
  auto strides = readInts(n, "strides", rank, 1), dilations = readInts(n, "dilations", rank, 1);
  if (failed(strides) || failed(dilations))
    return failure();
  int64_t group = n.intAttr("group", 1), channels = b.typeOf(filter).getDimSize(0);
  if (group < 1 || (!ShapedType::isDynamic(channels) && channels % group != 0))
    return n.invalid(Twine(group) + " groups of " + Twine(channels) + " channels");
  if (!b.typeOf(filter).hasStaticShape()) {
    FailureOr<Value> gathered = buildGatheredConvTranspose(n, input, filter, b.ints({group}));
    if (failed(gathered))
      return failure();
    n.setResult(0, toChannelsFirst(b, addBias(b, toChannelsLast(b, *gathered), n.operand(2))));
    return success();
  }
  TransposedConv conv{b, *strides, *dilations, {}, {}, group, {}, {}};
  if (failed(resolvePads(n, conv, input, filter)))
    return failure();
  Value result = conv.fit(conv.build(toChannelsLast(b, withChannels(b, input, channels)), filter));
  n.setResult(0, toChannelsFirst(b, addBias(b, result, n.operand(2))));
  return success();
}

//===----------------------------------------------------------------------===//
// Causal convolution
//===----------------------------------------------------------------------===//

/// A convolution per channel over what came before, which the state keeps, and the input.
static LogicalResult importCausalConv(NodeImport &n) {
  constexpr int64_t ranks[] = {3, 3, 1, 3};
  for (auto [i, rank] : llvm::enumerate(ranks))
    if (failed(n.requireRank(i, rank)))
      return failure();
  NNBuilder &b = n.b;
  Value input = n.operand(0), filter = n.operand(1), past = n.operand(3);
  Value channels = b.sizeOf(filter, 0), taps = b.sizeOf(filter, 2),
        kept = b.binary(BinaryKind::Sub, taps, b.ints({1}));
  if (failed(requireSize(n, filter, 1, 1, "the filter")) ||
      failed(requireElements(n, filter, 2, "the filter")))
    return failure();
  Value sizes = b.concat({b.sizeOf(input, 0), channels, kept}, 0);
  past =
      past ? b.reshape(past, sizes, /*allowZero=*/true) : b.expand(b.scalarLike(input, 0), sizes);
  Value all = b.concat({past, input}, 2);
  FailureOr<Value> result = failure();
  if (b.typeOf(filter).hasStaticShape()) {
    OnnxAttribute group;
    group.name = "group", group.i = b.typeOf(filter).getDimSize(0);
    result = n.importAs("Conv", {all, filter, n.operand(2)}, {group});
  } else {
    result = buildGatheredConv(n, all, filter, channels);
    if (succeeded(result) && n.hasOperand(2))
      result = b.binary(BinaryKind::Add, *result, b.unsqueeze(n.operand(2), {1}));
  }
  if (failed(result))
    return failure();
  std::string activation = n.stringAttr("activation", "none");
  if (activation == "silu" || activation == "swish")
    result = b.binary(BinaryKind::Mul, *result, b.unary(UnaryKind::Sigmoid, *result));
  else if (activation != "none")
    return n.unsupported("the activation '" + Twine(activation) + "'");
  n.setResult(0, *result);
  if (n.hasResult(1)) {
    Value size = b.sizeOf(all, 2);
    n.setResult(1, b.slice(all, 2, b.binary(BinaryKind::Sub, size, kept), size));
  }
  return success();
}

namespace optc::onnximport {
void registerConv(HandlerRegistry &registry) {
  registry.add("Conv", importConv);
  registry.add("ConvInteger", importConvInteger);
  registry.add("QLinearConv", importQLinearConv);
  registry.add("ConvTranspose", importConvTranspose);
  registry.add("CausalConvWithState", summing<importCausalConv>);
}
} // namespace optc::onnximport
