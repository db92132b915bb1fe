//===- Pattern.h - a pattern as a tree -----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of Oniguruma's syntax (that of Ruby) that patterns of tokenizers use, read into a tree.
// What is not known is refused with its place in the pattern.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_IMPORT_PATTERN_H
#define OPTC_TOKENIZER_IMPORT_PATTERN_H

#include "lib/Tokenizer/Description.h"
#include "lib/Tokenizer/Import/CharacterRanges.h"

#include <string>
#include <string_view>
#include <vector>

namespace optc::tokenizer {

struct PatternNode {
  enum Kind { Character, Set, Concatenation, Alternation, Repetition, Look, Behind, Assertion };
  Kind kind = Concatenation;
  uint32_t code = 0;                 ///< Character
  CharacterRanges set;               ///< Set, Behind, Assertion of a word's edge
  uint8_t mode = 0;                  ///< Repetition, Look, Behind, Assertion: Instruction::mode
  uint32_t least = 0, most = absent; ///< Repetition; absent is without limit
  Instruction::Operation operation = Instruction::End; ///< Assertion
  std::vector<PatternNode> children;
};

/// On failure returns false and says in `why` what is not supported, or wrong.
bool parsePattern(std::string_view text, PatternNode &node, std::string &why);

/// A pattern of exactly these characters.
PatternNode literalPattern(std::string_view text);
PatternNode setPattern(CharacterRanges set);

/// Translates a tree; sets are added to `sets` unless they are there. False and `why` if the
/// pattern can match nothing or is too large.
bool compilePattern(const PatternNode &node, std::vector<std::vector<uint32_t>> &sets,
                    Program &program, std::string &why);

/// The index of a set in `sets`, where it is added unless it is there.
uint16_t indexOfSet(const CharacterRanges &set, std::vector<std::vector<uint32_t>> &sets);

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_IMPORT_PATTERN_H
