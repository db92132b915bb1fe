//===- Regex.h - patterns of tokenizers ----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs a Program: what a backtracking engine of Oniguruma's kind finds, the first alternative that
// fits and not the longest one. Places to come back to are on a stack of its own, a repeated class
// is one entry of it, and the number of steps is bounded, so that no pattern and no text can take
// the stack or the time of the process.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_REGEX_H
#define OPTC_TOKENIZER_REGEX_H

#include "lib/Tokenizer/CharacterSet.h"
#include "lib/Tokenizer/Description.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace optc::tokenizer {

struct Match {
  size_t begin = 0, end = 0;
};

enum class Found { No, Yes, TooManySteps };

class Regex {
public:
  /// Both outlive the pattern, and are sound (Image::open).
  Regex(const Program &program, const std::vector<CharacterSet> &sets);

  /// The first match at or behind `from`. Matches are never empty.
  Found find(std::string_view text, size_t from, Match &match) const;

private:
  /// Where to go on after a failure: at `pc`, at `at`; or with one character less, down to `low`
  /// (a greedy repetition), or with one more of up to `more` (a lazy one).
  struct Choice {
    uint32_t pc;
    size_t at;
    size_t low;
    uint32_t more;
  };
  struct Run {
    std::string_view text;
    std::vector<Choice> choices;
    size_t steps;
    unsigned depth = 0;
  };
  Found matchAt(Run &run, size_t from, size_t &end) const;
  Found execute(Run &run, uint32_t pc, size_t at, size_t &end) const;
  bool resume(Run &run, size_t base, uint32_t &pc, size_t &at) const;
  bool repeat(Run &run, const Instruction &it, uint32_t pc, size_t &at) const;
  bool one(const Instruction &it, std::string_view text, size_t &at) const;
  bool asserts(const Instruction &it, std::string_view text, size_t at) const;
  size_t skipToFirst(std::string_view text, size_t at) const;
  Found findLiteral(std::string_view text, size_t from, Match &match) const;

  const Program &program;
  const std::vector<CharacterSet> &sets;
  std::string literal;                ///< all of the pattern, if it is only characters
  const CharacterSet *only = nullptr; ///< all of the pattern, if it is only a set
};

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_REGEX_H
