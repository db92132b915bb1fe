//===- State.h - the state dialect ---------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect and its ops.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_STATE_STATE_H
#define OPTC_DIALECTS_STATE_STATE_H

#include "dialects/NN/NN.h"

#include "dialects/State/StateDialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/State/StateOps.h.inc"

namespace optc::state {

/// On an entry's argument that is a cache: the dim along which it grows. The argument is the memory
/// itself, which a run writes to.
constexpr llvm::StringLiteral axisAttr = "state.axis";

} // namespace optc::state

#endif // OPTC_DIALECTS_STATE_STATE_H
