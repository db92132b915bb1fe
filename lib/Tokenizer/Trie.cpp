//===- Trie.cpp - tokens by their prefixes -------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Building a trie level by level from sorted strings.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Trie.h"

#include <algorithm>

namespace optc::tokenizer {

Trie::Trie(Span<TrieNode> nodes, Span<uint8_t> labels) : nodes(nodes), labels(labels) {
  if (!nodes.size)
    return;
  uint32_t end = nodes.size > 1 ? nodes[1].firstChild : 1;
  for (uint32_t child = std::max(nodes[0].firstChild, 1U); child < end; ++child)
    fromRoot[labels[child]] = child;
}

TrieArrays::TrieArrays(std::vector<std::pair<std::string_view, uint32_t>> tokens) {
  std::stable_sort(tokens.begin(), tokens.end(),
                   [](const auto &a, const auto &b) { return a.first < b.first; });
  struct Range {
    size_t begin, end; ///< the strings that begin with the node's
    size_t depth;
  };
  std::vector<Range> queue = {{0, tokens.size(), 0}};
  labels.push_back(0);
  for (size_t i = 0; i < queue.size(); ++i) {
    Range range = queue[i];
    TrieNode node = {uint32_t(queue.size()), absent};
    size_t at = range.begin;
    for (; at < range.end && tokens[at].first.size() == range.depth; ++at)
      node.token = tokens[at].second;
    while (at < range.end) {
      char label = tokens[at].first[range.depth];
      size_t begin = at;
      while (at < range.end && tokens[at].first[range.depth] == label)
        ++at;
      queue.push_back({begin, at, range.depth + 1});
      labels.push_back(uint8_t(label));
    }
    nodes.push_back(node);
  }
}

} // namespace optc::tokenizer
