//===- Image.h - the binary form of a tokenizer --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One block of bytes, little-endian, that is used where it lies: a header, then sections at
// multiples of eight. `Image` is the checked view of one; nothing behind it checks sizes, ids of
// tables or indices again.
//
//   header: "OPTCTOK\0", version u32, CRC-32 of all that follows the checksum u32, size u64,
//           Sections x (offset u64, size u64)
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_IMAGE_H
#define OPTC_TOKENIZER_IMAGE_H

#include "lib/Support/Errors.h"
#include "lib/Tokenizer/Description.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace optc::tokenizer {

constexpr char imageMagic[8] = {'O', 'P', 'T', 'C', 'T', 'O', 'K', '\0'};
constexpr uint32_t imageVersion = 1;

enum Section : uint32_t {
  DescriptionSection, ///< bytes of a Description
  TokenEnds,          ///< u32 of each id: where its text ends in TokenTexts
  TokenTexts,
  TokenKinds,    ///< u8 of each id: TokenKind
  TokenSlots,    ///< u32, a power of two of them: ids of the model's tokens by hash, or absent
  Merges,        ///< Merge by rank
  MergeSlots,    ///< u32, a power of two of them: ranks by hash, or absent
  Scores,        ///< f64 of each id of a Unigram model
  TrieNodes,     ///< TrieNode of each node, see Trie.h
  TrieLabels,    ///< u8 of each node
  CharsmapUnits, ///< u32 of the double array
  CharsmapTexts,
  SectionCount
};

/// Which tokens an id stands for: none, one of the model, one that was added.
enum TokenKind : uint8_t { NoToken = 0, ModelToken = 1, OtherToken = 2 };

struct Merge {
  uint32_t left, right, result;
};

struct TrieNode {
  uint32_t firstChild; ///< children are numbered in a row, up to the first child of the next node
  uint32_t token;      ///< id of the token that ends here, or absent
};

template <class T> struct Span {
  const T *data = nullptr;
  size_t size = 0;
  const T &operator[](size_t i) const { return data[i]; }
  const T *begin() const { return data; }
  const T *end() const { return data + size; }
};

/// The hash of token texts: FNV-1a, mixed.
inline uint32_t hashOf(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (char byte : text)
    hash = (hash ^ uint8_t(byte)) * 0x100000001b3;
  return uint32_t(hash ^ hash >> 32);
}
inline uint32_t hashOf(uint32_t left, uint32_t right) {
  uint64_t hash = (uint64_t(left) << 32 | right) * 0x9e3779b97f4a7c15;
  return uint32_t(hash >> 32);
}

class Image {
public:
  /// Checks everything; the bytes begin at a multiple of eight and outlive the image.
  Error open(const void *data, size_t size);

  Description description;
  Span<uint32_t> tokenEnds;
  Span<char> tokenTexts;
  Span<uint8_t> tokenKinds;
  Span<uint32_t> tokenSlots;
  Span<Merge> merges;
  Span<uint32_t> mergeSlots;
  Span<double> scores;
  Span<TrieNode> trieNodes;
  Span<uint8_t> trieLabels;
  Span<uint32_t> charsmapUnits;
  Span<char> charsmapTexts;

  /// The text of an id below the vocabulary's size.
  std::string_view textOf(uint32_t id) const {
    uint32_t begin = id ? tokenEnds[id - 1] : 0;
    return {tokenTexts.data + begin, tokenEnds[id] - begin};
  }
  /// The id of a token of the model, or absent.
  uint32_t modelToken(std::string_view text) const {
    size_t mask = tokenSlots.size - 1;
    for (size_t slot = hashOf(text) & mask;; slot = (slot + 1) & mask) {
      uint32_t id = tokenSlots[slot];
      if (id == absent || textOf(id) == text)
        return id;
    }
  }
  /// The rank of a merge, or absent.
  uint32_t mergeOf(uint32_t left, uint32_t right) const {
    size_t mask = mergeSlots.size - 1;
    for (size_t slot = hashOf(left, right) & mask;; slot = (slot + 1) & mask) {
      uint32_t rank = mergeSlots[slot];
      if (rank == absent || (merges[rank].left == left && merges[rank].right == right))
        return rank;
    }
  }

private:
  Error checkDescription() const;
  Error checkPatterns() const;
  Error checkTables() const;
  Error checkTrie() const;
};

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_IMAGE_H
