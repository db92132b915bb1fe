//===- ObjectCode.h - LLVM's optimizer and code generator ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One LLVM module to machine code or assembly text for a CPU level.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_HOST_OBJECTCODE_H
#define OPTC_TARGET_HOST_OBJECTCODE_H

#include "lib/Target/Host/CpuLevel.h"
#include "llvm/Support/LogicalResult.h"
#include <string>

namespace llvm {
class Module;
} // namespace llvm

namespace optc::host {

enum class CodeKind { object, assembly };

/// Optimizes a module for a level and appends its code to `code`.
llvm::LogicalResult compileModule(llvm::Module &module, const CpuLevel &level, CodeKind kind,
                                  std::string &code, std::string &error);

/// An object with the functions that LLVM may call for what looks simple in its input, as
/// memcpy: a generated object has no C library.
llvm::LogicalResult compileHelpers(const CpuLevel &level, std::string &code, std::string &error);

} // namespace optc::host

#endif // OPTC_TARGET_HOST_OBJECTCODE_H
