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

static bool isNeverNegative(DimExpr expr, SymbolicShapes &shapes) {
  return shapes.getLowerBound(expr).value_or(-1) >= 0;
}

/// Of two numbers, as the constant folder has it; null if the machine could not divide.
static DimExpr combine(BinaryKind kind, int64_t a, int64_t b, SymbolicShapes &shapes) {
  std::optional<int64_t> value = combineInts(kind, a, b);
  return value ? shapes.constant(*value) : DimExpr();
}

/// One element of the result of shape arithmetic, or null if it is not an expression.
static DimExpr combine(BinaryKind kind, DimExpr a, DimExpr b, SymbolicShapes &shapes) {
  if (auto left = getConstant(a), right = getConstant(b); left && right)
    return combine(kind, *left, *right, shapes);
  // Quotients are rounded toward zero, those of sizes down.
  bool positive = isNeverNegative(a, shapes) && isNeverNegative(b, shapes);
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
    if (isNeverNegative(shapes.sub(a, b), shapes))
      return a;
    if (isNeverNegative(shapes.sub(b, a), shapes))
      return b;
    return getConstant(b) == 0 ? shapes.atLeastZero(a) : DimExpr();
  case BinaryKind::Min:
    if (isNeverNegative(shapes.sub(a, b), shapes))
      return b;
    if (isNeverNegative(shapes.sub(b, a), shapes))
      return a;
    return positive ? shapes.least(a, b) : DimExpr();
  default:
    return {};
  }
}

/// An element as its type holds it: numbers wrap around. Null for what is not a number in a type
/// that sizes may not fit into.
static DimExpr asElement(Type type, DimExpr element, SymbolicShapes &shapes) {
  unsigned width = type.getIntOrFloatBitWidth();
  std::optional<int64_t> value = getConstant(element);
  if (!value)
    return width >= 32 && (!type.isUnsignedInteger() || isNeverNegative(element, shapes))
               ? element
               : DimExpr();
  APInt bits = APInt(64, *value).trunc(width);
  bool isSigned = !type.isUnsignedInteger() && width > 1;
  if (!isSigned && width == 64 && *value < 0)
    return {}; // more than an expression can say
  return shapes.constant(isSigned ? bits.getSExtValue()
                                  : static_cast<int64_t>(bits.getZExtValue()));
}

/// And, or of a constant that decides alone, whatever the other operand.
static std::optional<int64_t> absorbing(BinaryOp op, SymbolicShapes &shapes) {
  if (!elementType(op.getResult()).isInteger(1) ||
      (op.getKind() != BinaryKind::And && op.getKind() != BinaryKind::Or))
    return std::nullopt;
  int64_t decides = op.getKind() == BinaryKind::Or;
  for (Value operand : op->getOperands())
    if (auto known = shapes.getConstantContents(operand);
        known && !known->empty() && llvm::all_equal(*known) && known->front() == decides)
      return decides;
  return std::nullopt;
}

/// Contents of elementwise integer arithmetic on two small tensors of rank 0 or 1.
static void inferContents(BinaryOp op, SymbolicShapes &shapes) {
  Type type = elementType(op.getResult());
  if (!type.isInteger() || shapes.getShape(op.getResult()).size() > 1)
    return;
  auto count = getConstant(shapes.product(shapes.getShape(op.getResult())));
  if (auto decided = absorbing(op, shapes); decided && count && *count <= maxContents)
    return shapes.setContents(op.getResult(), Shape(*count, shapes.constant(*decided)));
  if (!(shapes.hasDerivedContents(op.getLhs()) || shapes.hasDerivedContents(op.getRhs())))
    return;
  auto lhs = shapes.getContents(op.getLhs()), rhs = shapes.getContents(op.getRhs());
  if (!lhs || !rhs || lhs->empty() || rhs->empty())
    return;
  if (lhs->size() != rhs->size() && lhs->size() != 1 && rhs->size() != 1)
    return;
  Shape elements;
  for (size_t i = 0, e = std::max(lhs->size(), rhs->size()); i < e; ++i) {
    DimExpr element = combine(op.getKind(), (*lhs)[lhs->size() == 1 ? 0 : i],
                              (*rhs)[rhs->size() == 1 ? 0 : i], shapes);
    elements.push_back(element ? asElement(type, element, shapes) : element);
    if (!elements.back())
      return;
  }
  shapes.setContents(op.getResult(), elements);
}

/// One element of the result of integer arithmetic, or null if it is not an expression.
static DimExpr apply(UnaryKind kind, DimExpr x, Type type, SymbolicShapes &shapes) {
  std::optional<int64_t> value = getConstant(x);
  if (kind == UnaryKind::Neg)
    return asElement(type, shapes.sub(shapes.constant(0), x), shapes);
  if (kind == UnaryKind::Abs && isNeverNegative(x, shapes))
    return x;
  if (kind == UnaryKind::Not && value)
    return asElement(type, shapes.constant(type.isInteger(1) ? !*value : ~*value), shapes);
  return {};
}

LogicalResult UnaryOp::inferShapes(SymbolicShapes &shapes) {
  shapes.setShape(getResult(), shapes.getShape(getInput())); // nn.unary.R1
  Type type = elementType(getInput());
  if (!type.isInteger() || !shapes.hasDerivedContents(getInput()))
    return success();
  Shape inputs = *shapes.getContents(getInput()), elements;
  for (DimExpr element : inputs) {
    elements.push_back(apply(getKind(), element, type, shapes));
    if (!elements.back())
      return success();
  }
  shapes.setContents(getResult(), elements);
  return success();
}

LogicalResult BinaryOp::inferShapes(SymbolicShapes &shapes) {
  Type lhs = elementType(getLhs()), rhs = elementType(getRhs());
  if (elementType(getResult()) != lhs || (lhs != rhs && getKind() != BinaryKind::Pow))
    return emitOpError("[nn.binary.R2] element types differ: lhs has ")
           << lhs << ", rhs " << rhs << ", result " << elementType(getResult());
  if (failed(inferBroadcast(*this, "nn.binary.R1", shapes)))
    return failure();
  inferContents(*this, shapes);
  return success();
}

/// Whether a comparison of two elements holds, if sizes tell.
static std::optional<bool> compare(ComparePredicate predicate, DimExpr a, DimExpr b,
                                   SymbolicShapes &shapes) {
  bool isLess = isNeverNegative(shapes.sub(shapes.sub(b, a), shapes.constant(1)), shapes);
  bool isMore = isNeverNegative(shapes.sub(shapes.sub(a, b), shapes.constant(1)), shapes);
  bool isAtMost = isLess || isNeverNegative(shapes.sub(b, a), shapes);
  bool isAtLeast = isMore || isNeverNegative(shapes.sub(a, b), shapes);
  auto decide = [](bool holds, bool fails) {
    return holds || fails ? std::optional(holds) : std::nullopt;
  };
  switch (predicate) {
  case ComparePredicate::Eq:
    return decide(a == b, isLess || isMore);
  case ComparePredicate::Ne:
    return decide(isLess || isMore, a == b);
  case ComparePredicate::Lt:
    return decide(isLess, isAtLeast);
  case ComparePredicate::Le:
    return decide(isAtMost, isMore);
  case ComparePredicate::Gt:
    return decide(isMore, isAtMost);
  case ComparePredicate::Ge:
    return decide(isAtLeast, isLess);
  }
  llvm_unreachable("all predicates are handled");
}

/// Contents where sizes decide every element.
static void inferContents(CompareOp op, SymbolicShapes &shapes) {
  if (!elementType(op.getLhs()).isInteger() || shapes.getShape(op.getResult()).size() > 1 ||
      !(shapes.hasDerivedContents(op.getLhs()) || shapes.hasDerivedContents(op.getRhs())))
    return;
  auto lhs = shapes.getContents(op.getLhs()), rhs = shapes.getContents(op.getRhs());
  if (!lhs || !rhs || lhs->empty() || rhs->empty() ||
      (lhs->size() != rhs->size() && lhs->size() != 1 && rhs->size() != 1))
    return;
  Shape elements;
  for (size_t i = 0, e = std::max(lhs->size(), rhs->size()); i < e; ++i) {
    auto holds = compare(op.getPredicate(), (*lhs)[lhs->size() == 1 ? 0 : i],
                         (*rhs)[rhs->size() == 1 ? 0 : i], shapes);
    if (!holds)
      return;
    elements.push_back(shapes.constant(*holds));
  }
  shapes.setContents(op.getResult(), elements);
}

LogicalResult CompareOp::inferShapes(SymbolicShapes &shapes) {
  if (elementType(getLhs()) != elementType(getRhs()))
    return emitOpError("[nn.compare.R2] element types differ: lhs has ")
           << elementType(getLhs()) << ", rhs " << elementType(getRhs());
  if (failed(inferBroadcast(*this, "nn.compare.R1", shapes)))
    return failure();
  inferContents(*this, shapes);
  return success();
}

LogicalResult SelectOp::inferShapes(SymbolicShapes &shapes) {
  if (elementType(getLhs()) != elementType(getRhs()) ||
      elementType(getLhs()) != elementType(getResult()))
    return emitOpError("[nn.select.R2] element types differ: lhs has ")
           << elementType(getLhs()) << ", rhs " << elementType(getRhs());
  if (failed(inferBroadcast(*this, "nn.select.R1", shapes)))
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
  shapes.setShape(getResult(), shapes.getShape(getInput())); // nn.cast.R1
  Type from = elementType(getInput()), to = elementType(getResult());
  if (!from.isInteger() || !to.isInteger() || !shapes.hasDerivedContents(getInput()))
    return success();
  auto inputs = shapes.getContents(getInput());
  if (!inputs)
    return success();
  Shape elements;
  for (DimExpr element : *inputs) {
    if (to.isInteger(1)) { // not zero
      auto isZero = compare(ComparePredicate::Eq, element, shapes.constant(0), shapes);
      elements.push_back(isZero ? shapes.constant(!*isZero) : DimExpr());
    } else {
      elements.push_back(asElement(to, element, shapes));
    }
    if (!elements.back())
      return success();
  }
  shapes.setContents(getResult(), elements);
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
    if (multiplicative ? value.isExactlyValue(1.0)
                       : getKind() == BinaryKind::Sub && value.isPosZero())
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
