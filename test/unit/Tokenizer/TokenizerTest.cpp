//===- TokenizerTest.cpp - text to ids and back --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the C++ interface promises; that it gives what the package `tokenizers` gives is
// test/e2e/tokenizer.py.
//
//===----------------------------------------------------------------------===//
#include "test/unit/Tokenizer/Samples.h"

#include <thread>

using namespace optc;
using namespace optc::tokenizer;

using Ids = std::vector<uint32_t>;

TEST(Tokenizer, bytePairs) {
  Opened bpe(bpeSample());
  EXPECT_EQ(bpe.encode("abc"), (Ids{0, 4, 6})); // "ab c" comes before "▁ ab"
  EXPECT_EQ(bpe.encode("abc ab", {false, true}), (Ids{4, 6, 7}));
  // Composed by the normalizer; "z" has only a byte.
  EXPECT_EQ(bpe.encode("e\xcc\x81z", {false, true}), (Ids{4, 8, 20 + 'z'}));
  EXPECT_EQ(bpe.tokenizer.decode(bpe.encode("abc z é"), true), "abc z é");
}

TEST(Tokenizer, specialTokensInText) {
  Opened bpe(bpeSample());
  EXPECT_EQ(bpe.encode("a<s>b", {false, true}), (Ids{4, 1, 0, 4, 2}));
  Ids written = bpe.encode("<s>", {false, false});
  EXPECT_EQ(written, (Ids{4, 20 + '<', 20 + 's', 20 + '>'}));
  EXPECT_EQ(bpe.tokenizer.idsBefore(), Ids{0});
  EXPECT_TRUE(bpe.tokenizer.isSpecial(0));
  EXPECT_EQ(bpe.tokenizer.decode({0, 7}, false), "<s> ab");
  EXPECT_EQ(bpe.tokenizer.decode({0, 7}, true), "ab");
}

TEST(Tokenizer, streamGivesWholeCharacters) {
  Opened bpe(bpeSample());
  TextStream stream = bpe.tokenizer.stream(true);
  // The four bytes of U+1F600, then half of another.
  EXPECT_EQ(stream.push(7), "ab");
  EXPECT_EQ(stream.push(20 + 0xf0), "");
  EXPECT_EQ(stream.push(20 + 0x9f), "");
  EXPECT_EQ(stream.push(20 + 0x98), "");
  EXPECT_EQ(stream.push(20 + 0x80), "\xf0\x9f\x98\x80");
  EXPECT_EQ(stream.push(20 + 0xe2), "");
  EXPECT_EQ(stream.push(1), "\xef\xbf\xbd"
                            "a");
  EXPECT_EQ(stream.push(20 + 0xe2), "");
  EXPECT_EQ(stream.finish(), "\xef\xbf\xbd");
  EXPECT_EQ(stream.push(7), "ab");
}

TEST(Tokenizer, vocabulary) {
  Opened bpe(bpeSample());
  EXPECT_EQ(bpe.tokenizer.vocabularySize(), 277u);
  EXPECT_EQ(bpe.tokenizer.idOf("▁ab"), 7u);
  EXPECT_EQ(bpe.tokenizer.idOf("tool"), 276u);
  EXPECT_EQ(bpe.tokenizer.idOf("nothing"), std::nullopt);
  EXPECT_EQ(bpe.tokenizer.textOf(7), "▁ab");
  EXPECT_EQ(bpe.tokenizer.textOf(1000), "");
  EXPECT_EQ(bpe.tokenizer.bytesOf(7), " ab");
  EXPECT_EQ(bpe.tokenizer.bytesOf(20 + 0xf0), "\xf0");
  EXPECT_EQ(bpe.tokenizer.bytesOf(0), "");
}

TEST(Tokenizer, unigramTakesTheBestSum) {
  Opened unigram(unigramSample());
  EXPECT_EQ(unigram.encode("ab"), Ids{5});
  EXPECT_EQ(unigram.encode("  BA  zzé "),
            (Ids{1, 6, 1, 1, 0, 7})); // unknown characters are one token
  EXPECT_EQ(unigram.tokenizer.decode(Ids{5, 1, 6}, true), "ab ba");
}

TEST(Tokenizer, wordPieceTakesTheLongest) {
  Opened pieces(wordPieceSample());
  EXPECT_EQ(pieces.encode("Playing, pl pled."), (Ids{1, 2, 3, 0, 7, 8, 7, 8, 4, 5, 1}));
  EXPECT_EQ(pieces.encode("中中", {false, true}), (Ids{6, 6}));
  EXPECT_EQ(pieces.encode(std::string(21, 'p'), {false, true}), Ids{0});
  EXPECT_EQ(pieces.tokenizer.decode(Ids{2, 3, 5}, true), "playing.");
}

TEST(Tokenizer, invalidText) {
  Opened bpe(bpeSample());
  for (const char *text : {"\xff", "ab\xc3", "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80"}) {
    std::vector<uint32_t> ids;
    Error error = bpe.tokenizer.encode(text, {}, ids);
    EXPECT_EQ(error.code, E7014);
    EXPECT_TRUE(ids.empty());
  }
}

TEST(Tokenizer, longWordsTakeLittleTime) {
  Opened bpe(bpeSample());
  Ids ids = bpe.encode(std::string(1 << 20, 'a') + std::string(1 << 20, 'b'), {false, true});
  EXPECT_EQ(ids.size(), (1u << 21)); // one "ab" in the middle, one "▁" in front
}

TEST(Tokenizer, manyThreadsUseOne) {
  Opened bpe(bpeSample());
  std::string text;
  for (int i = 0; i < 2000; ++i)
    text += "abc cab " + std::to_string(i) + " ";
  Ids expected = bpe.encode(text);
  std::vector<std::thread> threads;
  std::vector<int> good(4);
  for (int &one : good)
    threads.emplace_back([&] { one = bpe.encode(text) == expected; });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(good, std::vector<int>(4, 1));
}

TEST(Tokenizer, equalFilesGiveEqualImages) {
  EXPECT_EQ(Opened(bpeSample()).image, Opened(bpeSample()).image);
}
