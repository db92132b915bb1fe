//===- ImageWriter.cpp - what an image is made of ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lays out the sections of Image.h: hash tables are filled in the order of ids and ranks, the later
// of equal keys counts, as it does where a map is filled in that order.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Import/ImageWriter.h"

#include "lib/Support/Crc32.h"
#include "lib/Tokenizer/Trie.h"

#include <cstring>

namespace optc::tokenizer {

namespace {
/// Appends what `transfer` gives it.
struct Writer {
  std::string bytes;

  template <class Integer> void number(Integer value) {
    for (size_t i = 0; i < sizeof(Integer); ++i)
      bytes += char(uint64_t(value) >> (8 * i));
  }
  void text(const std::string &value) {
    number(uint32_t(value.size()));
    bytes += value;
  }
  template <class Element, class Function> void list(std::vector<Element> &elements, Function one) {
    number(uint32_t(elements.size()));
    for (Element &element : elements)
      one(element);
  }
};

struct Layout {
  std::string body;
  uint64_t bounds[SectionCount][2] = {};
  static constexpr size_t headerSize = 24 + sizeof(bounds);

  void add(Section section, const void *data, size_t size) {
    body.resize((body.size() + 7) / 8 * 8);
    bounds[section][0] = headerSize + body.size();
    bounds[section][1] = size;
    if (size)
      body.append(static_cast<const char *>(data), size);
  }
  template <class T> void add(Section section, const std::vector<T> &elements) {
    add(section, elements.data(), elements.size() * sizeof(T));
  }
  std::string whole() const {
    Writer header;
    header.number(uint64_t(headerSize + body.size()));
    for (const auto &pair : bounds) {
      header.number(pair[0]);
      header.number(pair[1]);
    }
    Writer start;
    start.bytes.assign(imageMagic, sizeof(imageMagic));
    start.number(imageVersion);
    uint32_t crc = crc32(0, header.bytes.data(), header.bytes.size());
    start.number(crc32(crc, body.data(), body.size()));
    return start.bytes + header.bytes + body;
  }
};
} // namespace

/// Slots of which at least a third is empty.
static std::vector<uint32_t> emptySlots(size_t count) {
  size_t size = 4;
  while (size < count + count / 2)
    size *= 2;
  return std::vector<uint32_t>(size, absent);
}

/// Puts a key into its slot, or into that of an equal key.
template <class Equal>
static void insert(std::vector<uint32_t> &slots, uint32_t hash, uint32_t value, Equal equal) {
  size_t mask = slots.size() - 1, slot = hash & mask;
  while (slots[slot] != absent && !equal(slots[slot]))
    slot = (slot + 1) & mask;
  slots[slot] = value;
}

static std::vector<uint32_t> tokenSlots(const ImageContents &contents) {
  std::vector<uint32_t> slots = emptySlots(contents.texts.size());
  for (uint32_t id = 0; id < contents.texts.size(); ++id)
    if (contents.kinds[id] == ModelToken)
      insert(slots, hashOf(contents.texts[id]), id,
             [&](uint32_t other) { return contents.texts[other] == contents.texts[id]; });
  return slots;
}

static std::vector<uint32_t> mergeSlots(const std::vector<Merge> &merges) {
  std::vector<uint32_t> slots = emptySlots(merges.size());
  for (uint32_t rank = 0; rank < merges.size(); ++rank) {
    const Merge &merge = merges[rank];
    insert(slots, hashOf(merge.left, merge.right), rank, [&](uint32_t other) {
      return merges[other].left == merge.left && merges[other].right == merge.right;
    });
  }
  return slots;
}

static void addTrie(const ImageContents &contents, Layout &layout) {
  uint8_t kind = contents.description.model.kind;
  bool needed = kind == ModelDescription::Unigram || kind == ModelDescription::WordPiece;
  std::vector<std::pair<std::string_view, uint32_t>> tokens;
  for (uint32_t id = 0; needed && id < contents.texts.size(); ++id)
    if (contents.kinds[id] == ModelToken && !contents.texts[id].empty())
      tokens.emplace_back(contents.texts[id], id);
  if (!needed) {
    layout.add(TrieNodes, nullptr, 0);
    layout.add(TrieLabels, nullptr, 0);
    return;
  }
  TrieArrays arrays(std::move(tokens));
  layout.add(TrieNodes, arrays.nodes);
  layout.add(TrieLabels, arrays.labels);
}

std::string writeImage(const ImageContents &contents) {
  Layout layout;
  Writer description;
  Description copy = contents.description;
  transfer(description, copy);
  layout.add(DescriptionSection, description.bytes.data(), description.bytes.size());
  std::string texts;
  std::vector<uint32_t> ends;
  for (const std::string &text : contents.texts) {
    texts += text;
    ends.push_back(uint32_t(texts.size()));
  }
  layout.add(TokenEnds, ends);
  layout.add(TokenTexts, texts.data(), texts.size());
  layout.add(TokenKinds, contents.kinds);
  layout.add(TokenSlots, tokenSlots(contents));
  layout.add(Merges, contents.merges);
  layout.add(MergeSlots, mergeSlots(contents.merges));
  layout.add(Scores, contents.scores);
  addTrie(contents, layout);
  layout.add(CharsmapUnits, contents.charsmapUnits);
  layout.add(CharsmapTexts, contents.charsmapTexts.data(), contents.charsmapTexts.size());
  return layout.whole();
}

} // namespace optc::tokenizer
