//===- AddedTokens.cpp - tokens that are found before the model sees the text -===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The search, and what tokens say of their neighbours: white space that they take along, and words
// that they must not be part of.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/AddedTokens.h"

#include "lib/Tokenizer/Unicode.h"
#include "lib/Tokenizer/Utf8.h"

#include <algorithm>

namespace optc::tokenizer {

static std::vector<std::pair<std::string_view, uint32_t>>
keysOf(const std::vector<AddedTokens::Entry> &entries) {
  std::vector<std::pair<std::string_view, uint32_t>> keys;
  for (size_t i = 0; i < entries.size(); ++i)
    if (!entries[i].text.empty())
      keys.emplace_back(entries[i].text, uint32_t(i));
  return keys;
}

AddedTokens::AddedTokens(std::vector<Entry> given, const CharacterSet *word)
    : entries(std::move(given)), word(word), arrays(keysOf(entries)), trie(arrays.view()) {}

const AddedTokens::Entry *AddedTokens::longestAt(std::string_view text, size_t at) const {
  const Entry *found = nullptr;
  uint32_t node = Trie::root;
  for (; at < text.size(); ++at) {
    node = trie.child(node, uint8_t(text[at]));
    if (node == Trie::none)
      break;
    if (trie.token(node) != absent)
      found = &entries[trie.token(node)];
  }
  return found;
}

bool AddedTokens::isWordAlone(std::string_view text, size_t begin, size_t end) const {
  auto isWord = [&](size_t at) {
    uint32_t code;
    characterAt(text, at, code);
    return word && word->has(code);
  };
  return (begin == 0 || !isWord(previousCharacter(text, begin))) &&
         (end == text.size() || !isWord(end));
}

static size_t spaceBefore(std::string_view text, size_t at) {
  while (at > 0) {
    size_t last = previousCharacter(text, at);
    uint32_t code;
    characterAt(text, last, code);
    if (!isWhiteSpace(code))
      break;
    at = last;
  }
  return at;
}

static size_t spaceBehind(std::string_view text, size_t at) {
  while (at < text.size()) {
    uint32_t code;
    unsigned size = characterAt(text, at, code);
    if (!isWhiteSpace(code))
      break;
    at += size;
  }
  return at;
}

void AddedTokens::find(std::string_view text, bool special, std::vector<Part> &parts) const {
  size_t done = 0;
  for (size_t at = 0; !entries.empty() && at < text.size();) {
    const Entry *entry = longestAt(text, at);
    if (!entry) {
      ++at;
      continue;
    }
    size_t begin = at, end = at + entry->text.size();
    at = end;
    if ((!special && entry->flags & AddedToken::Special) ||
        (entry->flags & AddedToken::SingleWord && !isWordAlone(text, begin, end)))
      continue;
    if (entry->flags & AddedToken::LeftStrip)
      begin = std::max(spaceBefore(text, begin), done);
    if (entry->flags & AddedToken::RightStrip)
      end = spaceBehind(text, end);
    if (done < begin)
      parts.push_back({done, begin, absent});
    parts.push_back({begin, end, entry->id});
    done = end;
  }
  if (done < text.size())
    parts.push_back({done, text.size(), absent});
}

} // namespace optc::tokenizer
