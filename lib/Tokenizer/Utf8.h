//===- Utf8.h - characters of UTF-8 text ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reading and writing single characters. Text that is not valid never leads outside of it:
// the byte that does not fit is read as U+FFFD.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_UTF8_H
#define OPTC_TOKENIZER_UTF8_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace optc::tokenizer {

constexpr uint32_t replacementCharacter = 0xfffd;

inline bool isContinuation(char byte) { return (uint8_t(byte) & 0xc0) == 0x80; }

/// What the beginning of a text is.
struct Utf8Start {
  uint32_t code = replacementCharacter; ///< if valid
  unsigned size = 0; ///< bytes; if not valid, those that belong together (at least 1)
  bool valid = false;
  bool cutOff = false; ///< not valid, but could become so with more bytes
};

/// The character of two to four bytes at the beginning of a text that is not empty: shortest
/// form, no surrogate, at most U+10FFFF. `size` of what is not valid is the maximal part of a
/// character, which one U+FFFD stands for.
inline Utf8Start utf8Start(std::string_view text) {
  auto byteAt = [&](size_t i) { return uint8_t(text[i]); };
  uint8_t first = byteAt(0);
  if (first < 0x80)
    return {first, 1, true, false};
  unsigned size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4)
    return {replacementCharacter, 1, false, false};
  // The second byte rules out long forms, surrogates, and what is beyond U+10FFFF.
  uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  uint32_t code = first & (0x7fU >> size);
  for (unsigned i = 1; i < size; ++i) {
    if (i >= text.size())
      return {replacementCharacter, i, false, true};
    if (byteAt(i) < low || byteAt(i) > high)
      return {replacementCharacter, i, false, false};
    code = code << 6 | (byteAt(i) & 0x3fU);
    low = 0x80;
    high = 0xbf;
  }
  return {code, size, true, false};
}

/// The character at `at` (less than the size of the text), and its size in bytes.
inline unsigned characterAt(std::string_view text, size_t at, uint32_t &code) {
  if (uint8_t(text[at]) < 0x80) {
    code = uint8_t(text[at]);
    return 1;
  }
  Utf8Start start = utf8Start(text.substr(at));
  code = start.code;
  return start.valid ? start.size : 1;
}

/// Where the character in front of `at` begins; at > 0.
inline size_t previousCharacter(std::string_view text, size_t at) {
  size_t begin = at - 1;
  for (int i = 0; i < 3 && begin > 0 && isContinuation(text[begin]); ++i)
    --begin;
  uint32_t code;
  return begin + characterAt(text, begin, code) == at ? begin : at - 1;
}

inline void appendCharacter(std::string &out, uint32_t code) {
  if (code < 0x80) {
    out += char(code);
  } else if (code < 0x800) {
    out += {char(0xc0 | code >> 6), char(0x80 | (code & 0x3f))};
  } else if (code < 0x10000) {
    out += {char(0xe0 | code >> 12), char(0x80 | (code >> 6 & 0x3f)), char(0x80 | (code & 0x3f))};
  } else {
    out += {char(0xf0 | code >> 18), char(0x80 | (code >> 12 & 0x3f)),
            char(0x80 | (code >> 6 & 0x3f)), char(0x80 | (code & 0x3f))};
  }
}

/// The first byte that is not part of a valid character, or the size of the text.
inline size_t validPrefix(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    if (uint8_t(text[at]) < 0x80) {
      ++at;
      continue;
    }
    Utf8Start start = utf8Start(text.substr(at));
    if (!start.valid)
      return at;
    at += start.size;
  }
  return at;
}

/// The number of characters.
inline size_t characterCount(std::string_view text) {
  size_t count = 0;
  for (char byte : text)
    count += !isContinuation(byte);
  return count;
}

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_UTF8_H
