//===- NNOps.td - all ops of the nn dialect ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One include per family; the same names are in Families.def.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_NN_OPS_TD
#define OPTC_NN_OPS_TD

include "dialects/NN/NNDialect.td"
include "dialects/NN/Ops/Attention.td"
include "dialects/NN/Ops/Constant.td"
include "dialects/NN/Ops/Conv.td"
include "dialects/NN/Ops/Elementwise.td"
include "dialects/NN/Ops/Matmul.td"
include "dialects/NN/Ops/Norm.td"
include "dialects/NN/Ops/Pool.td"
include "dialects/NN/Ops/Recurrent.td"
include "dialects/NN/Ops/Shape.td"
include "dialects/NN/Ops/Reduce.td"
include "dialects/NN/Ops/Index.td"

#endif // OPTC_NN_OPS_TD
