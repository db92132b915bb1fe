//===- RunOps.td - all ops of the run dialect ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One include per family; the same names are in Families.def, but for Profile, which has no code.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUN_OPS_TD
#define OPTC_RUN_OPS_TD

include "dialects/Run/RunAttrs.td"
include "dialects/Run/RunDialect.td"
include "dialects/Run/Ops/Check.td"
include "dialects/Run/Ops/List.td"
include "dialects/Run/Ops/Output.td"
include "dialects/Run/Ops/Parallel.td"
include "dialects/Run/Ops/Profile.td"

#endif // OPTC_RUN_OPS_TD
