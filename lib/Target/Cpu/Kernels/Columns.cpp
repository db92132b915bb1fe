//===- Columns.cpp - how columns become vectors ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Columns.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/Columns.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace llvm;
using namespace optc;
using namespace optc::cpu;

int64_t ColumnGroup::maxRows(const CpuLevel &level, bool splitsPairs) const {
  // More rows than this gain nothing, and their addresses need registers, too.
  constexpr int64_t enough = 14;
  int64_t free = level.vectorRegisters - 1 - vectors;
  if (level.vectorRegisters > 16)
    free -= splitsPairs ? 1 + vectors : 1; // 31 of 32: one more than that spilled
  return std::clamp<int64_t>(free / vectors, 1, enough);
}

SmallVector<ColumnGroup> cpu::coverColumns(int64_t width, const CpuLevel &level) {
  SmallVector<ColumnGroup> groups;
  auto add = [&](int64_t count, int64_t vectors, int64_t lanes) {
    int64_t offset = groups.empty() ? 0 : groups.back().end();
    if (count > 0)
      groups.push_back({offset, count, vectors, lanes});
  };
  if (level.f32Lanes() == 4) {
    // Four vectors leave room for six rows. Widths are an even number of vectors: of others than
    // multiples of three, two may be left.
    int64_t vectors = width / 4, most = vectors % 4 != 0 && vectors % 3 == 0 ? 3 : 4;
    add(vectors / most, most, 4);
    add(vectors % most != 0, vectors % most, 4);
    return groups;
  }
  if (level.f32Lanes() == 16) {
    // A width of 8 mod 16 runs on half registers, which Zen executes at full rate.
    int64_t lanes = width % 16 == 0 ? 16 : 8;
    int64_t most = lanes == 16 ? 4 : 5;
    int64_t vectors = width / lanes;
    if (vectors == 7)
      most = 7;
    add(vectors / most, most, lanes);
    add(vectors % most != 0, vectors % most, lanes);
    return groups;
  }
  int64_t vectors = width / 8;
  if (vectors % 3 == 0) {
    add(vectors / 3, 3, 8);
  } else if (vectors % 2 == 0) {
    add(vectors / 2, 2, 8);
  } else if (vectors == 1) {
    add(1, 1, 8);
  } else { // 5, 7, ..
    add(1, 3, 8);
    add((vectors - 3) / 2, 2, 8);
  }
  return groups;
}
