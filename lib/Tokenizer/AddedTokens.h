//===- AddedTokens.h - tokens that are found before the model sees the text -===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds added tokens in a text: at each place the longest one. Those that are not to be normalized
// are looked for in the user's text, the others, in their normalized form, in normalized text: two
// of these objects.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_ADDEDTOKENS_H
#define OPTC_TOKENIZER_ADDEDTOKENS_H

#include "lib/Tokenizer/CharacterSet.h"
#include "lib/Tokenizer/Trie.h"

#include <string>
#include <string_view>
#include <vector>

namespace optc::tokenizer {

class AddedTokens {
public:
  struct Entry {
    std::string text;
    uint32_t id;
    uint8_t flags; ///< AddedToken::Flag
  };
  /// A part of a text: an added token, or what lies between (id is absent).
  struct Part {
    size_t begin, end;
    uint32_t id;
  };

  /// `word`: the characters of words, for tokens that are single words; may be null.
  AddedTokens(std::vector<Entry> entries, const CharacterSet *word);

  /// Appends the parts of a text that is not empty. `special`: special tokens count, too.
  void find(std::string_view text, bool special, std::vector<Part> &parts) const;

private:
  const Entry *longestAt(std::string_view text, size_t at) const;
  bool isWordAlone(std::string_view text, size_t begin, size_t end) const;

  std::vector<Entry> entries;
  const CharacterSet *word;
  TrieArrays arrays;
  Trie trie;
};

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_ADDEDTOKENS_H
