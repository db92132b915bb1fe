//===- Samples.h - small tokenizers for tests ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files in the form of tokenizer.json, as small as they can be, that have most kinds of steps
// between them.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TEST_UNIT_TOKENIZER_SAMPLES_H
#define OPTC_TEST_UNIT_TOKENIZER_SAMPLES_H

#include "lib/Tokenizer/Import/TokenizerJson.h"
#include "lib/Tokenizer/Tokenizer.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace optc::tokenizer {

/// Whole characters, whose merges make "ab", "abc" and "▁ab"; bytes for what is not known.
inline std::string bpeSample() {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) {
    char text[32];
    std::snprintf(text, sizeof(text), "\"<0x%02X>\": %d, ", byte, 20 + byte);
    bytes += text;
  }
  return R"({"version": "1.0", "added_tokens": [
      {"id": 0, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
      {"id": 276, "content": "tool", "single_word": true, "lstrip": true, "rstrip": true, "normalized": true, "special": false}],
    "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Prepend", "prepend": "▁"},
      {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
    "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "▁?(?i:[a-c])+|▁?\\p{L}{1,3}|\\s+(?!\\S)|\\d"}, "behavior": "Isolated", "invert": false},
    "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
      {"Sequence": {"id": "A", "type_id": 0}}], "pair": [], "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}}},
    "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
      {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
    "model": {"type": "BPE", "unk_token": "<s>", "byte_fallback": true, "fuse_unk": true, "vocab": {"<s>": 0, "a": 1, "b": 2, "c": 3,
      "▁": 4, "ab": 5, "abc": 6, "▁ab": 7, "é": 8, "d": 9, "e": 10, "f": 11, "g": 12, "h": 13, "i": 14, "j": 15, "k": 16, "l": 17,
      "m": 18, "n": 19, )" +
         bytes.substr(0, bytes.size() - 2) + R"(}, "merges": ["a b", ["ab", "c"], "▁ ab"]}})";
}

inline std::string unigramSample() {
  return R"({"version": "1.0", "added_tokens": [],
    "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}, {"type": "Strip", "strip_left": true, "strip_right": true}]},
    "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true},
    "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true},
    "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": false,
      "vocab": [["<unk>", 0], ["▁", -2], ["a", -3], ["b", -3.5], ["ab", -4], ["▁ab", -5], ["ba", -4.25], ["é", -6]]}})";
}

inline std::string wordPieceSample() {
  return R"({"version": "1.0", "added_tokens": [
      {"id": 1, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
    "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
    "pre_tokenizer": {"type": "BertPreTokenizer"}, "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
    "post_processor": {"type": "BertProcessing", "sep": ["[CLS]", 1], "cls": ["[CLS]", 1]},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 20,
      "vocab": {"[UNK]": 0, "[CLS]": 1, "play": 2, "##ing": 3, "##ed": 4, ".": 5, "中": 6, "p": 7, "##l": 8}}})";
}

/// An image and the tokenizer that was opened from it.
struct Opened {
  std::string image;
  Tokenizer tokenizer;

  explicit Opened(const std::string &json) {
    Error error = importTokenizer(json, image);
    EXPECT_FALSE(error) << error.message;
    error = tokenizer.open(image.data(), image.size());
    EXPECT_FALSE(error) << error.message;
  }
  std::vector<uint32_t> encode(std::string_view text, EncodeOptions options = {}) const {
    std::vector<uint32_t> ids;
    Error error = tokenizer.encode(text, options, ids);
    EXPECT_FALSE(error) << error.message;
    return ids;
  }
};

} // namespace optc::tokenizer

#endif // OPTC_TEST_UNIT_TOKENIZER_SAMPLES_H
