//===- BlockGrid.cpp - what codes of a block stand for -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See BlockGrid.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Compress/BlockGrid.h"
#include "lib/Support/HalfFloat.h"

using namespace optc;
using namespace optc::compress;

CodeTable::CodeTable(const std::vector<int8_t> &values) : values(values.begin(), values.end()) {
  uint8_t code = 0;
  for (int64_t place = 0; place < 2 * halves; ++place) {
    float steps = (static_cast<float>(place - halves) + 0.5f) / 2;
    while (code + 1u < values.size() && this->values[code + 1] - steps < steps - this->values[code])
      ++code;
    nearest[place] = code;
  }
}

BlockGrids::BlockGrids(const BlockCodes &codes, const BlockFormat &format, int64_t depth)
    : codes(codes), format(format), blocks(depth / format.block) {
  if (!codes.codebook.empty())
    table.emplace(codes.codebook);
}

Grid BlockGrids::at(int64_t row, int64_t column) const {
  int64_t block = row * blocks + column / format.block;
  return {floatOfHalf(codes.scales[block]),
          codes.zeros.empty() ? static_cast<float>(format.middle())
                              : floatOfHalf(codes.zeros[block]),
          getTable()};
}
