//===- Attention.cpp - attention and rotary embedding ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shape rules of Attention.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Builder.h"

using namespace mlir;
using namespace optc::nn;

static Type elementOf(Value value) { return cast<TensorType>(value.getType()).getElementType(); }

/// Whether two sizes can not be equal.
static bool differ(DimExpr a, DimExpr b) {
  auto left = getConstant(a), right = getConstant(b);
  return left && right && *left != *right;
}

/// Whether a shape broadcasts to another, taking unknown sizes for equal.
static bool broadcastsTo(ArrayRef<DimExpr> shape, ArrayRef<DimExpr> target) {
  if (shape.size() > target.size())
    return false;
  return llvm::all_of(llvm::zip(shape, target.take_back(shape.size())), [](auto pair) {
    auto [size, wanted] = pair;
    return getConstant(size) == 1 || !differ(size, wanted);
  });
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

/// Rules R1 to R3.
static LogicalResult checkOperands(AttentionOp op, SymbolicShapes &shapes) {
  for (Value operand : {op.getQuery(), op.getKey(), op.getValue()})
    if (shapes.getShape(operand).size() != 4 || elementOf(operand) != elementOf(op.getResult()))
      return op.emitOpError("[nn.attention.R1] an operand has the type ")
             << operand.getType() << ", needed are rank 4 and elements of "
             << elementOf(op.getResult());
  Shape query = shapes.getShape(op.getQuery()), key = shapes.getShape(op.getKey()),
        value = shapes.getShape(op.getValue());
  if (differ(query[0], key[0]) || differ(key[0], value[0]) || differ(key[1], value[1]))
    return op.emitOpError("[nn.attention.R2] batches or heads differ: ")
           << op.getQuery().getType() << ", " << op.getKey().getType() << ", "
           << op.getValue().getType();
  auto heads = getConstant(query[1]), keyHeads = getConstant(key[1]);
  bool divides = heads && keyHeads && *keyHeads > 0 && *heads % *keyHeads == 0;
  bool mayBeEqual = query[1] == key[1] || (!heads && !keyHeads);
  if (!divides && !mayBeEqual)
    return op.emitOpError("[nn.attention.R2] ")
           << op.getQuery().getType() << " has not a known multiple of the heads of "
           << op.getKey().getType();
  if (differ(query[3], key[3]) || differ(key[2], value[2]))
    return op.emitOpError("[nn.attention.R3] sizes of a head or numbers of keys differ: ")
           << op.getQuery().getType() << ", " << op.getKey().getType() << ", "
           << op.getValue().getType();
  return success();
}

/// Rule R4.
static LogicalResult checkMask(AttentionOp op, SymbolicShapes &shapes) {
  if (!op.getMask())
    return success();
  if (Type type = elementOf(op.getMask()); !type.isInteger(1) && type != elementOf(op.getQuery()))
    return op.emitOpError("[nn.attention.R4] the mask has elements of type ") << type;
  Shape mask = shapes.getShape(op.getMask()), query = shapes.getShape(op.getQuery());
  Shape scores = {query[0], query[1], query[2], shapes.getShape(op.getKey())[2]};
  if (mask.size() < 2 || !broadcastsTo(mask, scores) || differ(mask.back(), scores.back()))
    return op.emitOpError("[nn.attention.R4] the mask ")
           << op.getMask().getType() << " does not broadcast to the scores of "
           << op.getQuery().getType() << " and " << op.getKey().getType();
  return success();
}

LogicalResult AttentionOp::inferShapes(SymbolicShapes &shapes) {
  if (failed(checkOperands(*this, shapes)) || failed(checkMask(*this, shapes)))
    return failure();
  Shape query = shapes.getShape(getQuery());
  for (Value bound : {getOffset(), getLengths()}) {
    if (bound &&
        (shapes.getShape(bound).size() != 1 || !broadcastsTo(shapes.getShape(bound), query[0])))
      return emitOpError("[nn.attention.R5] offset or lengths has the type ")
             << bound.getType() << " in a batch of " << getQuery().getType();
  }
  if (int64_t(getBefore().value_or(0)) < 0 || int64_t(getAfter().value_or(0)) < 0 ||
      (getSoftcap() && !(getSoftcap()->convertToDouble() > 0)))
    return emitOpError("[nn.attention.R6] before and after must not be negative, softcap positive");
  if (getNarrow() &&
      !(isa<BFloat16Type, Float16Type>(*getNarrow()) && elementOf(getQuery()).isF32()))
    return emitOpError("[nn.attention.R7] can not round operands of type ")
           << getQuery().getType() << " to " << *getNarrow();
  shapes.setShape(getResult(), {query[0], query[1], query[2], shapes.getShape(getValue())[3]});
  return success();
}

//===----------------------------------------------------------------------===//
// Rotary embedding
//===----------------------------------------------------------------------===//

LogicalResult RopeOp::inferShapes(SymbolicShapes &shapes) {
  Shape input = shapes.getShape(getInput()), cos = shapes.getShape(getCos()),
        sin = shapes.getShape(getSin());
  bool agree = cos.size() == sin.size() && llvm::none_of(llvm::zip(cos, sin), [](auto pair) {
                 return differ(std::get<0>(pair), std::get<1>(pair));
               });
  if (cos.empty() || input.empty() || !agree ||
      !broadcastsTo(ArrayRef(cos).drop_back(), ArrayRef(input).drop_back()))
    return emitOpError("[nn.rope.R1] cos and sin have types ")
           << getCos().getType() << " and " << getSin().getType() << ", the input "
           << getInput().getType();
  auto size = getConstant(input.back()), half = getConstant(cos.back());
  if (!size || !half || 2 * *half > *size)
    return emitOpError("[nn.rope.R2] pairs of ")
           << getInput().getType() << " can not be turned by angles of " << getCos().getType();
  for (Value operand : {getCos(), getSin(), getResult()})
    if (elementOf(operand) != elementOf(getInput()))
      return emitOpError("[nn.rope.R3] element types differ: ")
             << elementOf(operand) << " and " << elementOf(getInput());
  shapes.setShape(getResult(), input);
  return success();
}

unsigned RopeOp::getNumTransposed() { return 3; }

bool RopeOp::repeatsOperands() { return true; }

Value RopeOp::buildOnTransposed(NNBuilder &b, ValueRange data,
                                SmallVectorImpl<int64_t> &permutation) {
  // The elements of a head that are paired lie in its last dimension; a single factor would become
  // a scalar.
  auto isUnit = [](DimExpr size) { return getConstant(size) == 1; };
  if (permutation.back() + 1 != static_cast<int64_t>(permutation.size()) ||
      llvm::all_of(b.getShapes().getShape(getCos()), isUnit))
    return {};
  return rebuildOn(*this, b, data);
}
