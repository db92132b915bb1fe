//===- DestinationPassing.cpp - interfaces of destination ops ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See DestinationPassing.h.
//
//===----------------------------------------------------------------------===//
#include "lib/IR/DestinationPassing.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace optc;

void optc::getDestinationEffects(DestinationStyleOpInterface op,
                                 SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<BaseMemRefType>(operand.get().getType()))
      continue;
    MemoryEffects::Effect *effect = MemoryEffects::Read::get();
    if (op.isDpsInit(&operand))
      effect = MemoryEffects::Write::get();
    effects.emplace_back(effect, &operand, SideEffects::DefaultResource::get());
  }
}

LogicalResult optc::reifyDestinationShapes(DestinationStyleOpInterface op, OpBuilder &builder,
                                           ReifiedRankedShapedTypeDims &shapes) {
  for (OpResult result : op->getResults())
    shapes.push_back(
        tensor::getMixedSizes(builder, op.getLoc(), op.getTiedOpOperand(result)->get()));
  return success();
}

bufferization::AliasingValueList optc::getDestinationAliases(DestinationStyleOpInterface op,
                                                             OpOperand &operand) {
  if (!op.isDpsInit(&operand))
    return {};
  return {{op.getTiedOpResult(&operand), bufferization::BufferRelation::Equivalent}};
}

LogicalResult optc::bufferizeDestination(DestinationStyleOpInterface op, RewriterBase &rewriter,
                                         const bufferization::BufferizationOptions &options,
                                         const bufferization::BufferizationState &state) {
  SmallVector<Value> operands, results;
  for (OpOperand &operand : op->getOpOperands()) {
    Value value = operand.get();
    if (isa<TensorType>(value.getType())) {
      FailureOr<Value> buffer = bufferization::getBuffer(rewriter, value, options, state);
      if (failed(buffer))
        return failure();
      value = *buffer;
    }
    if (op.isDpsInit(&operand))
      results.push_back(value);
    operands.push_back(value);
  }
  OperationState buffered(op.getLoc(), op->getName(), operands, TypeRange(),
                          llvm::to_vector(op->getDiscardableAttrs()));
  buffered.propertiesAttr = op->getPropertiesAsAttribute();
  for (Region &region : op->getRegions())
    buffered.addRegion()->takeBody(region);
  rewriter.create(buffered);
  bufferization::replaceOpWithBufferizedValues(rewriter, op, results);
  return success();
}
