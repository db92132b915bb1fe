//===- FilePages.cpp - memory of mapped files -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See FilePages.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Support/FilePages.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>

namespace {
/// Ends of the mappings by their begins.
struct Mappings {
  std::mutex mutex;
  std::map<uintptr_t, uintptr_t> ends;
};
} // namespace

static Mappings &mappings() {
  static Mappings all;
  return all;
}

void optc::noteFilePages(const void *data, size_t size) {
  std::lock_guard<std::mutex> lock(mappings().mutex);
  auto begin = reinterpret_cast<uintptr_t>(data);
  mappings().ends[begin] = begin + size;
}

void optc::forgetFilePages(const void *data) {
  std::lock_guard<std::mutex> lock(mappings().mutex);
  mappings().ends.erase(reinterpret_cast<uintptr_t>(data));
}

void optc::releaseFilePages(const void *data, size_t size) {
  std::lock_guard<std::mutex> lock(mappings().mutex);
  auto begin = reinterpret_cast<uintptr_t>(data), end = begin + size;
  auto next = mappings().ends.upper_bound(begin);
  if (next == mappings().ends.begin() || end > std::prev(next)->second)
    return;
  // The borders may hold other weights, too.
  uintptr_t page = sysconf(_SC_PAGESIZE);
  begin = (begin + page - 1) / page * page;
  end = end / page * page;
  if (begin < end)
    (void)madvise(reinterpret_cast<void *>(begin), end - begin, MADV_DONTNEED);
}
