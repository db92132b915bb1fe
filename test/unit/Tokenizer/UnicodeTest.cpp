//===- UnicodeTest.cpp - characters --------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Normal forms, lower case and grapheme clusters where the rules have exceptions; all characters
// are compared in test/e2e/tokenizer.py.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Unicode.h"
#include "lib/Tokenizer/Utf8.h"

#include <gtest/gtest.h>

using namespace optc::tokenizer;

TEST(Unicode, normalForms) {
  EXPECT_EQ(normalForm("e\u0301", false, true), "\u00e9");
  EXPECT_EQ(normalForm("\u00e9", false, false), "e\u0301");
  EXPECT_EQ(normalForm("a\u0301\u0323", false, true),
            "\u1ea1\u0301");                                    // marks by class, the first joins
  EXPECT_EQ(normalForm("\u0344", false, true), "\u0308\u0301"); // never composed again
  EXPECT_EQ(normalForm("\u1112\u1161\u11ab", false, true), "\ud55c");
  EXPECT_EQ(normalForm("\ud55c", false, false), "\u1112\u1161\u11ab");
  EXPECT_EQ(normalForm("\ufb01\u00bd", true, true), "fi1\u20442");
  EXPECT_EQ(normalForm("\ufb01", false, true), "\ufb01");
  EXPECT_EQ(normalForm("plain", true, false), "plain");
  EXPECT_EQ(normalForm("", true, true), "");
  EXPECT_EQ(normalForm("\u0301\u0301a", false, true), "\u0301\u0301a");
}

TEST(Unicode, lowerCase) {
  EXPECT_EQ(lowerCase("ABC \u0130 \u03a3 \u1e9e"), "abc i\u0307 \u03c3 \u00df");
}

/// Clusters, joined by '|'.
static std::string clusters(const std::string &text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t end = graphemeEnd(text, at);
    out += (at ? "|" : "") + text.substr(at, end - at);
    at = end;
  }
  return out;
}

TEST(Unicode, graphemes) {
  EXPECT_EQ(clusters("ab"), "a|b");
  EXPECT_EQ(clusters("\r\n\u0301"), "\r\n|\u0301");
  EXPECT_EQ(clusters("e\u0301\u0323x"), "e\u0301\u0323|x");
  EXPECT_EQ(clusters("\U0001f1e9\U0001f1ea\U0001f1eb"), "\U0001f1e9\U0001f1ea|\U0001f1eb");
  EXPECT_EQ(clusters("\U0001f469\u200d\U0001f467\U0001f44d\U0001f3fd"),
            "\U0001f469\u200d\U0001f467|\U0001f44d\U0001f3fd");
  EXPECT_EQ(clusters("\u1112\u1161\u11ab\ud55c"), "\u1112\u1161\u11ab|\ud55c");
  EXPECT_EQ(clusters("\u0915\u094d\u0937"), "\u0915\u094d\u0937");
}

TEST(Utf8, maximalParts) {
  EXPECT_EQ(utf8Start("\xe2\x82").cutOff, true);
  EXPECT_EQ(utf8Start("\xe2\x82").size, 2u);
  EXPECT_EQ(utf8Start("\xf0\x80\x80\x80").size, 1u);
  EXPECT_EQ(utf8Start("\xed\xa0\x80").valid, false);
  EXPECT_EQ(utf8Start("\xf4\x8f\xbf\xbf").code, 0x10ffffu);
  EXPECT_EQ(validPrefix("a\xc3\xa9\xff"), 3u);
}
