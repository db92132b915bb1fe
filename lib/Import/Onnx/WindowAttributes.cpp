//===- WindowAttributes.cpp - strides, dilations and pads of ONNX --------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See WindowAttributes.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/WindowAttributes.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

Value optc::onnximport::toChannelsLast(NNBuilder &b, Value value) {
  SmallVector<int64_t> permutation = {0};
  for (int64_t i = 2, e = b.rankOf(value); i < e; ++i)
    permutation.push_back(i);
  permutation.push_back(1);
  return b.transpose(value, permutation);
}

Value optc::onnximport::toChannelsFirst(NNBuilder &b, Value value) {
  SmallVector<int64_t> permutation = {0, b.rankOf(value) - 1};
  for (int64_t i = 1, e = b.rankOf(value) - 1; i < e; ++i)
    permutation.push_back(i);
  return b.transpose(value, permutation);
}

FailureOr<SmallVector<int64_t>> optc::onnximport::readInts(NodeImport &n, StringRef name,
                                                           size_t rank, int64_t fallback) {
  SmallVector<int64_t> values = n.intsAttr(name);
  if (values.empty())
    values.assign(rank, fallback);
  if (values.size() == rank)
    return values;
  return n.invalid("attribute " + name + " has " + Twine(values.size()) + " elements, needed are " +
                   Twine(rank));
}

FailureOr<SmallVector<int64_t>> optc::onnximport::readOutputShape(NodeImport &n, size_t rank) {
  SmallVector<int64_t> wanted = n.intsAttr("output_shape");
  if (wanted.size() == rank + 2)
    wanted.erase(wanted.begin(), wanted.begin() + 2);
  if (!wanted.empty() && wanted.size() != rank)
    return n.invalid("output_shape has " + Twine(wanted.size()) + " elements, needed are " +
                     Twine(rank));
  return wanted;
}

/// Total padding of SAME along one dimension of static size, or with stride 1 of any size:
/// max((ceil(size / stride) - 1) * stride + extent - size, 0).
static std::optional<int64_t> samePadding(DimExpr size, int64_t stride, int64_t extent) {
  if (stride == 1)
    return extent - 1;
  std::optional<int64_t> value = getConstant(size);
  if (!value)
    return std::nullopt;
  int64_t count = (*value + stride - 1) / stride;
  return std::max<int64_t>((count - 1) * stride + extent - *value, 0);
}

/// The same as a tensor<1xi64>, computed at run time.
static Value dynamicSamePadding(NNBuilder &b, Value size, int64_t stride, int64_t extent) {
  Value rounded = b.binary(BinaryKind::Add, size, b.ints({stride - 1}));
  Value count = b.binary(BinaryKind::Div, rounded, b.ints({stride}));
  Value covered = b.binary(BinaryKind::Mul, count, b.ints({stride}));
  Value missing = b.binary(BinaryKind::Sub, covered, size);
  Value total = b.binary(BinaryKind::Add, missing, b.ints({extent - stride}));
  return b.binary(BinaryKind::Max, total, b.ints({0}));
}

/// Pads a channels-last input by amounts that depend on its dynamic sizes.
static Value padSame(NNBuilder &b, Value input, const WindowAttributes &windows, bool isUpper,
                     Value border) {
  size_t rank = windows.sizes.size();
  SmallVector<Value> before = {b.ints({0})}, after = {b.ints({0})};
  for (size_t i = 0; i < rank; ++i) {
    int64_t extent = (windows.sizes[i] - 1) * windows.dilations[i] + 1;
    Value total = dynamicSamePadding(b, b.sizeOf(input, 1 + i), windows.strides[i], extent);
    Value small = b.binary(BinaryKind::Div, total, b.ints({2}));
    Value large = b.binary(BinaryKind::Sub, total, small);
    before.push_back(isUpper ? small : large);
    after.push_back(isUpper ? large : small);
  }
  before.push_back(b.ints({0}));
  after.push_back(b.ints({0}));
  before.append(after);
  return b.make<PadOp>(b.elementOf(input), PadMode::Constant, input, b.concat(before, 0), border);
}

/// auto_pad SAME_UPPER or SAME_LOWER.
static LogicalResult resolveSame(NodeImport &n, WindowAttributes &windows, bool isUpper,
                                 std::optional<double> padValue, Value border) {
  size_t rank = windows.sizes.size();
  Shape shape = n.b.getShapes().getShape(windows.input);
  windows.pads.assign(2 * rank, 0);
  SmallVector<int64_t> pads(2 * rank);
  for (size_t i = 0; i < rank; ++i) {
    int64_t extent = (windows.sizes[i] - 1) * windows.dilations[i] + 1;
    auto total = samePadding(shape[1 + i], windows.strides[i], extent);
    if (!total) {
      if (!padValue && !border)
        return n.unsupported("auto_pad with strides over dynamic sizes; give explicit pads");
      if (!border)
        border = n.b.scalarLike(windows.input, *padValue);
      windows.input = padSame(n.b, windows.input, windows, isUpper, border);
      return success();
    }
    pads[i] = isUpper ? *total / 2 : *total - *total / 2;
    pads[rank + i] = *total - pads[i];
  }
  windows.pads = pads;
  return success();
}

FailureOr<WindowAttributes> optc::onnximport::readWindows(NodeImport &n, ArrayRef<int64_t> sizes,
                                                          Value input,
                                                          std::optional<double> padValue,
                                                          Value border) {
  size_t rank = sizes.size();
  WindowAttributes windows;
  windows.sizes.assign(sizes.begin(), sizes.end());
  auto strides = readInts(n, "strides", rank, 1), dilations = readInts(n, "dilations", rank, 1),
       pads = readInts(n, "pads", 2 * rank, 0);
  if (failed(strides) || failed(dilations) || failed(pads))
    return failure();
  if (llvm::any_of(*pads, [](int64_t pad) { return pad < 0; }))
    return n.unsupported("negative pads; slice the input instead");
  windows.strides = *strides;
  windows.dilations = *dilations;
  windows.pads = *pads;
  windows.input = toChannelsLast(n.b, input);
  std::string automatic = n.stringAttr("auto_pad", "NOTSET");
  if (automatic == "VALID")
    windows.pads.assign(2 * rank, 0);
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER")
    if (failed(resolveSame(n, windows, automatic == "SAME_UPPER", padValue, border)))
      return failure();
  return windows;
}
