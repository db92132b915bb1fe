//===- DestinationPassing.h - interfaces of destination ops -----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What all destination-passing kernel ops share: effects, result shapes and bufferization,
// called from the class in DestinationPassing.td.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IR_DESTINATIONPASSING_H
#define OPTC_IR_DESTINATIONPASSING_H

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace optc {

/// Reads of all memref inputs and a write of the memref init; none on tensors.
void getDestinationEffects(mlir::DestinationStyleOpInterface op,
                           llvm::SmallVectorImpl<mlir::MemoryEffects::EffectInstance> &effects);

/// The sizes of the inits.
mlir::LogicalResult reifyDestinationShapes(mlir::DestinationStyleOpInterface op,
                                           mlir::OpBuilder &builder,
                                           mlir::ReifiedRankedShapedTypeDims &shapes);

/// A result is the buffer of its init.
mlir::bufferization::AliasingValueList getDestinationAliases(mlir::DestinationStyleOpInterface op,
                                                             mlir::OpOperand &operand);

/// The same op on buffers; its regions move over.
mlir::LogicalResult bufferizeDestination(mlir::DestinationStyleOpInterface op,
                                         mlir::RewriterBase &rewriter,
                                         const mlir::bufferization::BufferizationOptions &options,
                                         const mlir::bufferization::BufferizationState &state);

} // namespace optc

#endif // OPTC_IR_DESTINATIONPASSING_H
