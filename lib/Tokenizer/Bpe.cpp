//===- Bpe.cpp - byte pair encoding --------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The algorithm of Bpe.h over a list of symbols that are linked by index.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Bpe.h"

#include "lib/Tokenizer/ByteAlphabet.h"

#include <algorithm>
#include <functional>

namespace optc::tokenizer {

/// Words of up to so many symbols are merged without a heap.
static constexpr size_t shortWord = 24;

Bpe::Bpe(const Image &image, bool bytes)
    : image(image), model(image.description.model), bytes(bytes), alphabet(byteAlphabet()) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::string text;
    appendCharacter(text, bytes ? alphabet[byte] : byte);
    ids[byte] = image.modelToken(text);
  }
}

/// Characters without a token are put off: several in a row may be one unknown token.
struct Bpe::Unknown {
  bool pending = false;
};

void Bpe::addSymbol(uint32_t id, Scratch &scratch) const {
  scratch.symbols.push_back({id, absent, 0, 0});
}

/// A character without a token: its bytes' tokens, or the unknown token, or nothing.
void Bpe::addMissing(std::string_view text, Unknown &unknown, Scratch &scratch) const {
  if (model.flags & ModelDescription::ByteFallback) {
    auto known = [&](char byte) { return model.byteIds[uint8_t(byte)] != absent; };
    if (std::all_of(text.begin(), text.end(), known)) {
      for (char byte : text)
        addSymbol(model.byteIds[uint8_t(byte)], scratch);
      return;
    }
  }
  if (model.unknown == absent)
    return;
  if (unknown.pending && !(model.flags & ModelDescription::FuseUnknown))
    addSymbol(model.unknown, scratch);
  unknown.pending = true;
}

void Bpe::split(std::string_view word, Scratch &scratch) const {
  Unknown unknown;
  bool plain = model.prefix.empty() && model.suffix.empty();
  for (size_t at = 0; at < word.size();) {
    uint32_t code;
    unsigned size = characterAt(word, at, code);
    std::string_view text = word.substr(at, size);
    if (!plain) {
      scratch.text = at ? model.prefix : std::string();
      scratch.text += text;
      if (at + size == word.size())
        scratch.text += model.suffix;
      text = scratch.text;
    }
    at += size;
    uint32_t id = plain && code < 0x80 ? ids[code] : image.modelToken(text);
    if (id == absent) {
      addMissing(text, unknown, scratch);
      continue;
    }
    if (unknown.pending)
      addSymbol(model.unknown, scratch);
    unknown.pending = false;
    addSymbol(id, scratch);
  }
  if (unknown.pending)
    addSymbol(model.unknown, scratch);
}

void Bpe::splitBytes(std::string_view word, Scratch &scratch) const {
  for (char byte : word)
    addSymbol(ids[uint8_t(byte)], scratch);
}

/// Neighbours and their ranks.
void Bpe::link(Scratch &scratch) const {
  std::vector<Scratch::Symbol> &symbols = scratch.symbols;
  for (uint32_t i = 0; i < symbols.size(); ++i) {
    symbols[i].previous = i ? i - 1 : absent;
    bool last = i + 1 == symbols.size();
    symbols[i].next = last ? absent : i + 1;
    symbols[i].rank = last ? absent : image.mergeOf(symbols[i].id, symbols[i + 1].id);
  }
}

/// Joins a symbol with the next one, which then has the id `absent`.
void Bpe::join(Scratch &scratch, uint32_t at) const {
  std::vector<Scratch::Symbol> &symbols = scratch.symbols;
  Scratch::Symbol &left = symbols[at];
  Scratch::Symbol &right = symbols[left.next];
  left.id = image.merges[left.rank].result;
  left.next = right.next;
  right.id = absent;
  right.rank = absent;
  if (left.next != absent)
    symbols[left.next].previous = at;
  left.rank = left.next == absent ? absent : image.mergeOf(left.id, symbols[left.next].id);
  if (left.previous != absent) {
    Scratch::Symbol &before = symbols[left.previous];
    before.rank = image.mergeOf(before.id, left.id);
  }
}

void Bpe::mergeShort(Scratch &scratch) const {
  for (;;) {
    uint32_t best = absent, at = 0;
    for (uint32_t i = 0; i != absent; i = scratch.symbols[i].next)
      if (scratch.symbols[i].rank < best) {
        best = scratch.symbols[i].rank;
        at = i;
      }
    if (best == absent)
      return;
    join(scratch, at);
  }
}

void Bpe::mergeLong(Scratch &scratch) const {
  // Rank in the upper half, place in the lower one: the smallest is the next to be merged.
  std::vector<uint64_t> &heap = scratch.heap;
  auto order = std::greater<uint64_t>();
  auto entry = [&](uint32_t at) { return uint64_t(scratch.symbols[at].rank) << 32 | at; };
  heap.clear();
  for (uint32_t i = 0; i < scratch.symbols.size(); ++i)
    if (scratch.symbols[i].rank != absent)
      heap.push_back(entry(i));
  std::make_heap(heap.begin(), heap.end(), order);
  auto push = [&](uint32_t at) {
    if (at == absent || scratch.symbols[at].rank == absent)
      return;
    heap.push_back(entry(at));
    std::push_heap(heap.begin(), heap.end(), order);
  };
  while (!heap.empty()) {
    uint64_t top = heap.front();
    std::pop_heap(heap.begin(), heap.end(), order);
    heap.pop_back();
    uint32_t at = uint32_t(top);
    if (scratch.symbols[at].rank != top >> 32)
      continue;
    join(scratch, at);
    push(at);
    push(scratch.symbols[at].previous);
  }
}

Error Bpe::encode(std::string_view word, std::vector<uint32_t> &out, Scratch &scratch) const {
  if (word.size() >= absent)
    return Error(E7015, "a word of the text is longer than 4 GB");
  if (model.flags & ModelDescription::IgnoreMerges) {
    std::string_view text = word;
    if (bytes) {
      scratch.text.clear();
      for (char byte : word)
        appendCharacter(scratch.text, alphabet[uint8_t(byte)]);
      text = scratch.text;
    }
    uint32_t id = image.modelToken(text);
    if (id != absent) {
      out.push_back(id);
      return Error();
    }
  }
  scratch.symbols.clear();
  if (bytes)
    splitBytes(word, scratch);
  else
    split(word, scratch);
  if (scratch.symbols.empty())
    return Error();
  link(scratch);
  if (scratch.symbols.size() <= shortWord)
    mergeShort(scratch);
  else
    mergeLong(scratch);
  for (uint32_t i = 0; i != absent; i = scratch.symbols[i].next)
    out.push_back(scratch.symbols[i].id);
  return Error();
}

} // namespace optc::tokenizer
