//===- Memory.h - aligned memory that can fail ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block of memory for arenas, outputs and copies: 64-byte aligned, in huge pages when it
// is large, and null instead of an exception when there is none.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUNTIME_MEMORY_H
#define OPTC_RUNTIME_MEMORY_H

#include <cstddef>

namespace optc::runtime {

class Memory {
public:
  Memory() = default;
  ~Memory() { release(); }
  Memory(const Memory &) = delete;
  Memory &operator=(const Memory &) = delete;

  /// At least `size` bytes, aligned to 64 (never null for size 0), or null. Old contents are lost
  /// when the block has to grow, and kept otherwise.
  void *reserve(size_t size);
  void release();
  size_t capacity() const { return size; }

private:
  void *block = nullptr;
  size_t size = 0;
  bool mapped = false;
};

} // namespace optc::runtime

#endif // OPTC_RUNTIME_MEMORY_H
