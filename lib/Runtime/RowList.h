//===- RowList.h - rows that a loop collects ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The list behind optc_rt_list: one block that doubles when it is full, so that a row costs
// a constant time however many there are. All of it is scratch memory of the run.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUNTIME_ROWLIST_H
#define OPTC_RUNTIME_ROWLIST_H

#include <cstdint>

namespace optc::runtime {

class RowList {
public:
  /// In scratch memory of the context; ends the run if there is none, as do the others.
  static RowList *create(void *context, int64_t expected);
  /// Whether a row has the size of those before it.
  bool fits(int64_t bytes) const { return !count || bytes == rowBytes; }
  void append(void *context, const void *row, int64_t bytes, const char *node);
  void take(void *context, void *target);

private:
  void grow(void *context, const char *node);

  char *rows;
  int64_t rowBytes, count, capacity, expected;
};

} // namespace optc::runtime

#endif // OPTC_RUNTIME_ROWLIST_H
