//===- ByteAlphabet.h - the printable characters of bytes ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// GPT-2's way to write bytes as text: printable ones of Latin-1 stand for themselves, the other 68
// are U+0100 and onwards, in order.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_BYTEALPHABET_H
#define OPTC_TOKENIZER_BYTEALPHABET_H

#include "lib/Tokenizer/Utf8.h"

#include <array>

namespace optc::tokenizer {

inline bool standsForItself(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

/// The character of each byte.
inline const std::array<uint16_t, 256> &byteAlphabet() {
  static const std::array<uint16_t, 256> alphabet = [] {
    std::array<uint16_t, 256> made = {};
    uint16_t next = 0x100;
    for (unsigned byte = 0; byte < 256; ++byte)
      made[byte] = standsForItself(byte) ? uint16_t(byte) : next++;
    return made;
  }();
  return alphabet;
}

/// The byte of a character, or -1.
inline int alphabetByte(uint32_t code) {
  static const std::array<int16_t, 0x144> bytes = [] {
    std::array<int16_t, 0x144> made;
    made.fill(-1);
    for (unsigned byte = 0; byte < 256; ++byte)
      made[byteAlphabet()[byte]] = int16_t(byte);
    return made;
  }();
  return code < bytes.size() ? bytes[code] : -1;
}

inline void appendAlphabet(std::string &out, std::string_view bytes) {
  for (char byte : bytes)
    appendCharacter(out, byteAlphabet()[uint8_t(byte)]);
}

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_BYTEALPHABET_H
