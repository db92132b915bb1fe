//===- BlockGrid.h - what codes of a block stand for -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scale and zero of a block, as they are stored, and the numbers of a codebook.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_COMPRESS_BLOCKGRID_H
#define OPTC_COMPRESS_BLOCKGRID_H

#include "lib/Compress/BlockWeight.h"

#include <algorithm>
#include <cmath>

namespace optc::compress {

/// A codebook, and the code of each number.
class CodeTable {
public:
  /// The values are in order.
  explicit CodeTable(const std::vector<int8_t> &values);

  uint8_t codeOf(float steps) const {
    float place = std::clamp(std::floor(2 * steps), -float(halves), float(halves - 1));
    return nearest[static_cast<size_t>(static_cast<int64_t>(place) + halves)];
  }
  float valueOf(uint8_t code) const { return values[code]; }

private:
  /// Between two values the middle is a multiple of 1/2, so that none is inside of a place.
  static constexpr int64_t halves = 256;
  std::vector<float> values;
  std::vector<uint8_t> nearest = std::vector<uint8_t>(2 * halves);
};

/// What the codes of a block are multiplied with, as it is stored.
struct Grid {
  float scale = 0, zero = 0;
  const CodeTable *table = nullptr;

  uint8_t codeOf(float value, int64_t codes) const {
    if (scale == 0)
      return static_cast<uint8_t>(codes / 2);
    if (table)
      return table->codeOf(value / scale);
    float steps = std::nearbyint(value / scale + zero);
    return static_cast<uint8_t>(std::clamp(steps, 0.0f, static_cast<float>(codes - 1)));
  }
  float stepsOf(uint8_t code) const {
    return table ? table->valueOf(code) : static_cast<float>(code) - zero;
  }
  float valueOf(uint8_t code) const { return stepsOf(code) * scale; }
};

/// The grids of the blocks of codes [rows, depth].
class BlockGrids {
public:
  BlockGrids(const BlockCodes &codes, const BlockFormat &format, int64_t depth);

  /// That of an element.
  Grid at(int64_t row, int64_t column) const;
  const CodeTable *getTable() const { return table ? &*table : nullptr; }

private:
  const BlockCodes &codes;
  BlockFormat format;
  int64_t blocks; ///< of a row
  std::optional<CodeTable> table;
};

} // namespace optc::compress

#endif // OPTC_COMPRESS_BLOCKGRID_H
