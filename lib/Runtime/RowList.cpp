//===- RowList.cpp - rows that a loop collects ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See RowList.h. The calls of RuntimeAbi.h leave this code by a jump when they fail: nothing
// here has a destructor.
//
//===----------------------------------------------------------------------===//
#include "lib/Runtime/RowList.h"
#include "lib/Runtime/RuntimeAbi.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

namespace optc::runtime {

/// The first block of a list of unknown length has about this size, or eight rows.
static constexpr int64_t firstBytes = 4096, firstRows = 8;

RowList *RowList::create(void *context, int64_t expected) {
  auto *list = new (optc_rt_scratch(context, sizeof(RowList), nullptr)) RowList();
  list->expected = std::max<int64_t>(expected, 0);
  return list;
}

void RowList::grow(void *context, const char *node) {
  int64_t wanted = capacity ? 2 * capacity : expected;
  if (!wanted)
    wanted = std::max(firstRows, firstBytes / rowBytes);
  int64_t bytes;
  if (__builtin_mul_overflow(wanted, rowBytes, &bytes))
    bytes = std::numeric_limits<int64_t>::max(); // refused, with the node's name
  auto *larger = static_cast<char *>(optc_rt_scratch(context, bytes, node));
  if (count)
    std::memcpy(larger, rows, count * rowBytes);
  optc_rt_free(context, rows);
  rows = larger;
  capacity = wanted;
}

void RowList::append(void *context, const void *row, int64_t bytes, const char *node) {
  rowBytes = bytes;
  if (bytes) {
    if (count == capacity)
      grow(context, node);
    std::memcpy(rows + count * bytes, row, bytes);
  }
  ++count;
}

void RowList::take(void *context, void *target) {
  if (count && rowBytes)
    std::memcpy(target, rows, count * rowBytes);
  optc_rt_free(context, rows);
  optc_rt_free(context, this);
}

} // namespace optc::runtime
