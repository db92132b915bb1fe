//===- Codegen.h - from the LLVM dialect to a shared object --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The end of the generate stage: machine code per group of functions, linked in process
// into the ELF object that ModuleAbi.h describes.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_HOST_CODEGEN_H
#define OPTC_TARGET_HOST_CODEGEN_H

#include "lib/Target/Host/CpuLevel.h"
#include "mlir/IR/BuiltinOps.h"
#include <string>

namespace optc::host {

/// Machine code of a module that addCpuPasses has lowered. The bytes depend on the module and the
/// level only, not on the number of threads, which is the MLIR context's.
mlir::FailureOr<std::string> generateSharedObject(mlir::ModuleOp module, const CpuLevel &level);

/// The same up to assembly text, one listing after the other.
mlir::FailureOr<std::string> generateAssembly(mlir::ModuleOp module, const CpuLevel &level);

} // namespace optc::host

#endif // OPTC_TARGET_HOST_CODEGEN_H
