//===- Image.cpp - the binary form of a tokenizer ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads and checks an image: sizes and offsets of sections, ids and indices in tables and steps,
// and that every hash table has an empty slot, which ends each search.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Image.h"

#include "lib/Support/Crc32.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace optc::tokenizer {

static Error damaged(const std::string &what) {
  return Error(E6010, "the tokenizer of the artifact is damaged: " + what);
}

namespace {
/// Reads a Description; after the first byte that is missing it reads zeros and is not `good`.
struct Reader {
  const uint8_t *at, *end;
  bool good = true;

  template <class Integer> void number(Integer &value) {
    uint64_t read = 0;
    if (size_t(end - at) < sizeof(Integer)) {
      good = false;
      at = end;
    } else {
      for (size_t i = 0; i < sizeof(Integer); ++i)
        read |= uint64_t(*at++) << (8 * i);
    }
    value = Integer(read);
  }
  /// A number of elements, which have at least one byte each.
  uint32_t count() {
    uint32_t value;
    number(value);
    if (value > size_t(end - at)) {
      good = false;
      at = end;
      return 0;
    }
    return value;
  }
  void text(std::string &value) {
    uint32_t size = count();
    value.assign(reinterpret_cast<const char *>(at), size);
    at += size;
  }
  template <class Element, class Function> void list(std::vector<Element> &elements, Function one) {
    // Elements are read one by one: a damaged number costs no memory.
    elements.clear();
    for (uint32_t i = 0, size = count(); i < size && good; ++i) {
      elements.emplace_back();
      one(elements.back());
    }
  }
};

/// Takes sections out of an image whose header has been checked.
struct Sections {
  const uint8_t *data;
  size_t size;
  const char *wrong = nullptr;

  template <class T> void take(Section section, Span<T> &span) {
    uint64_t bounds[2];
    std::memcpy(bounds, data + 24 + 16 * size_t(section), sizeof(bounds));
    if (bounds[0] % 8 || bounds[0] > size || bounds[1] > size - bounds[0] || bounds[1] % sizeof(T))
      wrong = "a section lies outside of it";
    else
      span = {reinterpret_cast<const T *>(data + bounds[0]), size_t(bounds[1] / sizeof(T))};
  }
};
} // namespace

static constexpr size_t headerSize = 24 + 16 * SectionCount;

Error Image::open(const void *data, size_t size) {
  const uint8_t *bytes = static_cast<const uint8_t *>(data);
  if (size < headerSize || std::memcmp(bytes, imageMagic, sizeof(imageMagic)) != 0)
    return damaged("it does not begin as one");
  if (reinterpret_cast<uintptr_t>(bytes) % 8)
    return damaged("it does not lie at a multiple of eight");
  uint32_t version, crc;
  uint64_t stated;
  std::memcpy(&version, bytes + 8, 4);
  std::memcpy(&crc, bytes + 12, 4);
  std::memcpy(&stated, bytes + 16, 8);
  if (version != imageVersion)
    return Error(E6006, "the tokenizer of the artifact has version " + std::to_string(version) +
                            ", this runtime reads " + std::to_string(imageVersion));
  if (stated != size)
    return damaged("it has another size than it says");
  if (crc32(0, bytes + 16, size - 16) != crc)
    return damaged("its checksum is wrong");
  Sections sections = {bytes, size};
  Span<uint8_t> described;
  sections.take(DescriptionSection, described);
  sections.take(TokenEnds, tokenEnds);
  sections.take(TokenTexts, tokenTexts);
  sections.take(TokenKinds, tokenKinds);
  sections.take(TokenSlots, tokenSlots);
  sections.take(Merges, merges);
  sections.take(MergeSlots, mergeSlots);
  sections.take(Scores, scores);
  sections.take(TrieNodes, trieNodes);
  sections.take(TrieLabels, trieLabels);
  sections.take(CharsmapUnits, charsmapUnits);
  sections.take(CharsmapTexts, charsmapTexts);
  if (sections.wrong)
    return damaged(sections.wrong);
  Reader reader = {described.begin(), described.end()};
  transfer(reader, description);
  if (!reader.good || reader.at != reader.end)
    return damaged("its description ends too early or too late");
  if (Error error = checkTables())
    return error;
  if (Error error = checkTrie())
    return error;
  if (Error error = checkPatterns())
    return error;
  return checkDescription();
}

/// A power of two of slots, all below `count`, one of them empty.
static bool isHashTable(Span<uint32_t> slots, size_t count) {
  if (slots.size == 0 || (slots.size & (slots.size - 1)))
    return false;
  bool hasEmpty = false, good = true;
  for (uint32_t value : slots) {
    hasEmpty |= value == absent;
    good &= value < count || value == absent;
  }
  return hasEmpty && good;
}

Error Image::checkTables() const {
  size_t count = description.vocabularySize;
  if (tokenEnds.size != count || tokenKinds.size != count || count >= absent)
    return damaged("the tables of tokens have different sizes");
  uint32_t last = 0;
  bool good = true;
  for (uint32_t end : tokenEnds) {
    good &= end >= last;
    last = end;
  }
  if (!good || last != tokenTexts.size)
    return damaged("texts of tokens lie outside of it");
  if (!isHashTable(tokenSlots, count))
    return damaged("the hash table of tokens");
  if (!isHashTable(mergeSlots, merges.size))
    return damaged("the hash table of merges");
  for (const Merge &merge : merges)
    good &= merge.left < count && merge.right < count && merge.result < count;
  if (!good)
    return damaged("a merge of tokens that do not exist");
  bool scored = description.model.kind == ModelDescription::Unigram;
  return scores.size == (scored ? count : 0) ? Error() : damaged("the scores of tokens");
}

Error Image::checkTrie() const {
  size_t count = trieNodes.size;
  bool needed = description.model.kind == ModelDescription::Unigram ||
                description.model.kind == ModelDescription::WordPiece;
  if (trieLabels.size != count || needed != (count > 0))
    return damaged("the size of the trie");
  uint32_t last = 0;
  bool good = true;
  for (const TrieNode &node : trieNodes) {
    good &= node.firstChild >= last && node.firstChild <= count &&
            (node.token == absent || node.token < description.vocabularySize);
    last = node.firstChild;
  }
  return good ? Error() : damaged("the nodes of the trie");
}

/// `sets`: their number.
static bool isSound(const Program &program, size_t sets) {
  size_t count = program.code.size();
  if (!count || program.code.back().operation != Instruction::End)
    return false;
  auto isSet = [&](uint16_t set) { return set < sets; };
  auto isSetOrNone = [&](uint16_t set) { return set == Instruction::noSet || set < sets; };
  auto one = [&](const Instruction &it) {
    switch (it.operation) {
    case Instruction::Set:
    case Instruction::Behind:
    case Instruction::WordEdge:
      return isSet(it.set);
    case Instruction::Repeat:
      return isSet(it.set) && it.a <= it.b && it.mode <= Instruction::Possessive;
    case Instruction::Split:
      return it.a < count && it.b < count && isSetOrNone(it.set);
    case Instruction::Jump:
      return it.a < count;
    case Instruction::Look:
      return it.a < count && it.mode <= Instruction::Atomic;
    default:
      return it.operation < Instruction::Count;
    }
  };
  return isSetOrNone(program.first) && std::all_of(program.code.begin(), program.code.end(), one);
}

Error Image::checkPatterns() const {
  const auto &sets = description.sets;
  for (const std::vector<uint32_t> &set : sets)
    if (set.size() % 2 || !std::is_sorted(set.begin(), set.end()) ||
        (!set.empty() && set.back() > 0x10ffff))
      return damaged("a set of characters");
  for (const Program &program : description.patterns)
    if (!isSound(program, sets.size()))
      return damaged("the instructions of a pattern");
  if (sets.size() >= Instruction::noSet ||
      (description.wordSet != absent && description.wordSet >= sets.size()))
    return damaged("the number of sets of characters");
  return Error();
}

Error Image::checkDescription() const {
  const Description &it = description;
  auto isToken = [&](uint32_t id) { return id < it.vocabularySize; };
  auto hasPattern = [&](uint32_t index) { return index < it.patterns.size(); };
  bool good = it.model.kind < ModelDescription::Count &&
              (it.model.flags & ~unsigned(ModelDescription::All)) == 0 &&
              (it.model.unknown == absent || isToken(it.model.unknown));
  bool fallback = it.model.flags & ModelDescription::ByteFallback;
  good &= it.model.byteIds.size() == (fallback ? 256U : 0U);
  for (uint32_t id : it.model.byteIds)
    good &= id == absent || isToken(id);
  if (!good)
    return damaged("its model");
  for (const NormalizerStep &step : it.normalizer) {
    bool matches = step.kind == NormalizerStep::Replace || step.kind == NormalizerStep::Surround;
    good &= step.kind < NormalizerStep::Count && (!matches || hasPattern(step.pattern)) &&
            (step.kind != NormalizerStep::Charsmap || charsmapUnits.size);
  }
  for (const SplitStep &step : it.splits)
    good &= step.kind < SplitStep::Count && step.behaviour < SplitStep::BehaviourCount &&
            (step.kind != SplitStep::Pattern || hasPattern(step.pattern)) &&
            (step.kind != SplitStep::Metaspace || !step.text.empty());
  for (const DecoderStep &step : it.decoder)
    good &= step.kind < DecoderStep::Count &&
            (step.kind != DecoderStep::Replace || hasPattern(step.pattern));
  good &= std::all_of(it.before.begin(), it.before.end(), isToken) &&
          std::all_of(it.after.begin(), it.after.end(), isToken);
  for (const AddedToken &token : it.added)
    good &= isToken(token.id) && !token.content.empty() &&
            (!(token.flags & AddedToken::SingleWord) || it.wordSet != absent);
  return good ? Error() : damaged("one of its steps");
}

} // namespace optc::tokenizer
