//===- KernelOps.td - all ops of the kernel dialect ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One include per family; the same names are in Families.def.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_KERNEL_OPS_TD
#define OPTC_KERNEL_OPS_TD

include "dialects/Kernel/KernelDialect.td"
include "dialects/Kernel/Ops/Attention.td"
include "dialects/Kernel/Ops/BlockMatmul.td"
include "dialects/Kernel/Ops/Region.td"
include "dialects/Kernel/Ops/RowNorm.td"
include "dialects/Kernel/Ops/Matmul.td"
include "dialects/Kernel/Ops/Conv.td"
include "dialects/Kernel/Ops/Pool.td"
include "dialects/Kernel/Ops/Pack.td"
include "dialects/Kernel/Ops/Sort.td"

#endif // OPTC_KERNEL_OPS_TD
