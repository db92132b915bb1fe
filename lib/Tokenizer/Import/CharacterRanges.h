//===- CharacterRanges.h - sets of characters as ranges ------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What classes of patterns are while they are read, and the named ones: categories, scripts, and
// the sets of the package `tokenizers` (UnicodeSets.inc).
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_IMPORT_CHARACTERRANGES_H
#define OPTC_TOKENIZER_IMPORT_CHARACTERRANGES_H

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace optc::tokenizer {

class CharacterRanges {
public:
  CharacterRanges() = default;
  CharacterRanges(uint32_t first, uint32_t last) : ranges{{first, last}} {}

  void add(uint32_t first, uint32_t last) { ranges.emplace_back(first, last); }
  void add(const CharacterRanges &other) {
    ranges.insert(ranges.end(), other.ranges.begin(), other.ranges.end());
  }
  CharacterRanges negated() const;
  CharacterRanges intersected(const CharacterRanges &other) const;
  bool has(uint32_t code) const;
  bool empty() const { return ranges.empty(); }
  /// first, last, ascending, with gaps between.
  std::vector<uint32_t> bounds() const;

private:
  std::vector<std::pair<uint32_t, uint32_t>> ranges;
};

/// \p{name}: a category ("L", "Lu"), or one of the scripts in UnicodeSets.inc. False if unknown.
bool namedRanges(std::string_view name, CharacterRanges &ranges);

/// The sets that the package's own code decides by.
enum class PackageSet {
  WhiteSpace,
  Punctuation,
  Numeric,
  BertControl,
  BertAccent,
  CombiningMark,
  WordOfWhitespace, ///< \w of Rust's patterns
  WordOfPattern     ///< \w of Oniguruma's
};
CharacterRanges rangesOf(PackageSet set);

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_IMPORT_CHARACTERRANGES_H
