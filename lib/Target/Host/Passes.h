//===- Passes.h - passes of host programs -----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Declarations generated from Passes.td.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_HOST_PASSES_H
#define OPTC_TARGET_HOST_PASSES_H

#include "mlir/Pass/Pass.h"

namespace optc::host {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Target/Host/Passes.h.inc"

} // namespace optc::host

#endif // OPTC_TARGET_HOST_PASSES_H
