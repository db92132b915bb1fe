//===- CharacterSet.h - a set of characters, quick to ask ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What classes of patterns are at run time: two words for ASCII, a bit for each other character of
// the first plane, ranges for the rest.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_CHARACTERSET_H
#define OPTC_TOKENIZER_CHARACTERSET_H

#include <algorithm>
#include <cstdint>
#include <vector>

namespace optc::tokenizer {

class CharacterSet {
public:
  /// `bounds`: first, last, first, last, ascending.
  explicit CharacterSet(const std::vector<uint32_t> &bounds) : plane(planeSize / 64) {
    for (size_t i = 0; i + 1 < bounds.size(); i += 2) {
      for (uint32_t c = bounds[i]; c <= bounds[i + 1] && c < planeSize; ++c)
        plane[c / 64] |= uint64_t(1) << (c % 64);
      if (bounds[i + 1] >= planeSize) {
        beyond.push_back(std::max(bounds[i], planeSize));
        beyond.push_back(bounds[i + 1]);
      }
    }
  }

  bool hasAscii(uint8_t code) const { return plane[code / 64] >> (code % 64) & 1; }
  bool has(uint32_t code) const {
    if (code < planeSize)
      return plane[code / 64] >> (code % 64) & 1;
    // How many bounds are at or below: odd within a range, and the last of a range is within.
    size_t below = size_t(std::lower_bound(beyond.begin(), beyond.end(), code) - beyond.begin());
    return below % 2 || (below < beyond.size() && beyond[below] == code);
  }

private:
  static constexpr uint32_t planeSize = 0x10000;

  std::vector<uint64_t> plane;
  std::vector<uint32_t> beyond;
};

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_CHARACTERSET_H
