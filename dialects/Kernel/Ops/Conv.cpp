//===- Conv.cpp - convolutions --------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builder and rules of kernel.conv.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Kernel.h"

using namespace mlir;
using namespace optc;
using namespace optc::kernel;

void ConvOp::build(OpBuilder &builder, OperationState &state, Value input, Value filter, Value init,
                   ArrayRef<int64_t> window, ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations,
                   int64_t groups, Type accumulator) {
  auto type = cast<ShapedType>(init.getType());
  state.addOperands({input, filter, init});
  if (isa<TensorType>(type))
    state.addTypes(type);
  Properties &properties = state.getOrAddProperties<Properties>();
  properties.window = builder.getDenseI64ArrayAttr(window);
  properties.strides = builder.getDenseI64ArrayAttr(strides);
  properties.dilations = builder.getDenseI64ArrayAttr(dilations);
  properties.groups = builder.getI64IntegerAttr(groups);
  properties.phases = builder.getDenseI64ArrayAttr({});
  properties.pads = builder.getDenseI64ArrayAttr({});
  properties.extra_maps = builder.getArrayAttr({});
  Type element = type.getElementType();
  buildIdentityEpilogue(builder, *state.addRegion(), accumulator ? accumulator : element, element,
                        state.location);
}

/// Rule `kernel.conv.R1`.
static LogicalResult verifyWindow(ConvOp op) {
  int64_t spatial = op.getNumSpatial();
  auto fits = [&](ArrayRef<int64_t> values) {
    return static_cast<int64_t>(values.size()) == spatial &&
           llvm::all_of(values, [](int64_t v) { return v > 0; });
  };
  if (spatial < 1 || spatial > 3 || op.getInputType().getRank() != spatial + 2 ||
      op.getInitType().getRank() != spatial + 2)
    return op.emitOpError() << "[kernel.conv.R1] a window of rank " << spatial
                            << " needs input and result of rank " << spatial + 2;
  if (!fits(op.getWindow()) || !fits(op.getStrides()) || !fits(op.getDilations()))
    return op.emitOpError() << "[kernel.conv.R1] window, strides and dilations must have "
                            << spatial << " positive numbers each";
  return success();
}

/// Rule `kernel.conv.R6`.
static LogicalResult verifyPhases(ConvOp op) {
  ArrayRef<int64_t> phases = op.getPhases();
  bool isPositive = llvm::all_of(phases, [](int64_t phase) { return phase > 0; });
  if ((!phases.empty() && phases.size() != op.getNumSpatial()) || !isPositive)
    return op.emitOpError() << "[kernel.conv.R6] phases must have " << op.getNumSpatial()
                            << " positive numbers, or none";
  for (auto [i, phase] : llvm::enumerate(phases)) {
    int64_t size = op.getInitType().getDimSize(i + 1);
    if (!ShapedType::isDynamic(size) && size % phase != 0)
      return op.emitOpError() << "[kernel.conv.R6] " << phase << " phases along spatial dim " << i
                              << " do not divide " << size << " outputs";
  }
  return success();
}

bool ConvOp::suitsWinograd() {
  auto all = [](ArrayRef<int64_t> values, int64_t wanted) {
    return values.size() == 2 && llvm::all_of(values, [&](int64_t v) { return v == wanted; });
  };
  return all(getWindow(), 3) && all(getStrides(), 1) && all(getDilations(), 1) &&
         getGroups() == 1 && getPhases().empty() && getPads().empty();
}

/// Rule `kernel.conv.R7`.
static LogicalResult verifyPads(ConvOp op) {
  ArrayRef<int64_t> pads = op.getPads();
  if (pads.empty())
    return success();
  if (pads.size() != size_t(2) * op.getNumSpatial() ||
      llvm::any_of(pads, [](int64_t pad) { return pad < 0; }))
    return op.emitOpError() << "[kernel.conv.R7] pads must have " << 2 * op.getNumSpatial()
                            << " numbers that are not negative, or none";
  if (isa_and_present<TapsAttr, WinogradAttr>(op.getLayoutAttr()) || !op.getPhases().empty())
    return op.emitOpError("[kernel.conv.R7] the layouts taps and winograd and phases have no pads");
  return success();
}

/// Rules `kernel.conv.R2`, `kernel.conv.R4` and `kernel.conv.R5`.
static LogicalResult verifyFilter(ConvOp op) {
  int64_t groups = op.getGroups(), c = op.getInputChannels(), o = op.getOutputChannels();
  if (ShapedType::isDynamic(c) || ShapedType::isDynamic(o) || groups < 1 || c % groups != 0 ||
      o % groups != 0)
    return op.emitOpError() << "[kernel.conv.R2] " << groups << " groups do not divide " << c
                            << " input and " << o << " output channels";
  SmallVector<int64_t> want;
  if (op.getLayout()) {
    if (isa<TapsAttr>(*op.getLayout()) && !op.isDepthwise())
      return op.emitOpError("[kernel.conv.R4] the layout taps is for depthwise filters only");
    if (isa<WinogradAttr>(*op.getLayout()) && !op.suitsWinograd())
      return op.emitOpError("[kernel.conv.R5] the layout winograd is for 3x3 windows with strides, "
                            "dilations and groups of 1, without phases");
    want = {op.getNumMatrices() *
            getPackedSize(*op.getLayout(), op.getReductionSize(), o / groups)};
  } else {
    want = {o * op.getNumPhases(), c / groups};
    llvm::append_range(want, op.getWindow());
  }
  if (failed(verifyCompatibleShape(want, op.getFilterType().getShape())))
    return op.emitOpError() << "[kernel.conv.R2] filter has shape ["
                            << op.getFilterType().getShape() << "], needs [" << ArrayRef(want)
                            << "]";
  return success();
}

/// Rule `kernel.conv.R3`.
static LogicalResult verifySpace(ConvOp op) {
  for (auto [i, window] : llvm::enumerate(op.getWindow())) {
    int64_t in = op.getInputType().getDimSize(i + 1), out = op.getInitType().getDimSize(i + 1);
    if (ShapedType::isDynamic(in) || ShapedType::isDynamic(out) || out == 0)
      continue;
    int64_t places = op.getPhases().empty() ? out : out / op.getPhases()[i];
    int64_t need = (places - 1) * op.getStrides()[i] + (window - 1) * op.getDilations()[i] + 1;
    int64_t there = in + op.getPadBefore(i) + op.getPadAfter(i);
    if (need > there)
      return op.emitOpError() << "[kernel.conv.R3] " << out << " outputs along spatial dim " << i
                              << " need " << need << " inputs, there are " << there;
  }
  int64_t in = op.getInputType().getDimSize(0), out = op.getInitType().getDimSize(0);
  if (!ShapedType::isDynamic(in) && !ShapedType::isDynamic(out) && in != out)
    return op.emitOpError() << "[kernel.conv.R3] batch is " << in << " in the input, " << out
                            << " in the result";
  return success();
}

LogicalResult ConvOp::verify() {
  if (failed(verifyDestinationForm(*this)) || failed(verifyWindow(*this)) ||
      failed(verifyPhases(*this)) || failed(verifyPads(*this)) || failed(verifyFilter(*this)))
    return failure();
  return verifySpace(*this);
}

std::string ConvOp::getFamily() {
  std::string text = isDepthwise() ? "depthwise " : "conv ";
  for (auto [i, size] : llvm::enumerate(getWindow()))
    text += (i ? "x" : "") + std::to_string(size);
  return text;
}

OpWork ConvOp::getWork() {
  return {countElements(getInit(), getReductionSize()),
          countElements(getInit(), countOperations(getEpilogue()))};
}
