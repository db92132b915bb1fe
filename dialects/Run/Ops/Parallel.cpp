//===- Parallel.cpp - loops on several threads ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rules and form of Parallel.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/Run/Run.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace optc::run;

void ParallelOp::build(OpBuilder &builder, OperationState &state, Value trip, Value cost,
                       function_ref<void(OpBuilder &, Location, Value, Value)> bodyBuilder) {
  OpBuilder::InsertionGuard guard(builder);
  state.addOperands({trip, cost});
  Type index = builder.getIndexType();
  Block *body =
      builder.createBlock(state.addRegion(), {}, {index, index}, {state.location, state.location});
  if (bodyBuilder)
    bodyBuilder(builder, state.location, body->getArgument(0), body->getArgument(1));
}

LogicalResult ParallelOp::verifyRegions() {
  Block &body = getBody().front();
  if (body.getNumArguments() != 2 || !body.getArgument(0).getType().isIndex() ||
      !body.getArgument(1).getType().isIndex())
    return emitOpError(
        "[run.parallel.R1] its body needs two index arguments, the bounds of a range");
  if ((*this)->getParentOfType<ParallelOp>())
    return emitOpError("[run.parallel.R2] is nested in another parallel op");
  return success();
}

ParseResult ParallelOp::parse(OpAsmParser &parser, OperationState &result) {
  Type index = parser.getBuilder().getIndexType();
  OpAsmParser::Argument bounds[2];
  OpAsmParser::UnresolvedOperand trip, cost;
  if (parser.parseLParen() || parser.parseArgument(bounds[0]) || parser.parseComma() ||
      parser.parseArgument(bounds[1]) || parser.parseRParen() || parser.parseKeyword("in") ||
      parser.parseOperand(trip) || parser.parseKeyword("cost") || parser.parseOperand(cost) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  bounds[0].type = bounds[1].type = index;
  if (parser.parseRegion(*result.addRegion(), bounds))
    return failure();
  return failure(parser.resolveOperand(trip, index, result.operands) ||
                 parser.resolveOperand(cost, index, result.operands));
}

void ParallelOp::print(OpAsmPrinter &printer) {
  printer << " (" << getLowerBound() << ", " << getUpperBound() << ") in " << getTrip() << " cost "
          << getCost();
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs());
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}
