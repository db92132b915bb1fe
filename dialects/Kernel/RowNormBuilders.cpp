//===- RowNormBuilders.cpp - softmax, layer norm and the like ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See RowNormBuilders.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/RowNormBuilders.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace optc;
using namespace optc::kernel;

/// `value` as `type`, both floats.
static Value castFloat(OpBuilder &builder, Location loc, Value value, Type type) {
  unsigned from = value.getType().getIntOrFloatBitWidth(), to = type.getIntOrFloatBitWidth();
  if (value.getType() == type)
    return value;
  if (from == to) // f16 and bf16: through f32
    value = arith::ExtFOp::create(builder, loc, builder.getF32Type(), value);
  if (from < to)
    return arith::ExtFOp::create(builder, loc, type, value);
  return arith::TruncFOp::create(builder, loc, type, value);
}

/// Numpy broadcasting of `operand` against `input`.
static AffineMap broadcastMap(Value input, Value operand) {
  auto inputType = cast<ShapedType>(input.getType());
  auto type = cast<ShapedType>(operand.getType());
  MLIRContext *context = input.getContext();
  SmallVector<AffineExpr> exprs;
  int64_t shift = inputType.getRank() - type.getRank();
  for (int64_t i = 0; i < type.getRank(); ++i) {
    bool repeated = type.getDimSize(i) == 1 && inputType.getDimSize(i + shift) != 1;
    exprs.push_back(repeated ? getAffineConstantExpr(0, context)
                             : getAffineDimExpr(i + shift, context));
  }
  return AffineMap::get(inputType.getRank(), 0, exprs, context);
}

/// A block in `region` that takes `first` and then one element per input.
static Block *addBlock(OpBuilder &builder, Location loc, Region &region, Type first,
                       ValueRange inputs) {
  SmallVector<Type> types;
  if (first)
    types.push_back(first);
  for (Value input : inputs)
    types.push_back(cast<ShapedType>(input.getType()).getElementType());
  return builder.createBlock(&region, region.end(), types,
                             SmallVector<Location>(types.size(), loc));
}

Value kernel::buildRowNorm(OpBuilder &builder, Location loc, RowNormKind kind, Value input,
                           ArrayRef<int64_t> dims, double epsilon, Value scale, Value bias,
                           AffineMap scaleMap, AffineMap biasMap) {
  auto type = cast<RankedTensorType>(input.getType());
  Type element = type.getElementType();
  Type compute = element.isF64() ? element : Type(builder.getF32Type());
  SmallVector<Value> inputs = {input};
  SmallVector<AffineMap> maps = {builder.getMultiDimIdentityMap(type.getRank())};
  auto addInput = [&](Value operand, AffineMap map) {
    if (!operand)
      return;
    inputs.push_back(operand);
    maps.push_back(map ? map : broadcastMap(input, operand));
  };
  addInput(scale, scaleMap);
  addInput(bias, biasMap);
  Value init =
      tensor::EmptyOp::create(builder, loc, tensor::getMixedSizes(builder, loc, input), element);
  auto op = RowNormOp::create(builder, loc, TypeRange(type), kind, dims, inputs, init,
                              builder.getAffineMapArrayAttr(maps), llvm::APFloat(epsilon));
  OpBuilder::InsertionGuard guard(builder);
  Block *prologue = addBlock(builder, loc, op.getPrologue(), {}, inputs);
  YieldOp::create(builder, loc, castFloat(builder, loc, prologue->getArgument(0), compute));

  Block *epilogue = addBlock(builder, loc, op.getEpilogue(), compute, inputs);
  Value result = epilogue->getArgument(0);
  unsigned next = 2;
  auto contract =
      arith::FastMathFlagsAttr::get(builder.getContext(), arith::FastMathFlags::contract);
  if (scale)
    result = arith::MulFOp::create(builder, loc, result,
                                   castFloat(builder, loc, epilogue->getArgument(next++), compute),
                                   contract);
  if (bias)
    result = arith::AddFOp::create(builder, loc, result,
                                   castFloat(builder, loc, epilogue->getArgument(next++), compute),
                                   contract);
  YieldOp::create(builder, loc, castFloat(builder, loc, result, element));
  return op.getResult(0);
}

Value kernel::buildSoftmax(OpBuilder &builder, Location loc, Value input, int64_t axis, bool log) {
  return buildRowNorm(builder, loc, log ? RowNormKind::LogSoftmax : RowNormKind::Softmax, input,
                      axis, /*epsilon=*/0.0);
}

static SmallVector<int64_t> axesFrom(Value input, int64_t axis) {
  int64_t rank = cast<ShapedType>(input.getType()).getRank();
  return llvm::to_vector(llvm::seq<int64_t>(axis, rank));
}

Value kernel::buildLayerNorm(OpBuilder &builder, Location loc, Value input, int64_t axis,
                             Value scale, Value bias, double epsilon) {
  return buildRowNorm(builder, loc, RowNormKind::MeanVariance, input, axesFrom(input, axis),
                      epsilon, scale, bias);
}

Value kernel::buildRmsNorm(OpBuilder &builder, Location loc, Value input, int64_t axis, Value scale,
                           double epsilon) {
  return buildRowNorm(builder, loc, RowNormKind::RootMeanSquare, input, axesFrom(input, axis),
                      epsilon, scale);
}
