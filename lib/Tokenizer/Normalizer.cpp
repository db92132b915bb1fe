//===- Normalizer.cpp - text before it is cut ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The steps, and SentencePiece's table of replacements: a double array trie (Darts) whose values
// are offsets of zero-terminated texts.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Normalizer.h"

#include "lib/Tokenizer/ByteAlphabet.h"
#include "lib/Tokenizer/Unicode.h"
#include "lib/Tokenizer/Utf8.h"

namespace optc::tokenizer {

Error tooManySteps() {
  return Error(E7015, "a pattern of the tokenizer takes too many steps on this text");
}

Error Normalizer::run(std::string &text, bool &first) const {
  bool atStart = first;
  for (const NormalizerStep &it : image.description.normalizer) {
    if (it.kind == NormalizerStep::Prepend && !text.empty())
      first = atStart;
    if (Error error = step(it, text, first))
      return error;
  }
  return Error();
}

Error Normalizer::step(const NormalizerStep &it, std::string &text, bool &first) const {
  switch (it.kind) {
  case NormalizerStep::CanonicalDecomposed:
    text = normalForm(text, false, false);
    break;
  case NormalizerStep::CanonicalComposed:
    text = normalForm(text, false, true);
    break;
  case NormalizerStep::CompatibleDecomposed:
    text = normalForm(text, true, false);
    break;
  case NormalizerStep::CompatibleComposed:
    text = normalForm(text, true, true);
    break;
  case NormalizerStep::LowerCase:
    text = lowerCase(text);
    break;
  case NormalizerStep::StripSpace:
    strip(it.flags, text, first);
    break;
  case NormalizerStep::Replace:
  case NormalizerStep::Surround:
    return replace(it, text, first);
  case NormalizerStep::Prepend:
    if (!text.empty())
      text.insert(0, it.text);
    break;
  case NormalizerStep::Charsmap:
    mapCharacters(text);
    break;
  default: { // Bytes
    std::string bytes;
    appendAlphabet(bytes, text);
    text = std::move(bytes);
  }
  }
  return Error();
}

Error Normalizer::replace(const NormalizerStep &it, std::string &text, bool &first) const {
  const Regex &pattern = patterns[it.pattern];
  std::string out;
  size_t done = 0;
  Match match;
  Found found;
  while ((found = pattern.find(text, done, match)) == Found::Yes) {
    if (out.empty() && done == 0)
      out.reserve(text.size() + text.size() / 4);
    out.append(text, done, match.begin - done);
    if (it.kind == NormalizerStep::Surround) {
      out += ' ';
      out.append(text, match.begin, match.end - match.begin);
      out += ' ';
    } else {
      uint32_t code;
      bool single = characterAt(text, match.begin, code) == match.end - match.begin;
      if (match.begin == 0 && (it.text.empty() || !single))
        first = false;
      out += it.text;
    }
    done = match.end;
  }
  if (found == Found::TooManySteps)
    return tooManySteps();
  if (done) {
    out.append(text, done);
    text = std::move(out);
  }
  return Error();
}

void Normalizer::strip(unsigned sides, std::string &text, bool &first) const {
  size_t begin = 0, end = text.size();
  uint32_t code;
  while (sides & 1 && begin < end) {
    unsigned size = characterAt(text, begin, code);
    if (!isWhiteSpace(code))
      break;
    begin += size;
  }
  while (sides & 2 && end > begin) {
    size_t last = previousCharacter(text, end);
    characterAt(text, last, code);
    if (!isWhiteSpace(code))
      break;
    end = last;
  }
  first &= begin == 0;
  text = text.substr(begin, end - begin);
}

// A unit of the double array: label in the low 8 bits (bit 31 marks a value), bit 8 says that a
// value is at the unit's offset, bits 10 to 30 are the offset, in steps of 256 where bit 9 is set.
static uint32_t offsetOf(uint32_t unit) { return (unit >> 10) << ((unit & (1U << 9)) >> 6); }

/// What the table says of the shortest beginning of `part` it knows, which stands for all of it, as
/// in the package `tokenizers`.
bool Normalizer::mapped(std::string_view part, std::string &out) const {
  Span<uint32_t> units = image.charsmapUnits;
  uint32_t node = offsetOf(units[0]);
  for (char byte : part) {
    if (byte == '\0')
      return false;
    node ^= uint8_t(byte);
    if (node >= units.size || (units[node] & (1U << 31 | 0xff)) != uint8_t(byte))
      return false;
    uint32_t unit = units[node];
    node ^= offsetOf(unit);
    if (!(unit >> 8 & 1))
      continue;
    if (node >= units.size)
      return false;
    size_t at = units[node] & ~(1U << 31);
    Span<char> texts = image.charsmapTexts;
    for (; at < texts.size && texts[at]; ++at)
      out += texts[at];
    return true;
  }
  return false;
}

void Normalizer::mapCharacters(std::string &text) const {
  constexpr size_t longest = 6; // of the clusters that are looked up as a whole, in bytes
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    size_t end = graphemeEnd(text, at);
    std::string_view cluster = std::string_view(text).substr(at, end - at);
    at = end;
    if (cluster.size() < longest && mapped(cluster, out))
      continue;
    for (size_t i = 0; i < cluster.size();) {
      uint32_t code;
      unsigned size = characterAt(cluster, i, code);
      std::string_view part = cluster.substr(i, size);
      if (!mapped(part, out))
        out += part;
      i += size;
    }
  }
  text = std::move(out);
}

} // namespace optc::tokenizer
