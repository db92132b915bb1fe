//===- ApiTable.h - the functions generated code calls --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table of RuntimeAbi.def. It is made in C, where the functions of math.h have no
// overloads.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUNTIME_APITABLE_H
#define OPTC_RUNTIME_APITABLE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

extern const void *const optcApiTable[];
extern const uint32_t optcApiTableSize;

#ifdef __cplusplus
}
#endif

#endif // OPTC_RUNTIME_APITABLE_H
