//===- QNNOps.td - all ops of the qnn dialect ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Only includes the families.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_QNN_OPS_TD
#define OPTC_QNN_OPS_TD

include "dialects/QNN/Ops/Blocks.td"
include "dialects/QNN/Ops/Quantize.td"

#endif // OPTC_QNN_OPS_TD
