//===- Passes/Passes.h - passes of the state dialect ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Declarations of StatePasses.td.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_STATE_PASSES_PASSES_H
#define OPTC_DIALECTS_STATE_PASSES_PASSES_H

#include "dialects/State/State.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace optc::state {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "dialects/State/StatePasses.h.inc"

} // namespace optc::state

#endif // OPTC_DIALECTS_STATE_PASSES_PASSES_H
