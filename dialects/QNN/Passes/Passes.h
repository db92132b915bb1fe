//===- Passes.h - passes of the qnn dialect -----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The passes of QNNPasses.td.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_QNN_PASSES_PASSES_H
#define OPTC_DIALECTS_QNN_PASSES_PASSES_H

#include "dialects/NN/Passes/Passes.h"
#include "dialects/QNN/QNN.h"

namespace optc::qnn {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "dialects/QNN/QNNPasses.h.inc"

} // namespace optc::qnn

#endif // OPTC_DIALECTS_QNN_PASSES_PASSES_H
