//===- Sequence.cpp - a sequence of tokens and its caches ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Sequence.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Sequence.h"

#include <algorithm>
#include <cstring>
#include <sys/mman.h>

namespace optc::driver {

Sequence::~Sequence() {
  for (const Cache &cache : caches)
    munmap(cache.memory, cache.bytes);
}

Error Sequence::reserve(size_t input, int64_t axis) {
  const optc_tensor_info &info = session.input(input);
  Cache cache{input, nullptr, 0, {}};
  for (int32_t dim = 0; dim < info.rank; ++dim)
    cache.dims.push_back(dim == axis ? int64_t(capacity) : info.dims[dim] < 0 ? 1 : info.dims[dim]);
  int64_t bytes = bytesOf(cache.dims, findDType(info.dtype)->storageSize);
  if (bytes < 0)
    return {E7008, "a context of " + std::to_string(capacity) + " tokens is out of range"};
  cache.bytes = std::max<uint64_t>(uint64_t(bytes), 1);
  cache.memory = mmap(nullptr, cache.bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (cache.memory == MAP_FAILED)
    return {E7008,
            "there is no address space for a context of " + std::to_string(capacity) + " tokens"};
  caches.push_back(cache);
  bytesPerToken += uint64_t(bytes) / capacity;
  optc_tensor view = {info.dtype, info.rank, caches.back().dims.data(), cache.memory};
  return fromRuntime(session.context().setInput(input, view));
}

Error Sequence::open(uint64_t room) {
  capacity = room;
  std::vector<size_t> integers;
  bool hasLength = false;
  for (size_t i = 0; i < session.inputCount(); ++i) {
    int64_t axis = session.model().cacheAxis(i, session.entry());
    if (axis >= 0) {
      if (Error error = reserve(i, axis))
        return error;
    } else if (session.input(i).name == std::string("optc.length")) {
      lengthInput = i;
      hasLength = true;
    } else {
      integers.push_back(i);
    }
  }
  bool isInt64 = integers.size() == 1 && session.input(integers[0]).dtype == OPTC_INT64 &&
                 session.input(integers[0]).rank == 2;
  if (caches.empty() || !hasLength || !isInt64)
    return {E7004,
            "the artifact is no decoder that keeps its caches: build it with --kv contiguous"};
  tokensInput = integers[0];
  return {};
}

Error Sequence::step(const uint32_t *tokens, size_t count) {
  if (count > capacity - length)
    return {E7004, std::to_string(length + count) + " tokens do not fit into a context of " +
                       std::to_string(capacity) + ": give a larger --context, or a shorter text"};
  Tensor ids, before;
  if (!ids.allocate(OPTC_INT64, {1, int64_t(count)}) || !before.allocate(OPTC_INT64, {1}))
    return {E7008, "there is no memory for tokens"};
  for (size_t i = 0; i < count; ++i) {
    auto id = static_cast<int64_t>(tokens[i]);
    std::memcpy(ids.data() + i * sizeof(id), &id, sizeof(id));
  }
  auto number = static_cast<int64_t>(length);
  std::memcpy(before.data(), &number, sizeof(number));
  if (Error error = session.setInput(tokensInput, std::move(ids)))
    return error;
  if (Error error = session.setInput(lengthInput, std::move(before)))
    return error;
  if (Error error = session.run())
    return error;
  length += count;
  return {};
}

Error Sequence::add(const std::vector<uint32_t> &tokens, const float *&scores, size_t &count) {
  constexpr size_t together = 256; // more take memory, and are no faster
  for (size_t i = 0; i < tokens.size(); i += together)
    if (Error error = step(tokens.data() + i, std::min(together, tokens.size() - i)))
      return error;
  optc_tensor output;
  if (Error error = fromRuntime(session.context().output(0, output)))
    return error;
  if (output.dtype != OPTC_FLOAT || output.rank == 0)
    return {E7005, "scores of tokens are no f32"};
  count = static_cast<size_t>(output.dims[output.rank - 1]);
  scores = static_cast<const float *>(output.data) + countElements(output) - count;
  return {};
}

} // namespace optc::driver
