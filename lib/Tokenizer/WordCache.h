//===- WordCache.h - ids of words that came before -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Text repeats its words, and looking one up is many times faster than merging it. A table of fixed
// size: a word's place follows from its hash, and the last word that has it stays.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_WORDCACHE_H
#define OPTC_TOKENIZER_WORDCACHE_H

#include "lib/Tokenizer/Image.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

namespace optc::tokenizer {

class WordCache {
public:
  static constexpr size_t maxWord = 39, maxIds = 10;

  struct Entry {
    uint32_t hash = 0;
    uint8_t size = 0; ///< of the word; 0 for none
    uint8_t count = 0;
    char word[maxWord];
    uint32_t ids[maxIds];
  };

  static bool fits(std::string_view word) { return word.size() <= maxWord; }

  /// The place of words with this hash.
  Entry &entry(uint32_t hash) {
    if (entries.empty())
      entries.resize(count);
    return entries[hash & (count - 1)];
  }
  static bool has(const Entry &entry, std::string_view word, uint32_t hash) {
    return entry.hash == hash && entry.size == word.size() &&
           std::memcmp(entry.word, word.data(), word.size()) == 0;
  }
  static void put(Entry &entry, std::string_view word, uint32_t hash, const uint32_t *ids,
                  size_t count) {
    if (count > maxIds)
      return;
    entry.hash = hash;
    entry.size = uint8_t(word.size());
    entry.count = uint8_t(count);
    std::memcpy(entry.word, word.data(), word.size());
    std::copy(ids, ids + count, entry.ids);
  }

private:
  static constexpr size_t count = 1 << 14;
  std::vector<Entry> entries;
};

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_WORDCACHE_H
