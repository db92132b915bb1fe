//===- Recurrent.cpp - recurrent layers -----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shape rules of Recurrent.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/NN.h"

using namespace mlir;
using namespace optc::nn;

/// Rules R3 to R5.
static LogicalResult checkParts(RecurrentOp op) {
  bool isLstm = op.getKind() == RecurrentKind::Lstm;
  bool takesBias = op.getKind() == RecurrentKind::Gru && op.getLinearBeforeReset();
  if (bool(op.getCell()) != isLstm || bool(op.getLastCell()) != isLstm)
    return op.emitOpError("[nn.recurrent.R4] ")
           << stringifyRecurrentKind(op.getKind()) << (isLstm ? " needs" : " has no") << " cell";
  if ((op.getPeepholes() && !isLstm) || (op.getRecurrentBias() && !takesBias))
    return op.emitOpError("[nn.recurrent.R4] ")
           << stringifyRecurrentKind(op.getKind()) << " has no such peepholes or recurrent bias";
  size_t count = RecurrentOp::countActivations(op.getKind());
  if (op.getActivations().size() != count || op.getAlphas().size() != count ||
      op.getBetas().size() != count)
    return op.emitOpError("[nn.recurrent.R5] ") << stringifyRecurrentKind(op.getKind()) << " needs "
                                                << count << " activations, alphas and betas";
  auto elementOf = [](Value value) { return cast<TensorType>(value.getType()).getElementType(); };
  for (ValueRange values : {ValueRange(op->getOperands()), ValueRange(op->getResults())})
    for (Value value : values)
      if (value != op.getLengths() && elementOf(value) != elementOf(op.getInput()))
        return op.emitOpError("[nn.recurrent.R3] element types differ: ")
               << elementOf(value) << " and " << elementOf(op.getInput());
  return success();
}

LogicalResult RecurrentOp::inferShapes(SymbolicShapes &shapes) {
  if (failed(checkParts(*this)))
    return failure();
  Shape input = shapes.getShape(getInput()), recurrent = shapes.getShape(getRecurrentWeights());
  if (input.size() != 3 || recurrent.size() != 2)
    return emitOpError("[nn.recurrent.R1] input and recurrent weights have types ")
           << getInput().getType() << " and " << getRecurrentWeights().getType();
  auto hidden = getConstant(recurrent[0]);
  if (!hidden)
    return emitOpError("[nn.recurrent.R2] the size of the state is not known: ")
           << getRecurrentWeights().getType();
  DimExpr size = recurrent[0], gates = shapes.constant(*hidden * countGates(getKind()));
  auto check = [&](Value value, ArrayRef<DimExpr> wanted) {
    if (!value)
      return success();
    Shape shape = shapes.getShape(value);
    if (shape.size() != wanted.size())
      return LogicalResult(emitOpError("[nn.recurrent.R1] an operand has the type ")
                           << value.getType() << ", needed is rank " << wanted.size());
    for (auto [have, want] : llvm::zip(shape, wanted)) {
      auto a = getConstant(have), b = getConstant(want);
      if (a && b && *a != *b)
        return LogicalResult(emitOpError("[nn.recurrent.R2] an operand has the type ")
                             << value.getType() << ", where a size must be " << *b);
    }
    return success();
  };
  if (failed(check(getWeights(), {input[2], gates})) ||
      failed(check(getRecurrentWeights(), {size, gates})) || failed(check(getBias(), gates)) ||
      failed(check(getRecurrentBias(), size)) ||
      failed(check(getPeepholes(), shapes.constant(3 * *hidden))) ||
      failed(check(getLengths(), input[1])) || failed(check(getState(), {input[1], size})) ||
      failed(check(getCell(), {input[1], size})))
    return failure();
  shapes.setShape(getStates(), {input[0], input[1], size});
  shapes.setShape(getLastState(), {input[1], size});
  if (getLastCell())
    shapes.setShape(getLastCell(), {input[1], size});
  return success();
}
