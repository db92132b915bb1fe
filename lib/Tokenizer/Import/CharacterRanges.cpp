//===- CharacterRanges.cpp - sets of characters as ranges ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Set arithmetic, and the look-up of named sets.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Import/CharacterRanges.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace optc::tokenizer {

namespace {
#include "lib/Tokenizer/Import/UnicodeSets.inc"
} // namespace

static constexpr uint32_t lastCharacter = 0x10ffff;

std::vector<uint32_t> CharacterRanges::bounds() const {
  std::vector<std::pair<uint32_t, uint32_t>> sorted = ranges;
  std::sort(sorted.begin(), sorted.end());
  std::vector<uint32_t> out;
  for (auto [first, last] : sorted) {
    if (!out.empty() && first <= out.back() + 1) {
      out.back() = std::max(out.back(), last);
    } else {
      out.push_back(first);
      out.push_back(last);
    }
  }
  return out;
}

CharacterRanges CharacterRanges::negated() const {
  CharacterRanges out;
  uint32_t next = 0;
  std::vector<uint32_t> own = bounds();
  for (size_t i = 0; i < own.size(); i += 2) {
    if (own[i] > next)
      out.add(next, own[i] - 1);
    next = own[i + 1] + 1;
  }
  if (next <= lastCharacter)
    out.add(next, lastCharacter);
  return out;
}

CharacterRanges CharacterRanges::intersected(const CharacterRanges &other) const {
  CharacterRanges out = negated();
  out.add(other.negated());
  return out.negated();
}

bool CharacterRanges::has(uint32_t code) const {
  return std::any_of(ranges.begin(), ranges.end(), [&](const auto &range) {
    return range.first <= code && code <= range.second;
  });
}

bool namedRanges(std::string_view name, CharacterRanges &ranges) {
  if (name == "Any") {
    ranges.add(0, lastCharacter);
    return true;
  }
  if (name == "C" || name == "Cn") { // what has no character is in no table
    CharacterRanges others;
    for (const char *known : {"L", "M", "N", "P", "S", "Z"})
      namedRanges(known, others);
    for (const char *known : {"Cc", "Cf", "Co"})
      if (name == "Cn")
        namedRanges(known, others);
    ranges.add(others.negated());
    return true;
  }
  for (const Script &script : scripts) {
    if (name != script.name)
      continue;
    for (size_t i = 0; i < script.count; i += 2)
      ranges.add(script.bounds[i], script.bounds[i + 1]);
    return true;
  }
  bool found = false;
  for (size_t i = 0; i < std::size(categories); i += 2) {
    std::string_view category = categoryNames[categories[i + 1] & 0xff];
    if (category != name && (name.size() != 1 || category[0] != name[0]))
      continue;
    ranges.add(categories[i], categories[i + 1] >> 8);
    found = true;
  }
  return found;
}

template <size_t Count> static CharacterRanges fromTable(const uint32_t (&table)[Count]) {
  CharacterRanges ranges;
  for (size_t i = 0; i < Count; i += 2)
    ranges.add(table[i], table[i + 1]);
  return ranges;
}

CharacterRanges rangesOf(PackageSet set) {
  switch (set) {
  case PackageSet::WhiteSpace:
    return fromTable(whiteSpace);
  case PackageSet::Punctuation:
    return fromTable(punctuation);
  case PackageSet::Numeric:
    return fromTable(numeric);
  case PackageSet::BertControl:
    return fromTable(bertControl);
  case PackageSet::BertAccent:
    return fromTable(bertAccent);
  case PackageSet::CombiningMark:
    return fromTable(combiningMark);
  case PackageSet::WordOfWhitespace:
    return fromTable(wordOfWhitespace);
  default:
    return fromTable(wordOfPattern);
  }
}

} // namespace optc::tokenizer
