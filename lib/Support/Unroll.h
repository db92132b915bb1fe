//===- Unroll.h - a loop that becomes its steps --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops over a few accumulators that must stay in registers: each compiler has its own pragma for
// it.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_SUPPORT_UNROLL_H
#define OPTC_SUPPORT_UNROLL_H

/// In front of a loop of a constant number of steps, at most 64.
#if defined(__clang__)
#define OPTC_UNROLL _Pragma("clang loop unroll(full)")
#else
#define OPTC_UNROLL _Pragma("GCC unroll 64")
#endif

#endif // OPTC_SUPPORT_UNROLL_H
