//===- PatternTest.cpp - patterns ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Matches of single patterns, refusals, and that work is bounded. The engine is compared with
// Oniguruma's in test/e2e/tokenizer.py.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Import/Pattern.h"
#include "lib/Tokenizer/Regex.h"

#include <chrono>
#include <gtest/gtest.h>

using namespace optc::tokenizer;

namespace {
struct Compiled {
  std::vector<std::vector<uint32_t>> sets;
  std::vector<CharacterSet> characters;
  Program program;
  std::string why;
  bool good;

  explicit Compiled(const std::string &pattern) {
    PatternNode node;
    good = parsePattern(pattern, node, why) && compilePattern(node, sets, program, why);
    for (const std::vector<uint32_t> &set : sets)
      characters.emplace_back(set);
  }
};
} // namespace

/// The matches in `text`, joined by '|'.
static std::string matches(const std::string &pattern, const std::string &text) {
  Compiled compiled(pattern);
  EXPECT_TRUE(compiled.good) << compiled.why;
  Regex regex(compiled.program, compiled.characters);
  std::string found;
  size_t from = 0;
  for (Match match; regex.find(text, from, match) == Found::Yes; from = match.end)
    found += (found.empty() ? "" : "|") + text.substr(match.begin, match.end - match.begin);
  return found;
}

static std::string refusal(const std::string &pattern) {
  Compiled compiled(pattern);
  return compiled.good ? "accepted" : compiled.why;
}

TEST(Pattern, alternativesInOrder) {
  EXPECT_EQ(matches("a|ab", "abab"), "a|a");
  EXPECT_EQ(matches("(?:ab|a)b?", "abba"), "abb|a");
  EXPECT_EQ(matches("x(?:ab|cd)+y", "xabcdy xy xcdy"), "xabcdy|xcdy");
}

TEST(Pattern, quantifiers) {
  EXPECT_EQ(matches("a{2,3}", "aaaaa"), "aaa|aa");
  EXPECT_EQ(matches("a{2,3}?", "aaaaa"), "aa|aa");
  EXPECT_EQ(matches("a+?b", "aab"), "aab");
  EXPECT_EQ(matches("a++ab", "aaab"), "");
  EXPECT_EQ(matches("a?+b|c", "abc"), "ab|c");
  EXPECT_EQ(matches("x(?:ab){1,2}", "xababab"), "xabab");
  EXPECT_EQ(matches("(?:ab)++a", "ababa"), "ababa");
  EXPECT_EQ(matches("a{,2}b", "aaab"), "aab");
  EXPECT_EQ(matches("a{b", "a{b"), "a{b");
}

TEST(Pattern, looksAndAnchors) {
  EXPECT_EQ(matches("\\s+(?!\\S)|\\s", "a   b "), "  | | ");
  EXPECT_EQ(matches("a(?=b)", "abac"), "a");
  EXPECT_EQ(matches("(?<=a)b|(?<!a)c", "abcac"), "b|c");
  EXPECT_EQ(matches("^.", "ab\ncd"), "a|c");
  EXPECT_EQ(matches(".$", "ab\ncd"), "b|d");
  EXPECT_EQ(matches("\\Aa|b\\z", "ab b"), "a|b");
  EXPECT_EQ(matches("\\b\\w+\\b", "ab, cd"), "ab|cd");
  EXPECT_EQ(matches("(?>a+|b)a|b", "aaab"), "b");
}

TEST(Pattern, classes) {
  EXPECT_EQ(matches("\\p{Lu}\\p{Ll}+", "Éa Жук AB"), "Éa|Жук");
  EXPECT_EQ(matches("[^\\s\\p{L}]+", "a1! b"), "1!");
  EXPECT_EQ(matches("[a-c&&[^b]]+", "abc"), "a|c");
  EXPECT_EQ(matches("[\\]\\-x]+", "a]-x"), "]-x");
  EXPECT_EQ(matches("[\U00020000-\U0002a6df]+", "中𠀀𪚥"), "𠀀𪚥");
  EXPECT_EQ(matches("(?i:'s|k)", "'S 'ſ K K"), "'S|'ſ|K|K");
}

TEST(Pattern, refusals) {
  EXPECT_NE(refusal("a*").find("match nothing"), std::string::npos);
  EXPECT_NE(refusal("(a").find("without ')'"), std::string::npos);
  EXPECT_NE(refusal("a)").find("without '('"), std::string::npos);
  EXPECT_NE(refusal("\\p{Nope}").find("'Nope'"), std::string::npos);
  EXPECT_NE(refusal("(?<n>a)").find("'(?<'"), std::string::npos);
  EXPECT_NE(refusal("a\\").find("backslash"), std::string::npos);
  EXPECT_NE(refusal("(?i:ss)").find("fold"), std::string::npos);
  EXPECT_NE(refusal("a{2000}").find("repetitions"), std::string::npos);
  EXPECT_NE(refusal("(?:(?:a{1,999}b){1,999}c){1,999}").find("too large"), std::string::npos);
  EXPECT_NE(refusal(std::string(1000, '(')).find("too deeply"), std::string::npos);
}

TEST(Pattern, boundedWork) {
  Compiled compiled("(?:a|aa|aaa)+b");
  Regex regex(compiled.program, compiled.characters);
  Match match;
  auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(regex.find(std::string(200, 'a'), 0, match), Found::TooManySteps);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
}
