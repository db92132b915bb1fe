//===- Elementwise.cpp - scalar functions on tensors ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shape rules, contents and folds of Elementwise.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/ConstantFold.h"

using namespace mlir;
using namespace optc::nn;

static Type elementType(Value value) { return cast<TensorType>(value.getType()).getElementType(); }

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

/// Broadcasts the shapes of all operands into the result's.
static LogicalResult inferBroadcast(Operation *op, StringRef rule, SymbolicShapes &shapes) {
  Shape shape;
  for (Value operand : op->getOperands()) {
    std::optional<Shape> joined = shapes.broadcast(shape, shapes.getShape(operand));
    if (!joined) {
      InFlightDiagnostic error = op->emitOpError("[") << rule << "] shapes do not broadcast:";
      for (Value each : op->getOperands())
        error << " " << each.getType();
      return error;
    }
    shape = *joined;
  }
  shapes.setShape(op->getResult(0), shape);
  return success();
}

/// One element of the result of shape arithmetic, or null if it is not an expression.
static DimExpr combine(BinaryKind kind, DimExpr a, DimExpr b, SymbolicShapes &shapes) {
  bool positive = shapes.isNonNegative(a) && shapes.isNonNegative(b);
  switch (kind) {
  case BinaryKind::Add:
    return shapes.add(a, b);
  case BinaryKind::Sub:
    return shapes.sub(a, b);
  case BinaryKind::Mul:
    return shapes.mul(a, b);
  case BinaryKind::Div:
    return positive && b != shapes.constant(0) ? shapes.floorDiv(a, b) : DimExpr();
  case BinaryKind::Mod:
  case BinaryKind::Fmod:
    if (auto divisor = getConstant(b); positive && divisor && *divisor > 0)
      return a % b;
    return {};
  case BinaryKind::Max:
    if (shapes.getLowerBound(shapes.sub(a, b)).value_or(-1) >= 0)
      return a;
    if (shapes.getLowerBound(shapes.sub(b, a)).value_or(-1) >= 0)
      return b;
    return getConstant(b) == 0 ? shapes.atLeastZero(a) : DimExpr();
  case BinaryKind::Min:
    if (shapes.getLowerBound(shapes.sub(a, b)).value_or(-1) >= 0)
      return b;
    if (shapes.getLowerBound(shapes.sub(b, a)).value_or(-1) >= 0)
      return a;
    return positive ? shapes.least(a, b) : DimExpr();
  default:
    return {};
  }
}

/// Contents of elementwise integer arithmetic on two small tensors of rank 0 or 1.
static void inferContents(BinaryOp op, SymbolicShapes &shapes) {
  if (!elementType(op.getResult()).isInteger() ||
      !(shapes.hasDerivedContents(op.getLhs()) || shapes.hasDerivedContents(op.getRhs())))
    return;
  auto lhs = shapes.getContents(op.getLhs()), rhs = shapes.getContents(op.getRhs());
  if (!lhs || !rhs || lhs->empty() || rhs->empty())
    return;
  if (lhs->size() != rhs->size() && lhs->size() != 1 && rhs->size() != 1)
    return;
  Shape elements;
  for (size_t i = 0, e = std::max(lhs->size(), rhs->size()); i < e; ++i) {
    elements.push_back(combine(op.getKind(), (*lhs)[lhs->size() == 1 ? 0 : i],
                               (*rhs)[rhs->size() == 1 ? 0 : i], shapes));
    if (!elements.back())
      return;
  }
  shapes.setContents(op.getResult(), elements);
}

/// One element of the result of integer arithmetic, or null if it is not an expression.
static DimExpr apply(UnaryKind kind, DimExpr x, bool isBool, SymbolicShapes &shapes) {
  if (kind == UnaryKind::Neg)
    return shapes.sub(shapes.constant(0), x);
  if (kind == UnaryKind::Abs && shapes.isNonNegative(x))
    return x;
  std::optional<int64_t> value = getConstant(x);
  if (kind == UnaryKind::Not && value)
    return shapes.constant(isBool ? !*value : ~*value);
  return {};
}

LogicalResult UnaryOp::inferShapes(SymbolicShapes &shapes) {
  shapes.setShape(getResult(), shapes.getShape(getInput())); // unary.R1
  Type type = elementType(getInput());
  if (!type.isInteger() || !shapes.hasDerivedContents(getInput()))
    return success();
  Shape inputs = *shapes.getContents(getInput()), elements;
  for (DimExpr element : inputs) {
    elements.push_back(apply(getKind(), element, type.isInteger(1), shapes));
    if (!elements.back())
      return success();
  }
  shapes.setContents(getResult(), elements);
  return success();
}

LogicalResult BinaryOp::inferShapes(SymbolicShapes &shapes) {
  Type lhs = elementType(getLhs()), rhs = elementType(getRhs());
  if (elementType(getResult()) != lhs || (lhs != rhs && getKind() != BinaryKind::Pow))
    return emitOpError("[binary.R2] element types differ: lhs has ")
           << lhs << ", rhs " << rhs << ", result " << elementType(getResult());
  if (failed(inferBroadcast(*this, "binary.R1", shapes)))
    return failure();
  inferContents(*this, shapes);
  return success();
}

LogicalResult CompareOp::inferShapes(SymbolicShapes &shapes) {
  if (elementType(getLhs()) != elementType(getRhs()))
    return emitOpError("[compare.R2] element types differ: lhs has ")
           << elementType(getLhs()) << ", rhs " << elementType(getRhs());
  if (failed(inferBroadcast(*this, "compare.R1", shapes)))
    return failure();
  auto lhs = shapes.getConstantContents(getLhs()), rhs = shapes.getConstantContents(getRhs());
  if (!lhs || !rhs || (lhs->size() != rhs->size() && rhs->size() != 1) || rhs->empty())
    return success();
  Shape elements;
  for (auto [i, a] : llvm::enumerate(*lhs)) {
    int64_t b = (*rhs)[rhs->size() == 1 ? 0 : i];
    bool holds[] = {a == b, a != b, a < b, a <= b, a > b, a >= b};
    elements.push_back(shapes.constant(holds[static_cast<int>(getPredicate())]));
  }
  shapes.setContents(getResult(), elements);
  return success();
}

LogicalResult SelectOp::inferShapes(SymbolicShapes &shapes) {
  if (elementType(getLhs()) != elementType(getRhs()) ||
      elementType(getLhs()) != elementType(getResult()))
    return emitOpError("[select.R2] element types differ: lhs has ")
           << elementType(getLhs()) << ", rhs " << elementType(getRhs());
  if (failed(inferBroadcast(*this, "select.R1", shapes)))
    return failure();
  auto condition = shapes.getConstantContents(getCondition());
  if (!condition || !elementType(getResult()).isInteger())
    return success();
  auto lhs = shapes.getContents(getLhs()), rhs = shapes.getContents(getRhs());
  size_t count = condition->size();
  if (!lhs || !rhs || count == 0 || (lhs->size() != count && lhs->size() != 1) ||
      (rhs->size() != count && rhs->size() != 1))
    return success();
  Shape elements;
  for (size_t i = 0; i < count; ++i)
    elements.push_back((*condition)[i] ? (*lhs)[lhs->size() == 1 ? 0 : i]
                                       : (*rhs)[rhs->size() == 1 ? 0 : i]);
  shapes.setContents(getResult(), elements);
  return success();
}

LogicalResult CastOp::inferShapes(SymbolicShapes &shapes) {
  shapes.setShape(getResult(), shapes.getShape(getInput())); // cast.R1
  Type from = elementType(getInput()), to = elementType(getResult());
  bool widens = to.isInteger() && to.getIntOrFloatBitWidth() >= 32;
  if (from.isInteger() && widens && shapes.hasDerivedContents(getInput()))
    if (auto elements = shapes.getContents(getInput()))
      shapes.setContents(getResult(), *elements);
  return success();
}

//===----------------------------------------------------------------------===//
// Folds
//===----------------------------------------------------------------------===//

OpFoldResult UnaryOp::fold(FoldAdaptor adaptor) {
  return foldUnary(getKind(), adaptor.getInput(), dyn_cast<RankedTensorType>(getType()));
}

OpFoldResult BinaryOp::fold(FoldAdaptor adaptor) {
  auto type = dyn_cast<RankedTensorType>(getType());
  if (OpFoldResult folded = foldBinary(getKind(), adaptor.getLhs(), adaptor.getRhs(), type))
    return folded;
  // x + 0, x - 0, x * 1, x / 1 where broadcasting changes nothing.
  auto dense = dyn_cast_or_null<DenseElementsAttr>(adaptor.getRhs());
  if (!dense || !dense.isSplat() || getLhs().getType() != getType())
    return {};
  bool additive = getKind() == BinaryKind::Add || getKind() == BinaryKind::Sub;
  bool multiplicative = getKind() == BinaryKind::Mul || getKind() == BinaryKind::Div;
  if (!additive && !multiplicative)
    return {};
  if (isa<FloatType>(dense.getElementType())) {
    // x + 0 is not x for x = -0.
    APFloat value = dense.getSplatValue<APFloat>();
    if (multiplicative ? value.isExactlyValue(1.0) : getKind() == BinaryKind::Sub && value.isPosZero())
      return getLhs();
    return {};
  }
  APInt value = dense.getSplatValue<APInt>();
  if (multiplicative ? value.isOne() : value.isZero())
    return getLhs();
  return {};
}

OpFoldResult CastOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType() == getType())
    return getInput();
  return foldCast(adaptor.getInput(), dyn_cast<RankedTensorType>(getType()));
}
