//===- SupportTest.cpp - digests, checksums, numbers, JSON ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Known answers, and comparison with an independent way to compute the same.
//
//===----------------------------------------------------------------------===//
#include "lib/Support/Crc32.h"
#include "lib/Support/DType.h"
#include "lib/Support/Errors.h"
#include "lib/Support/HalfFloat.h"
#include "lib/Support/Json.h"
#include "lib/Support/Sha256.h"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

using namespace optc;

namespace {

std::string digestOf(const std::string &text, bool portable) {
  Sha256 hash;
  if (portable)
    hash.usePortableCode();
  hash.update(text.data(), text.size());
  return hexOf(hash.finish());
}

TEST(Sha256, KnownAnswers) { // FIPS 180-4 examples
  for (bool portable : {false, true}) {
    EXPECT_EQ(digestOf("", portable),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(digestOf("abc", portable),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(digestOf("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", portable),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(digestOf(std::string(1000000, 'a'), portable),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }
}

TEST(Sha256, PiecesAndBothCodesAgree) {
  std::string text;
  for (int i = 0; i < 300; ++i)
    text += char(i * 7);
  for (size_t size = 0; size <= text.size(); ++size) {
    Sha256 pieces;
    pieces.update(text.data(), size / 3);
    pieces.update(text.data() + size / 3, size - size / 3);
    std::string whole = digestOf(text.substr(0, size), true);
    EXPECT_EQ(hexOf(pieces.finish()), whole);
    EXPECT_EQ(digestOf(text.substr(0, size), false), whole);
  }
}

TEST(Crc32, KnownAnswers) {
  EXPECT_EQ(crc32(0, "123456789", 9), 0xcbf43926u);
  EXPECT_EQ(crc32(crc32(0, "1234", 4), "56789", 5), 0xcbf43926u);
  EXPECT_EQ(crc32(0, "The quick brown fox jumps over the lazy dog", 43), 0x414fa339u);
}

TEST(HalfFloat, AllHalvesRoundTrip) {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    float value = floatOfHalf(bits), brain = floatOfBfloat16(bits);
    if (value == value) {
      EXPECT_EQ(halfOfFloat(value), bits);
      int exponent = (bits >> 10) & 31;
      float expected =
          std::ldexp(float(bits & 1023) + (exponent ? 1024 : 0), std::max(exponent, 1) - 25);
      if (exponent < 31) {
        EXPECT_EQ(std::fabs(value), expected);
      }
    }
    if (brain == brain) {
      EXPECT_EQ(bfloat16OfFloat(brain), bits);
    }
  }
}

TEST(HalfFloat, RoundsToNearestEven) {
  EXPECT_EQ(halfOfFloat(1 + 0x1p-11f), 0x3c00);            // a tie, down to even
  EXPECT_EQ(halfOfFloat(1 + 3 * 0x1p-11f), 0x3c02);        // a tie, up to even
  EXPECT_EQ(halfOfFloat(1 + 0x1p-11f + 0x1p-20f), 0x3c01); // above a tie
  EXPECT_EQ(halfOfFloat(65519.996f), 0x7bff);
  EXPECT_EQ(halfOfFloat(65520), 0x7c00);
  EXPECT_EQ(halfOfFloat(0x1p-25f), 0);
  EXPECT_EQ(halfOfFloat(0x1.8p-25f), 1);
  EXPECT_EQ(halfOfFloat(-NAN) & 0x7e00, 0x7e00);
  EXPECT_EQ(bfloat16OfFloat(1 + 0x1p-8f), 0x3f80);
  EXPECT_EQ(bfloat16OfFloat(1 + 3 * 0x1p-8f), 0x3f82);
  EXPECT_EQ(bfloat16OfFloat(floatOfBits(0x7f800001)), 0x7fc0) << "a NaN does not become infinity";
}

TEST(DType, NamesAndNumbers) {
  size_t count;
  const DTypeInfo *all = dtypeTable(count);
  for (size_t i = 0; i < count; ++i) {
    EXPECT_EQ(findDType(all[i].number), &all[i]);
    EXPECT_EQ(findDType(std::string_view(all[i].name)), &all[i]);
  }
  EXPECT_EQ(findDType(std::string_view("float32"))->number, 1);
  EXPECT_EQ(findDType(std::string_view("float64"))->number, 11);
  EXPECT_EQ(findDType(0), nullptr);
}

TEST(Errors, TableIsSortedAndComplete) {
  size_t count;
  const ErrorInfo *all = errorTable(count);
  for (size_t i = 0; i < count; ++i) {
    EXPECT_TRUE(i == 0 || all[i - 1].code < all[i].code) << all[i].code;
    EXPECT_TRUE(all[i].exitCode >= 1 && all[i].exitCode <= 7) << all[i].code;
    EXPECT_EQ(findError(all[i].code), &all[i]);
  }
  EXPECT_EQ(errorId(101), "OPTC-E0101");
}

bool parses(const std::string &text, json::Value *value = nullptr) {
  json::Value local;
  std::string why;
  bool ok = json::parse(text, value ? *value : local, why);
  EXPECT_EQ(ok, why.empty()) << text;
  return ok;
}

TEST(Json, Values) {
  json::Value value;
  ASSERT_TRUE(
      parses(" { \"a\" : [ 1, -2.5e3, true, null, \"\\u00e9\\ud83d\\ude00\\n\" ] } ", &value));
  const json::Value *list = value.find("a");
  ASSERT_TRUE(list);
  ASSERT_EQ(list->items.size(), 5u);
  EXPECT_EQ(list->items[0].integer, 1);
  EXPECT_EQ(list->items[1].text, "-2.5e3");
  EXPECT_TRUE(list->items[2].boolean);
  EXPECT_EQ(list->items[4].text, "\xc3\xa9\xf0\x9f\x98\x80\n");
  EXPECT_EQ(value.find("b"), nullptr);
  ASSERT_TRUE(parses("-9223372036854775808", &value));
  EXPECT_EQ(value.integer, INT64_MIN);
  ASSERT_TRUE(parses("9223372036854775808", &value));
  EXPECT_EQ(value.kind, json::Kind::Number);
  ASSERT_TRUE(parses(json::quote("a\"\\\n\x01"
                                 "b"),
                     &value));
  EXPECT_EQ(value.text, "a\"\\\n\x01"
                        "b");
}

TEST(Json, Refusals) {
  for (const char *bad : {"",
                          "{",
                          "[1,]",
                          "[1 2]",
                          "{\"a\":1,}",
                          "{\"a\" 1}",
                          "{1:2}",
                          "01",
                          "-",
                          "1.",
                          "1e",
                          "+1",
                          "nul",
                          "truth",
                          "\"",
                          "\"\\x\"",
                          "\"\\u12g4\"",
                          "\"\\ud800\"",
                          "\"\\udc00\"",
                          "\"\n\"",
                          "\"\xff\"",
                          "\"\xc0\x80\"",
                          "\"\xed\xa0\x80\"",
                          "\"\xf4\x90\x80\x80\"",
                          "\"\xe2\x82\"",
                          "1 1",
                          "{\"a\":1,\"a\":2}",
                          "NaN",
                          "'a'"})
    EXPECT_FALSE(parses(bad)) << bad;
  EXPECT_FALSE(parses(std::string(40, '[') + std::string(40, ']')));
  EXPECT_TRUE(parses(std::string(30, '[') + std::string(30, ']')));
}

} // namespace
