//===- Trie.h - tokens by their prefixes ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A trie of byte strings in two flat arrays. Nodes are numbered level by level, so that the
// children of a node are in a row, by ascending label, and one number says where: from the node's
// first child to that of the next node. The root is node 0. Its 256 branches, the only ones that
// are many, are in a table of their own. Built by the importer, and at start for added tokens.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_TRIE_H
#define OPTC_TOKENIZER_TRIE_H

#include "lib/Tokenizer/Image.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace optc::tokenizer {

class Trie {
public:
  Trie() = default;
  /// Over arrays of an image, which outlive the trie.
  Trie(Span<TrieNode> nodes, Span<uint8_t> labels);

  static constexpr uint32_t root = 0, none = 0;

  /// The child, or `none`.
  uint32_t child(uint32_t node, uint8_t label) const {
    if (node == root)
      return fromRoot[label];
    uint32_t begin = nodes[node].firstChild;
    uint32_t end = node + 1 < nodes.size ? nodes[node + 1].firstChild : uint32_t(nodes.size);
    for (; begin < end; ++begin)
      if (labels[begin] >= label)
        return labels[begin] == label ? begin : none;
    return none;
  }
  /// The token that ends at a node, or absent.
  uint32_t token(uint32_t node) const { return nodes[node].token; }
  bool empty() const { return nodes.size == 0; }

  /// The node a string leads to, or `none`.
  uint32_t walk(std::string_view text) const {
    uint32_t node = root;
    for (char byte : text)
      if ((node = child(node, uint8_t(byte))) == none)
        return none;
    return node;
  }

private:
  Span<TrieNode> nodes;
  Span<uint8_t> labels;
  std::array<uint32_t, 256> fromRoot = {};
};

/// The arrays of a trie of these strings, which are sorted here; of equal ones the last counts.
struct TrieArrays {
  std::vector<TrieNode> nodes;
  std::vector<uint8_t> labels;

  explicit TrieArrays(std::vector<std::pair<std::string_view, uint32_t>> tokens);
  Trie view() const { return {{nodes.data(), nodes.size()}, {labels.data(), labels.size()}}; }
};

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_TRIE_H
