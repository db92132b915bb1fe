//===- Splitter.cpp - text cut into words --------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pre-tokenizer steps. What lies between matches is a part like a match; the behaviour decides
// which parts are joined or left out.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Splitter.h"

#include "lib/Tokenizer/ByteAlphabet.h"
#include "lib/Tokenizer/Normalizer.h"

#include <algorithm>

namespace optc::tokenizer {

Error Splitter::run(Pieces &pieces) const {
  for (const SplitStep &it : steps) {
    if (it.kind == SplitStep::Pattern) {
      if (Error error = cut(it, pieces))
        return error;
    } else if (it.kind == SplitStep::Metaspace) {
      metaspace(it, pieces);
    } else {
      bytes(it, it.flags & SplitStep::Map && !(keepBytes && &it == &steps.back()), pieces);
    }
  }
  return Error();
}

namespace {
/// Parts of one piece in order, joined by a behaviour.
struct Parts {
  std::vector<Pieces::Piece> &out;
  size_t start; ///< of this piece's parts in `out`
  SplitStep::Behaviour behaviour;
  bool previous = false;

  void add(size_t begin, size_t end, bool first, bool isMatch) {
    bool hasOne = out.size() > start;
    bool join = false;
    switch (behaviour) {
    case SplitStep::Removed:
      if (isMatch)
        return;
      break;
    case SplitStep::Contiguous:
      join = hasOne && isMatch == previous;
      break;
    case SplitStep::MergedWithPrevious:
      join = hasOne && isMatch && !previous;
      break;
    case SplitStep::MergedWithNext: // a match that none followed yet takes the next one
      join = hasOne && !isMatch && previous;
      break;
    default:
      break;
    }
    previous = isMatch;
    if (join)
      out.back().end = end;
    else
      out.push_back({begin, end, first});
  }
};
} // namespace

Error Splitter::cut(const SplitStep &it, Pieces &pieces) const {
  const Regex &pattern = patterns[it.pattern];
  bool invert = it.flags & SplitStep::Invert;
  std::vector<Pieces::Piece> out;
  out.reserve(pieces.pieces.size());
  for (const Pieces::Piece &piece : pieces.pieces) {
    std::string_view text = pieces.at(piece);
    Parts parts = {out, out.size(), SplitStep::Behaviour(it.behaviour)};
    auto add = [&](size_t begin, size_t end, bool isMatch) {
      if (end > begin)
        parts.add(piece.begin + begin, piece.begin + end, piece.first && begin == 0,
                  isMatch != invert);
    };
    size_t done = 0;
    Match match;
    Found found = Found::No;
    while (done < text.size() && (found = pattern.find(text, done, match)) == Found::Yes) {
      add(done, match.begin, false);
      add(match.begin, match.end, true);
      done = match.end;
    }
    if (found == Found::TooManySteps)
      return tooManySteps();
    add(done, text.size(), false);
  }
  pieces.pieces = std::move(out);
  return Error();
}

void Splitter::metaspace(const SplitStep &it, Pieces &pieces) const {
  Pieces out;
  out.text.reserve(pieces.text.size() + pieces.text.size() / 2 + it.text.size());
  for (const Pieces::Piece &piece : pieces.pieces) {
    std::string_view text = pieces.at(piece);
    size_t begin = out.text.size();
    bool has = text[0] == ' ' || text.substr(0, it.text.size()) == it.text;
    bool wanted =
        it.flags & SplitStep::InFront || (it.flags & SplitStep::InFrontFirst && piece.first);
    if (wanted && !has)
      out.text += it.text;
    for (char byte : text) {
      if (byte == ' ')
        out.text += it.text;
      else
        out.text += byte;
    }
    // Each replaced space begins a piece.
    size_t from = begin;
    bool first = piece.first;
    size_t next = it.flags & SplitStep::Cut ? out.text.find(it.text, begin) : out.text.npos;
    for (; next != out.text.npos; next = out.text.find(it.text, next + it.text.size())) {
      if (next == from)
        continue;
      out.pieces.push_back({from, next, first});
      first = false;
      from = next;
    }
    out.pieces.push_back({from, out.text.size(), first});
  }
  pieces = std::move(out);
}

void Splitter::bytes(const SplitStep &it, bool map, Pieces &pieces) const {
  bool inFront = it.flags & SplitStep::InFront;
  if (!map && !inFront)
    return;
  Pieces out;
  out.text.reserve(pieces.text.size() * 2);
  for (const Pieces::Piece &piece : pieces.pieces) {
    std::string_view text = pieces.at(piece);
    size_t begin = out.text.size();
    if (inFront && text[0] != ' ')
      out.text += map ? "\xc4\xa0" : " "; // U+0120, the character of a space
    if (map)
      appendAlphabet(out.text, text);
    else
      out.text += text;
    out.pieces.push_back({begin, out.text.size(), piece.first});
  }
  pieces = std::move(out);
}

} // namespace optc::tokenizer
