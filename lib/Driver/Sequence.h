//===- Sequence.h - a sequence of tokens and its caches ------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The memory that a decoder adds to, and one call after the other.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_SEQUENCE_H
#define OPTC_DRIVER_SEQUENCE_H

#include "lib/Driver/Session.h"

namespace optc::driver {

/// Caches lie in reserved address space: memory is taken where tokens are written.
class Sequence {
public:
  explicit Sequence(Session &session) : session(session) {}
  ~Sequence();
  Sequence(const Sequence &) = delete;
  Sequence &operator=(const Sequence &) = delete;

  /// Finds what the entry keeps. E7004 if it is no decoder with caches.
  Error open(uint64_t capacity);
  /// Adds tokens, some at a time; scores of what follows the last, valid until the next call.
  Error add(const std::vector<uint32_t> &tokens, const float *&scores, size_t &count);

  uint64_t getLength() const { return length; }
  uint64_t getCapacity() const { return capacity; }
  /// What all caches take for a token.
  uint64_t getBytesPerToken() const { return bytesPerToken; }

private:
  struct Cache {
    size_t input;
    void *memory;
    uint64_t bytes;
    std::vector<int64_t> dims;
  };

  Error reserve(size_t input, int64_t axis);
  Error step(const uint32_t *tokens, size_t count);

  Session &session;
  std::vector<Cache> caches;
  size_t tokensInput = 0, lengthInput = 0;
  uint64_t capacity = 0, length = 0, bytesPerToken = 0;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_SEQUENCE_H
