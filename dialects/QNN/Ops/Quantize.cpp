//===- Quantize.cpp - between numbers and what stands for them ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rules and folds of Quantize.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/ConstantFold.h"
#include "dialects/NN/Weights.h"
#include "dialects/QNN/QNN.h"
#include "dialects/QNN/Quantization.h"
#include <cmath>

using namespace mlir;
using namespace optc::nn;
using namespace optc::qnn;

static Type elementType(Value value) { return cast<TensorType>(value.getType()).getElementType(); }

/// The result has the shape of the first operand, to which the others broadcast. Of sizes that are
/// unknown they may be known to be equal.
static LogicalResult inferShapesOf(Operation *op, StringRef rule, SymbolicShapes &shapes) {
  Shape shape = shapes.getShape(op->getOperand(0));
  for (Value parameter : op->getOperands().drop_front()) {
    std::optional<Shape> joined = shapes.broadcast(shape, shapes.getShape(parameter));
    auto grows = [](auto sizes) {
      return getConstant(std::get<0>(sizes)) == 1 && getConstant(std::get<1>(sizes)) != 1;
    };
    if (!joined || joined->size() != shape.size() || llvm::any_of(llvm::zip(shape, *joined), grows))
      return op->emitOpError("[") << rule << "] a scale or zero point of type "
                                  << parameter.getType() << " does not broadcast to "
                                  << op->getOperand(0).getType();
    shape = *joined;
  }
  shapes.setShape(op->getResult(0), shape);
  return success();
}

static bool isNarrow(Type type) { return type.isInteger() && type.getIntOrFloatBitWidth() <= 16; }

/// Whether there is no zero point, or it has this type.
static bool zeroFits(Value zeroPoint, Type type) {
  return !zeroPoint || (elementType(zeroPoint) == type && isNarrow(type));
}

LogicalResult QuantizeOp::inferShapes(SymbolicShapes &shapes) {
  Type type = elementType(getResult());
  if (!isNarrow(type) || !zeroFits(getZeroPoint(), type))
    return emitOpError("[qnn.quantize.R2] the result has elements of type ")
           << type << ", needed are integers of at most 16 bits, the zero point's";
  return inferShapesOf(*this, "qnn.quantize.R1", shapes);
}

namespace {
/// The elements of constants that are numbers or vectors: parameters rather than weights, which
/// stay as they are stored.
struct Parameters {
  RankedTensorType type;
  SmallVector<double> input, scale, zero; ///< as many each

  static std::optional<Parameters> match(Operation *op);
};
} // namespace

std::optional<Parameters> Parameters::match(Operation *op) {
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || type.getRank() > 1 || !type.hasStaticShape() ||
      type.getNumElements() > maxFoldedElements || !elementType(op->getOperand(1)).isF32())
    return std::nullopt;
  size_t count = type.getNumElements();
  auto read = [&](Value value) -> std::optional<SmallVector<double>> {
    ElementsAttr constant = getConstantValue(value);
    auto elements = constant ? numbersOf(constant) : std::nullopt;
    if (elements && elements->size() == 1)
      elements->assign(count, elements->front());
    return elements && elements->size() == count ? elements : std::nullopt;
  };
  SmallVector<double> none(count, 0);
  auto input = read(op->getOperand(0)), scale = read(op->getOperand(1));
  auto zero = op->getNumOperands() > 2 ? read(op->getOperand(2)) : std::optional(none);
  if (!input || !scale || !zero)
    return std::nullopt;
  return Parameters{type, *input, *scale, *zero};
}

/// As kernels compute it.
static OpFoldResult foldQuantize(QuantizeOp op) {
  auto p = elementType(op.getInput()).isF32() ? Parameters::match(op) : std::nullopt;
  if (!p)
    return {};
  auto [least, most] = boundsOf(p->type.getElementType());
  SmallVector<int64_t> integers;
  for (auto [value, scale, zero] : llvm::zip_equal(p->input, p->scale, p->zero)) {
    double steps = std::nearbyint(static_cast<float>(value) / static_cast<float>(scale)) + zero;
    if (!(steps > static_cast<double>(least))) // NaN, too
      steps = static_cast<double>(least);
    integers.push_back(static_cast<int64_t>(std::min(steps, static_cast<double>(most))));
  }
  return makeInts(p->type, integers);
}

/// The same.
OpFoldResult DequantizeOp::fold(FoldAdaptor) {
  auto p = elementType(getResult()).isF32() ? Parameters::match(*this) : std::nullopt;
  if (!p)
    return {};
  SmallVector<double> numbers;
  for (auto [value, scale, zero] : llvm::zip_equal(p->input, p->scale, p->zero))
    numbers.push_back(static_cast<float>(value - zero) * static_cast<float>(scale));
  return makeFloats(p->type, numbers);
}

/// What stands for these numbers already.
OpFoldResult QuantizeOp::fold(FoldAdaptor) {
  if (OpFoldResult folded = foldQuantize(*this))
    return folded;
  auto source = getInput().getDefiningOp<DequantizeOp>();
  if (source && source.getInput().getType() == getType() &&
      areEqual(source.getScale(), getScale()) && areEqual(source.getZeroPoint(), getZeroPoint()))
    return source.getInput();
  return {};
}

LogicalResult DequantizeOp::inferShapes(SymbolicShapes &shapes) {
  Type type = elementType(getInput());
  bool isFloatZero =
      getZeroPoint() && isNarrow(type) && isa<FloatType>(elementType(getZeroPoint()));
  if (!isFloatZero && !zeroFits(getZeroPoint(), type))
    return emitOpError("[qnn.dequantize.R2] the input has elements of type ")
           << type << ", the zero point " << elementType(getZeroPoint());
  return inferShapesOf(*this, "qnn.dequantize.R1", shapes);
}

std::pair<int64_t, int64_t> RequantizeOp::getBounds() {
  if (getRange())
    return {(*getRange())[0], (*getRange())[1]};
  return boundsOf(elementType(getResult()));
}

LogicalResult RequantizeOp::inferShapes(SymbolicShapes &shapes) {
  Type type = elementType(getResult());
  if (!elementType(getSums()).isSignlessInteger(32) || !elementType(getScale()).isF32() ||
      !isNarrow(type) || !zeroFits(getZeroPoint(), type))
    return emitOpError("[qnn.requantize.R2] makes ")
           << getSums().getType() << " with scales " << getScale().getType() << " to " << type
           << ", needed are i32, f32, and at most 16 bits with a zero point of that type";
  if (getRange()) {
    auto [least, most] = boundsOf(type);
    ArrayRef<int64_t> range = *getRange();
    if (range.size() != 2 || range[0] > range[1] || range[0] < least || range[1] > most)
      return emitOpError("[qnn.requantize.R3] the range [") << range << "] is none of " << type;
  }
  return inferShapesOf(*this, "qnn.requantize.R1", shapes);
}

LogicalResult TableOp::inferShapes(SymbolicShapes &shapes) {
  constexpr int64_t entries = 256;
  if (!isByte(getInput()) || !isByte(getResult()) ||
      static_cast<int64_t>(getTable().size()) != entries)
    return emitOpError("[qnn.table.R1] makes ")
           << getResult().getType() << " of " << getInput().getType() << " by a table of "
           << getTable().size() << " entries";
  shapes.setShape(getResult(), Shape(shapes.getShape(getInput())));
  return success();
}
