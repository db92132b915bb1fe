//===- ColdMemory.h - memory that is in no cache --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For benchmarks of kernels whose weights come from memory, as in a model with more weights than
// cache.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TEST_BENCH_COLDMEMORY_H
#define OPTC_TEST_BENCH_COLDMEMORY_H

#include <cstddef>

namespace optc::test {

/// Takes memory out of all caches.
inline void flushCaches(const void *memory, size_t bytes) {
  for (size_t at = 0; at < bytes; at += 64)
    __builtin_ia32_clflush(static_cast<const char *>(memory) + at);
  __builtin_ia32_mfence();
}

} // namespace optc::test

#endif // OPTC_TEST_BENCH_COLDMEMORY_H
