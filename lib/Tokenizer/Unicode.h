//===- Unicode.h - normal forms, lower case, grapheme clusters -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What normalizers need to know of characters. The tables are those the package `tokenizers` works
// by (tools/dev/unicode.py); sets of characters that only patterns need are in the image.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_UNICODE_H
#define OPTC_TOKENIZER_UNICODE_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace optc::tokenizer {

/// `text` in a normal form: decomposed or composed, by canonical or also by compatible forms.
std::string normalForm(std::string_view text, bool compatible, bool composed);

/// Every character in lower case, without regard to its neighbours.
std::string lowerCase(std::string_view text);

/// The end of the extended grapheme cluster that begins at `at`, which is less than the size.
size_t graphemeEnd(std::string_view text, size_t at);

/// White_Space of Unicode, which has not changed for a decade.
inline bool isWhiteSpace(uint32_t code) {
  return (code >= 9 && code <= 13) || code == 0x20 || code == 0x85 || code == 0xa0 ||
         code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 || code == 0x2029 ||
         code == 0x202f || code == 0x205f || code == 0x3000;
}

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_UNICODE_H
