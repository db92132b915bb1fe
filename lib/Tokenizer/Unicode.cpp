//===- Unicode.cpp - normal forms, lower case, grapheme clusters ---------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Unicode Standard Annexes 15 and 29 over tables that are searched by halves. Text of ASCII, which
// is its own normal form, is not looked up.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Unicode.h"

#include "lib/Tokenizer/Utf8.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

namespace optc::tokenizer {

namespace {
#include "lib/Tokenizer/UnicodeTables.inc"
} // namespace

/// The row of `Width` numbers that begins with `key`, or null.
template <size_t Width, size_t Count>
static const uint32_t *rowOf(const uint32_t (&table)[Count], uint32_t key) {
  size_t low = 0, high = Count / Width;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (table[middle * Width] < key)
      low = middle + 1;
    else
      high = middle;
  }
  return low < Count / Width && table[low * Width] == key ? &table[low * Width] : nullptr;
}

/// The value of the range that holds `code`, or 0. Rows are first, last << 8 | value.
template <size_t Count> static uint8_t valueOf(const uint32_t (&table)[Count], uint32_t code) {
  size_t low = 0, high = Count / 2;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (table[middle * 2 + 1] >> 8 < code)
      low = middle + 1;
    else
      high = middle;
  }
  bool within = low < Count / 2 && table[low * 2] <= code;
  return within ? uint8_t(table[low * 2 + 1]) : 0;
}

// Hangul syllables are made of a leading consonant, a vowel and perhaps a trailing consonant.
static constexpr uint32_t syllables = 0xac00, leads = 0x1100, vowels = 0x1161, trails = 0x11a7;
static constexpr uint32_t leadCount = 19, vowelCount = 21, trailCount = 28;
static constexpr uint32_t syllableCount = leadCount * vowelCount * trailCount;

namespace {
struct Letter {
  uint32_t code;
  uint8_t order; ///< canonical combining class
};
} // namespace

static void decompose(uint32_t code, bool compatible, std::vector<Letter> &out) {
  if (code - syllables < syllableCount) {
    uint32_t index = code - syllables;
    out.push_back({leads + index / (vowelCount * trailCount), 0});
    out.push_back({vowels + index / trailCount % vowelCount, 0});
    if (index % trailCount)
      out.push_back({trails + index % trailCount, 0});
    return;
  }
  const uint32_t *row = compatible ? rowOf<2>(compatibleForms, code) : nullptr;
  if (!row)
    row = rowOf<2>(canonicalForms, code);
  if (!row) {
    out.push_back({code, valueOf(combiningClasses, code)});
    return;
  }
  for (uint32_t i = row[1] >> 5, end = i + (row[1] & 31); i < end; ++i)
    out.push_back({formPool[i], valueOf(combiningClasses, formPool[i])});
}

/// What the two compose to, or 0.
static uint32_t composed(uint32_t first, uint32_t second) {
  if (first - leads < leadCount && second - vowels < vowelCount)
    return syllables + ((first - leads) * vowelCount + second - vowels) * trailCount;
  if (first - syllables < syllableCount && (first - syllables) % trailCount == 0 &&
      second - trails - 1 < trailCount - 1)
    return first + second - trails;
  size_t low = 0, high = std::size(compositions) / 3;
  while (low < high) {
    size_t middle = (low + high) / 2;
    const uint32_t *row = &compositions[middle * 3];
    if (row[0] == first && row[1] == second)
      return row[2];
    if (row[0] < first || (row[0] == first && row[1] < second))
      low = middle + 1;
    else
      high = middle;
  }
  return 0;
}

/// Marks by ascending combining class between characters of class 0.
static void reorder(std::vector<Letter> &letters) {
  for (size_t i = 0; i < letters.size();) {
    size_t end = i;
    while (end < letters.size() && letters[end].order)
      ++end;
    if (end - i > 1)
      std::stable_sort(letters.begin() + std::ptrdiff_t(i), letters.begin() + std::ptrdiff_t(end),
                       [](const Letter &a, const Letter &b) { return a.order < b.order; });
    i = end + 1;
  }
}

/// Joins each mark that is not blocked with the last character of class 0.
static void compose(std::vector<Letter> &letters) {
  size_t starter = letters.size(), kept = 0;
  int last = -1; // class of what was kept behind the starter
  for (Letter letter : letters) {
    bool reachable = starter < kept && (last < int(letter.order) || last == -1);
    uint32_t joined = reachable ? composed(letters[starter].code, letter.code) : 0;
    if (joined) {
      letters[starter].code = joined;
      continue;
    }
    last = letter.order;
    if (!letter.order) {
      starter = kept;
      last = -1;
    }
    letters[kept++] = letter;
  }
  letters.resize(kept);
}

std::string normalForm(std::string_view text, bool compatible, bool composed) {
  auto isAscii = [](char c) { return uint8_t(c) < 0x80; };
  if (std::all_of(text.begin(), text.end(), isAscii))
    return std::string(text);
  std::vector<Letter> letters;
  letters.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    uint32_t code;
    at += characterAt(text, at, code);
    if (code < 0x80)
      letters.push_back({code, 0});
    else
      decompose(code, compatible, letters);
  }
  reorder(letters);
  if (composed)
    compose(letters);
  std::string out;
  out.reserve(text.size());
  for (Letter letter : letters)
    appendCharacter(out, letter.code);
  return out;
}

std::string lowerCase(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    uint32_t code;
    at += characterAt(text, at, code);
    if (code < 0x80) {
      out += char(code >= 'A' && code <= 'Z' ? code + 32 : code);
    } else if (code == 0x130) { // the only one that becomes two: i and a dot above
      out += "i\xcc\x87";
    } else {
      const uint32_t *row = rowOf<2>(lowerCaseForms, code);
      appendCharacter(out, row ? row[1] : code);
    }
  }
  return out;
}

static Break breakOf(uint32_t code, bool &leadsOnly) {
  leadsOnly = false;
  if (code - syllables < syllableCount) {
    // A syllable with a trailing consonant behaves as one, one without as a vowel.
    leadsOnly = true;
    return (code - syllables) % trailCount ? Break::T : Break::V;
  }
  return Break(valueOf(graphemeBreaks, code));
}

namespace {
/// What the rules need to know of the characters in front of a place.
struct Cluster {
  Break last;
  bool pictographic; ///< ends with a pictograph and extenders
  bool joined;       ///< ... and a ZWJ
  bool consonant;    ///< ends with a consonant, extenders and linkers
  bool linked;       ///< ... among them a linker
  bool oddFlags;     ///< ends with an odd number of regional indicators
};
} // namespace

static bool isControl(Break kind) { return kind == Break::Control; }
static bool extends(Break kind) {
  return kind == Break::Extend || kind == Break::ZWJ || kind == Break::Linker;
}

/// Rules GB3 to GB999 but those of CR LF. `syllable`: the next one is a whole Hangul syllable,
/// before which only leading consonants join.
static bool joins(const Cluster &before, Break next, bool syllable) {
  if (isControl(before.last) || isControl(next))
    return false;
  if (before.last == Break::L && (syllable || next == Break::L || next == Break::V))
    return true;
  if (!syllable && before.last == Break::V && (next == Break::V || next == Break::T))
    return true;
  if (!syllable && before.last == Break::T && next == Break::T)
    return true;
  if (extends(next) || next == Break::SpacingMark || before.last == Break::Prepend)
    return true;
  if (next == Break::Consonant && before.consonant && before.linked)
    return true;
  if (next == Break::Pictographic && before.pictographic && before.joined)
    return true;
  return next == Break::RegionalIndicator && before.oddFlags;
}

static void advance(Cluster &cluster, Break next) {
  cluster.joined = cluster.pictographic && next == Break::ZWJ;
  if (next == Break::Pictographic)
    cluster.pictographic = true;
  else if (!extends(next))
    cluster.pictographic = false;
  if (next == Break::Consonant) {
    cluster.consonant = true;
    cluster.linked = false;
  } else if (next == Break::Linker) {
    cluster.linked = cluster.consonant;
  } else if (!extends(next)) {
    cluster.consonant = cluster.linked = false;
  }
  cluster.oddFlags = next == Break::RegionalIndicator && !cluster.oddFlags;
  cluster.last = next;
}

size_t graphemeEnd(std::string_view text, size_t at) {
  if (text.substr(at, 2) == "\r\n")
    return at + 2;
  uint32_t code;
  bool syllable;
  at += characterAt(text, at, code);
  Cluster cluster = {};
  advance(cluster, breakOf(code, syllable));
  while (at < text.size()) {
    unsigned size = characterAt(text, at, code);
    Break next = breakOf(code, syllable);
    if (!joins(cluster, next, syllable))
      break;
    advance(cluster, next);
    at += size;
  }
  return at;
}

} // namespace optc::tokenizer
