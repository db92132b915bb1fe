//===- Epilogue.cpp - what ops with an epilogue share ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Epilogue.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Kernel.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace mlir;
using namespace optc;
using namespace optc::kernel;

bool kernel::isAccessedElementwise(OpOperand &operand) {
  Operation *op = operand.getOwner();
  if (cast<DestinationStyleOpInterface>(op).isDpsInit(&operand))
    return true;
  auto withEpilogue = dyn_cast<EpilogueOpInterface>(op);
  if (!withEpilogue)
    return false;
  unsigned firstExtra = op->getNumOperands() - 1 - withEpilogue.getExtraOperands().size();
  if (operand.getOperandNumber() < firstExtra)
    return false;
  return withEpilogue.getExtraMapList()[operand.getOperandNumber() - firstExtra].isIdentity();
}

/// Rules `kernel.epilogue.R1` and `kernel.epilogue.R3` of extra operand `index`.
static LogicalResult verifyExtra(EpilogueOpInterface op, unsigned index, ShapedType init) {
  auto type = cast<ShapedType>(op.getExtraOperands()[index].getType());
  AffineMap map = op.getExtraMapList()[index];
  if (map.getNumDims() != init.getRank() || map.getNumSymbols() != 0 ||
      map.getNumResults() != type.getRank() ||
      !map.isProjectedPermutation(/*allowZeroInResults=*/true))
    return op->emitOpError() << "[kernel.epilogue.R1] map " << AffineMapAttr::get(map)
                             << " of extra operand " << index
                             << " is not a projected permutation of " << init.getRank()
                             << " dims to " << type.getRank();
  for (auto [position, expr] : llvm::enumerate(map.getResults())) {
    int64_t have = type.getDimSize(position);
    auto dim = dyn_cast<AffineDimExpr>(expr);
    int64_t want = dim ? init.getDimSize(dim.getPosition()) : 1;
    if (!ShapedType::isDynamic(have) && !ShapedType::isDynamic(want) && have != want)
      return op->emitOpError() << "[kernel.epilogue.R3] dim " << position << " of extra operand "
                               << index << " is " << have << ", the result needs " << want;
  }
  return success();
}

LogicalResult kernel::verifyEpilogue(Operation *operation) {
  auto op = cast<EpilogueOpInterface>(operation);
  auto init = cast<ShapedType>(op.getInitOperand().get().getType());
  OperandRange extras = op.getExtraOperands();
  if (op.getExtraMapList().size() != extras.size())
    return operation->emitOpError() << "[kernel.epilogue.R1] has " << op.getExtraMapList().size()
                                    << " maps for " << extras.size() << " extra operands";
  Block &body = op.getEpilogueRegion().front();
  if (body.getNumArguments() != extras.size() + 1)
    return operation->emitOpError() << "[kernel.epilogue.R2] region has " << body.getNumArguments()
                                    << " arguments, needs " << extras.size() + 1;
  auto yield = dyn_cast<YieldOp>(body.getTerminator());
  if (!yield || yield->getNumOperands() != 1 ||
      yield->getOperand(0).getType() != init.getElementType())
    return operation->emitOpError()
           << "[kernel.epilogue.R2] region must yield one " << init.getElementType();
  for (unsigned i = 0; i < extras.size(); ++i) {
    if (body.getArgument(i + 1).getType() != getElementTypeOrSelf(extras[i].getType()))
      return operation->emitOpError() << "[kernel.epilogue.R2] argument " << i + 1
                                      << " has not the element type of its operand";
    if (failed(verifyExtra(op, i, init)))
      return failure();
  }
  return success();
}

void kernel::buildIdentityEpilogue(OpBuilder &builder, Region &region, Type accumulator,
                                   Type element, Location loc) {
  OpBuilder::InsertionGuard guard(builder);
  Block *body = builder.createBlock(&region, region.end(), {accumulator}, {loc});
  Value value = body->getArgument(0);
  if (accumulator != element)
    value = convertScalarToDtype(builder, loc, value, element, /*isUnsignedCast=*/false);
  YieldOp::create(builder, loc, value);
}

LogicalResult kernel::verifyDestinationForm(Operation *op) {
  auto destination = cast<DestinationStyleOpInterface>(op);
  if (!destination.hasPureTensorSemantics() && !destination.hasPureBufferSemantics())
    return op->emitOpError("mixes tensors and buffers");
  return success();
}
