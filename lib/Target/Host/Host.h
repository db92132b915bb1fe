//===- Host.h - programs that a CPU runs ----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From loops on memrefs to a shared object that calls the runtime: what every target shares whose
// code is started by a CPU. Code generation from the LLVM dialect on is in Codegen.h.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_HOST_HOST_H
#define OPTC_TARGET_HOST_HOST_H

#include "dialects/Kernel/Kernel.h"
#include "dialects/Run/Run.h"
#include "lib/Target/Host/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace optc::host {

/// Parallel bodies and loop nests become functions, equal ones once.
void addOutlinePasses(mlir::OpPassManager &pm);
/// Loops, vectors, memrefs and calls of the runtime to the LLVM dialect. Needs what
/// `addOutlinePasses` leaves, without math ops.
void addLlvmPasses(mlir::OpPassManager &pm);

} // namespace optc::host

#endif // OPTC_TARGET_HOST_HOST_H
