//===- Pool.cpp - pooling -------------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builder and rules of kernel.pool.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Kernel.h"

using namespace mlir;
using namespace optc;
using namespace optc::kernel;

void PoolOp::build(OpBuilder &builder, OperationState &state, PoolKind kind, Value input,
                   Value init, ArrayRef<int64_t> window, ArrayRef<int64_t> strides,
                   ArrayRef<int64_t> dilations, ArrayRef<int64_t> padsBegin,
                   ArrayRef<int64_t> padsEnd, bool countPads) {
  auto type = cast<ShapedType>(init.getType());
  state.addOperands({input, init});
  if (isa<TensorType>(type))
    state.addTypes(type);
  Properties &properties = state.getOrAddProperties<Properties>();
  properties.kind = PoolKindAttr::get(builder.getContext(), kind);
  properties.window = builder.getDenseI64ArrayAttr(window);
  properties.strides = builder.getDenseI64ArrayAttr(strides);
  properties.dilations = builder.getDenseI64ArrayAttr(dilations);
  properties.pads_begin = builder.getDenseI64ArrayAttr(padsBegin);
  properties.pads_end = builder.getDenseI64ArrayAttr(padsEnd);
  if (countPads)
    properties.count_pads = builder.getUnitAttr();
  properties.extra_maps = builder.getArrayAttr({});
  buildIdentityEpilogue(builder, *state.addRegion(), type.getElementType(), type.getElementType(),
                        state.location);
}

/// Rule `kernel.pool.R1`.
static LogicalResult verifyWindow(PoolOp op) {
  int64_t spatial = op.getNumSpatial();
  auto fits = [&](ArrayRef<int64_t> values, int64_t least) {
    return static_cast<int64_t>(values.size()) == spatial &&
           llvm::all_of(values, [=](int64_t v) { return v >= least; });
  };
  if (spatial < 1 || spatial > 3 || op.getInputType().getRank() != spatial + 2 ||
      op.getInitType().getRank() != spatial + 2)
    return op.emitOpError() << "[kernel.pool.R1] a window of rank " << spatial
                            << " needs input and result of rank " << spatial + 2;
  if (!fits(op.getWindow(), 1) || !fits(op.getStrides(), 1) || !fits(op.getDilations(), 1) ||
      !fits(op.getPadsBegin(), 0) || !fits(op.getPadsEnd(), 0))
    return op.emitOpError() << "[kernel.pool.R1] window, strides, dilations and pads must have "
                            << spatial << " numbers each, positive or for pads not negative";
  return success();
}

LogicalResult PoolOp::verify() {
  if (failed(verifyDestinationForm(*this)) || failed(verifyWindow(*this)))
    return failure();
  for (int64_t dim : {int64_t(0), int64_t(getNumSpatial()) + 1}) {
    int64_t in = getInputType().getDimSize(dim), out = getInitType().getDimSize(dim);
    if (!ShapedType::isDynamic(in) && !ShapedType::isDynamic(out) && in != out)
      return emitOpError() << "[kernel.pool.R2] dim " << dim << " is " << in << " in the input, "
                           << out << " in the result";
  }
  Type accumulator = getEpilogue().front().getNumArguments() == 0
                         ? Type()
                         : getEpilogue().front().getArgument(0).getType();
  if (accumulator != getInputType().getElementType())
    return emitOpError() << "[kernel.pool.R3] input has " << getInputType().getElementType()
                         << " elements, the epilogue's first argument is " << accumulator;
  return success();
}

OpWork PoolOp::getWork() {
  double each = llvm::product_of(getWindow()) + countOperations(getEpilogue());
  return {{}, countElements(getInit(), each)};
}
