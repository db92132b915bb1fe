//===- StateOps.td - all ops of the state dialect ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Only includes the families.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_STATE_OPS_TD
#define OPTC_STATE_OPS_TD

include "dialects/State/Ops/Cache.td"

#endif // OPTC_STATE_OPS_TD
