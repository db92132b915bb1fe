//===- Kernel.h - the kernel dialect -------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect and its ops.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_KERNEL_KERNEL_H
#define OPTC_DIALECTS_KERNEL_KERNEL_H

#include "dialects/Kernel/Epilogue.h"
#include "dialects/Kernel/Work.h"
#include "lib/IR/DestinationPassing.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/Kernel/KernelDialect.h.inc"
#include "dialects/Kernel/KernelEnums.h.inc"
#include "dialects/Kernel/KernelInterfaces.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Kernel/KernelAttrs.h.inc"

#define GET_OP_CLASSES
#include "dialects/Kernel/KernelOps.h.inc"

namespace optc::kernel {

/// Elements of the packed form of a [rows, columns] matrix, or of one group of a filter.
int64_t getPackedSize(mlir::Attribute layout, int64_t rows, int64_t columns);

} // namespace optc::kernel

#endif // OPTC_DIALECTS_KERNEL_KERNEL_H
