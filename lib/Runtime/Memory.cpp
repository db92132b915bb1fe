//===- Memory.cpp - aligned memory that can fail --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small blocks come from the C library; blocks of a huge page or more from mmap, at a huge
// page boundary, with the advice to use huge pages.
//
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Memory.h"

#include <cstdint>
#include <cstdlib>
#include <sys/mman.h>

namespace optc::runtime {

static constexpr size_t alignment = 64;
static constexpr size_t hugePage = size_t(2) << 20;
static constexpr size_t maxSize = size_t(1) << 47; // the user half of the address space

/// Maps `size` bytes, a multiple of a huge page, at a multiple of a huge page.
static void *mapHuge(size_t size) {
  size_t padded = size + hugePage;
  void *memory = mmap(nullptr, padded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return nullptr;
  uintptr_t begin = reinterpret_cast<uintptr_t>(memory);
  uintptr_t aligned = (begin + hugePage - 1) & -uintptr_t(hugePage);
  if (aligned > begin)
    munmap(memory, aligned - begin);
  if (size_t rest = begin + padded - (aligned + size))
    munmap(reinterpret_cast<void *>(aligned + size), rest);
  void *result = reinterpret_cast<void *>(aligned);
  madvise(result, size, MADV_HUGEPAGE); // an advice: the pages work without it
  return result;
}

void *Memory::reserve(size_t wanted) {
  if (block && wanted <= size)
    return block;
  release();
  if (wanted > maxSize)
    return nullptr;
  mapped = wanted >= hugePage;
  size_t unit = mapped ? hugePage : alignment;
  size_t rounded = wanted ? (wanted + unit - 1) / unit * unit : alignment;
  block = mapped ? mapHuge(rounded) : std::aligned_alloc(alignment, rounded);
  size = block ? rounded : 0;
  return block;
}

void Memory::release() {
  if (mapped && block)
    munmap(block, size);
  else
    std::free(block);
  block = nullptr;
  size = 0;
}

} // namespace optc::runtime
