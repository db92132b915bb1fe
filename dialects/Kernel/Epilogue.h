//===- Epilogue.h - what ops with an epilogue share -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Declared before the generated op classes, which call it.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_KERNEL_EPILOGUE_H
#define OPTC_DIALECTS_KERNEL_EPILOGUE_H

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/OpDefinition.h"

namespace optc::kernel {

/// Whether an element of the operand is read or written only for the result element at the
/// same place, read before written: such operands may share one buffer.
bool isAccessedElementwise(mlir::OpOperand &operand);

/// Rules `kernel.epilogue.R1` to `kernel.epilogue.R3`.
mlir::LogicalResult verifyEpilogue(mlir::Operation *op);

/// Fills `region` with the epilogue that stores the accumulator as it is.
void buildIdentityEpilogue(mlir::OpBuilder &builder, mlir::Region &region, mlir::Type accumulator,
                           mlir::Type element, mlir::Location loc);

/// A destination-passing op has either tensors only (and one result per init) or memrefs
/// only.
mlir::LogicalResult verifyDestinationForm(mlir::Operation *op);

} // namespace optc::kernel

#endif // OPTC_DIALECTS_KERNEL_EPILOGUE_H
