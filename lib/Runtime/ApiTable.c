//===- ApiTable.c - the functions generated code calls --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Expands RuntimeAbi.def into the table, in its order.
//
//===----------------------------------------------------------------------===//
#ifndef _GNU_SOURCE
#define _GNU_SOURCE // roundeven
#endif

#include "lib/Runtime/ApiTable.h"
#include "lib/Runtime/RuntimeAbi.h"

#include <math.h>

const void *const optcApiTable[] = {
#define OPTC_RT(name, types) (const void *)name,
#define OPTC_LIBM(name) (const void *)name,
#include "lib/Runtime/RuntimeAbi.def"
};

const uint32_t optcApiTableSize = sizeof(optcApiTable) / sizeof(optcApiTable[0]);
