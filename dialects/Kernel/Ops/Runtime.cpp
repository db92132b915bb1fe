//===- Runtime.cpp - runtime ops -----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verifiers and folds of the ops in Runtime.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Kernel.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace optc::kernel;

LogicalResult RequireOp::verify() {
  if (getValues().size() > 2)
    return emitOpError("[require.R1] its message takes at most two values, there are ")
           << getValues().size();
  return success();
}

LogicalResult OutputOp::verify() {
  auto type = cast<MemRefType>(getResult().getType());
  if (type.getNumDynamicDims() != getSizes().size())
    return emitOpError("[output.R1] its result has ")
           << type.getNumDynamicDims() << " dynamic dimensions, given are " << getSizes().size()
           << " sizes";
  return success();
}

OpFoldResult CheckedIndexOp::fold(FoldAdaptor adaptor) {
  auto index = dyn_cast_or_null<IntegerAttr>(adaptor.getIndex());
  auto size = dyn_cast_or_null<IntegerAttr>(adaptor.getSize());
  if (index && size && index.getInt() >= 0 && index.getInt() < size.getInt())
    return getIndex();
  return {};
}

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
    return emitOpError("[parallel.R1] its body needs two index arguments, the bounds of a range");
  if ((*this)->getParentOfType<ParallelOp>())
    return emitOpError("[parallel.R2] is nested in another parallel op");
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
