//===- RuntimeFunctions.h - declarations of the runtime's functions --------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Generated code calls what RuntimeAbi.def lists, with the types that stand there.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_HOST_RUNTIMEFUNCTIONS_H
#define OPTC_TARGET_HOST_RUNTIMEFUNCTIONS_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace optc::host {

/// The declaration of "optc_rt_..." in the module, which is made with the first call.
mlir::LLVM::LLVMFuncOp getRuntimeFunction(mlir::ModuleOp module, llvm::StringRef name);

} // namespace optc::host

#endif // OPTC_TARGET_HOST_RUNTIMEFUNCTIONS_H
