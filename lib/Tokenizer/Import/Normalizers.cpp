//===- Normalizers.cpp - normalizers of tokenizer.json -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Normalizers that look at characters one by one become replacements of sets, so that the runtime
// has few kinds of steps.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Import/Context.h"

namespace optc::tokenizer {

namespace {
struct NormalizerReader {
  Context &context;
  const Json &json;
  std::string what;

  bool add(NormalizerStep::Kind kind, uint8_t flags = 0, uint32_t pattern = absent,
           std::string text = {}) {
    context.out.description.normalizer.push_back({uint8_t(kind), flags, pattern, std::move(text)});
    return true;
  }
  bool plain(NormalizerStep::Kind kind) { return context.onlyMembers(json, what, {}) && add(kind); }

  bool replaceSet(const CharacterRanges &set, const std::string &text,
                  NormalizerStep::Kind kind = NormalizerStep::Replace) {
    uint32_t index;
    return context.pattern(set, index) && add(kind, 0, index, text);
  }

  bool strip() {
    bool left = false, right = false;
    return context.onlyMembers(json, what, {"strip_left", "strip_right"}) &&
           context.flag(json, "strip_left", what, left) &&
           context.flag(json, "strip_right", what, right) &&
           add(NormalizerStep::StripSpace, uint8_t(left + 2 * right));
  }

  bool replace() {
    uint32_t index;
    std::string content;
    return context.onlyMembers(json, what, {"pattern", "content"}) &&
           context.patternMember(json, what, index) &&
           context.text(json, "content", what, content) &&
           add(NormalizerStep::Replace, 0, index, content);
  }

  bool prepend() {
    std::string text;
    return context.onlyMembers(json, what, {"prepend"}) &&
           context.text(json, "prepend", what, text) &&
           add(NormalizerStep::Prepend, 0, absent, text);
  }

  /// The ideographs that BERT puts spaces around.
  static CharacterRanges ideographs() {
    CharacterRanges set(0x4e00, 0x9fff);
    set.add(0x3400, 0x4dbf);
    set.add(0x20000, 0x2a6df);
    set.add(0x2a700, 0x2b73f);
    set.add(0x2b740, 0x2b81f);
    set.add(0x2b920, 0x2ceaf);
    set.add(0xf900, 0xfaff);
    set.add(0x2f800, 0x2fa1f);
    return set;
  }

  bool bert() {
    bool clean = true, chinese = true, lower = true;
    if (!context.onlyMembers(
            json, what, {"clean_text", "handle_chinese_chars", "strip_accents", "lowercase"}) ||
        !context.flag(json, "clean_text", what, clean) ||
        !context.flag(json, "handle_chinese_chars", what, chinese) ||
        !context.flag(json, "lowercase", what, lower))
      return false;
    bool accents = lower;
    if (!context.flag(json, "strip_accents", what, accents))
      return false;
    if (clean && (!replaceSet(rangesOf(PackageSet::BertControl), "") ||
                  !replaceSet(rangesOf(PackageSet::WhiteSpace), " ")))
      return false;
    if (chinese && !replaceSet(ideographs(), "", NormalizerStep::Surround))
      return false;
    if (accents && !(add(NormalizerStep::CanonicalDecomposed) &&
                     replaceSet(rangesOf(PackageSet::BertAccent), "")))
      return false;
    return !lower || add(NormalizerStep::LowerCase);
  }

  /// SentencePiece's rules for translation models: control characters go, spaces of all kinds
  /// become one.
  bool nmt() {
    CharacterRanges control(1, 8), space(9, 10);
    control.add(0xb, 0xb);
    control.add(0xe, 0x1f);
    for (uint32_t code : {0x7f, 0x8f, 0x9f})
      control.add(code, code);
    space.add(0xc, 0xd);
    space.add(0x200b, 0x200f);
    space.add(0x2028, 0x2029);
    for (uint32_t code : {0x1680, 0x2581, 0xfeff, 0xfffd})
      space.add(code, code);
    return context.onlyMembers(json, what, {}) && replaceSet(control, "") && replaceSet(space, " ");
  }

  static int valueOfBase64(char c) {
    static const std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t place = alphabet.find(c);
    return place == alphabet.npos ? -1 : int(place);
  }
  static bool fromBase64(const std::string &text, std::string &out) {
    uint32_t held = 0;
    int bits = 0;
    for (char c : text) {
      if (c == '=')
        break;
      int value = valueOfBase64(c);
      if (value < 0)
        return false;
      held = held << 6 | uint32_t(value);
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        out += char(held >> bits & 0xff);
      }
    }
    return true;
  }

  /// Size of the double array u32, the array, texts.
  bool precompiled() {
    std::string encoded, bytes;
    if (!context.onlyMembers(json, what, {"precompiled_charsmap"}) ||
        !context.text(json, "precompiled_charsmap", what, encoded))
      return false;
    auto u32At = [&](size_t at) {
      uint32_t value = 0;
      for (size_t i = 0; i < 4; ++i)
        value |= uint32_t(uint8_t(bytes[at + i])) << (8 * i);
      return value;
    };
    size_t size = 0;
    bool good = fromBase64(encoded, bytes) && bytes.size() >= 8;
    if (good) {
      size = u32At(0);
      good = size >= 4 && size % 4 == 0 && size <= bytes.size() - 4;
    }
    if (!good)
      return context.damaged("'precompiled_charsmap' of " + what + " is damaged");
    if (!context.out.charsmapUnits.empty())
      return context.refuse("a second " + what);
    for (size_t at = 4; at < 4 + size; at += 4)
      context.out.charsmapUnits.push_back(u32At(at));
    context.out.charsmapTexts = bytes.substr(4 + size);
    return add(NormalizerStep::Charsmap);
  }
};
} // namespace

bool importNormalizer(const Json &normalizer, Context &context, unsigned depth) {
  std::string type;
  if (!context.typeOf(normalizer, "normalizer", type))
    return false;
  NormalizerReader reader = {context, normalizer, "normalizer '" + type + "'"};
  if (type == "Sequence") {
    const Json *list;
    if (!context.elements(normalizer, "normalizers", reader.what, list))
      return false;
    if (depth >= maxSequenceDepth)
      return context.refuse("such a depth of sequences");
    for (const Json &one : *list)
      if (!importNormalizer(one, context, depth + 1))
        return false;
    return true;
  }
  static const std::pair<const char *, NormalizerStep::Kind> plain[] = {
      {"NFC", NormalizerStep::CanonicalComposed},   {"NFD", NormalizerStep::CanonicalDecomposed},
      {"NFKC", NormalizerStep::CompatibleComposed}, {"NFKD", NormalizerStep::CompatibleDecomposed},
      {"Lowercase", NormalizerStep::LowerCase},     {"ByteLevel", NormalizerStep::Bytes}};
  for (auto [name, kind] : plain)
    if (type == name)
      return reader.plain(kind);
  static const std::pair<const char *, bool (NormalizerReader::*)()> others[] = {
      {"Strip", &NormalizerReader::strip},     {"Replace", &NormalizerReader::replace},
      {"Prepend", &NormalizerReader::prepend}, {"BertNormalizer", &NormalizerReader::bert},
      {"Nmt", &NormalizerReader::nmt},         {"Precompiled", &NormalizerReader::precompiled}};
  for (auto [name, read] : others)
    if (type == name)
      return (reader.*read)();
  if (type == "StripAccents")
    return context.onlyMembers(normalizer, reader.what, {}) &&
           reader.replaceSet(rangesOf(PackageSet::CombiningMark), "");
  return context.refuse(reader.what);
}

} // namespace optc::tokenizer
