//===- Argsort.h - sorting for TopK and friends ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Stable argsort of one row of keys; RuntimeCalls.cpp runs the rows in parallel.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUNTIME_ARGSORT_H
#define OPTC_RUNTIME_ARGSORT_H

#include <cstdint>

namespace optc::runtime {

/// Bytes of a key of this type of optc_rt_argsort, 0 when there is no such type.
int64_t argsortKeySize(int64_t type);

/// One row: as optc_rt_argsort says. False when there is no memory.
bool argsortRow(const void *keys, int64_t *order, int64_t count, int64_t k, int64_t type,
                bool descending);

} // namespace optc::runtime

#endif // OPTC_RUNTIME_ARGSORT_H
