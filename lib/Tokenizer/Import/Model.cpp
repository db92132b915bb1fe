//===- Model.cpp - models of tokenizer.json ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// BPE, WordPiece, Unigram and WordLevel: vocabularies, merges and scores.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/ByteAlphabet.h"
#include "lib/Tokenizer/Import/Context.h"

#include <cmath>
#include <cstdio>
#include <unordered_map>

namespace optc::tokenizer {

static constexpr uint32_t maxVocabulary = 1U << 24;

namespace {
/// A model in the making: its tokens by text.
struct ModelReader {
  Context &context;
  const Json &json;
  std::string what;
  std::unordered_map<std::string_view, uint32_t> ids;

  ImageContents &out() { return context.out; }
  ModelDescription &model() { return context.out.description.model; }

  uint32_t idOf(std::string_view text) const {
    auto found = ids.find(text);
    return found == ids.end() ? absent : found->second;
  }

  /// "vocab": {token: id}
  bool vocabulary() {
    const Json *vocab = Context::member(json, "vocab");
    if (!vocab || !vocab->is_object())
      return context.damaged(what + " has no vocabulary");
    for (auto it = vocab->begin(); it != vocab->end(); ++it) {
      if (!it->is_number_unsigned() || it->get<uint64_t>() >= maxVocabulary)
        return context.damaged("the id of token '" + it.key() + "' is no number below " +
                               std::to_string(maxVocabulary));
      uint32_t id = it->get<uint32_t>();
      if (id >= out().texts.size()) {
        out().texts.resize(id + 1);
        out().kinds.resize(id + 1, NoToken);
      }
      if (out().kinds[id] != NoToken)
        return context.damaged("the tokens '" + out().texts[id] + "' and '" + it.key() +
                               "' have the same id");
      out().texts[id] = it.key();
      out().kinds[id] = ModelToken;
      ids[it.key()] = id;
    }
    return true;
  }

  bool flagInto(const char *name, ModelDescription::Flag bit) {
    bool value = false;
    if (!context.flag(json, name, what, value))
      return false;
    if (value)
      model().flags = uint8_t(model().flags | bit);
    return true;
  }

  void byteTokens() {
    if (!(model().flags & ModelDescription::ByteFallback))
      return;
    for (unsigned byte = 0; byte < 256; ++byte) {
      char text[8];
      std::snprintf(text, sizeof(text), "<0x%02X>", byte);
      model().byteIds.push_back(idOf(text));
    }
  }

  bool unknownToken() {
    std::string text;
    if (!context.text(json, "unk_token", what, text))
      return false;
    model().unknown = idOf(text);
    return true;
  }

  bool merge(std::string_view left, std::string_view right) {
    size_t prefix = model().prefix.size();
    if (right.size() < prefix)
      return context.damaged("a merge with a token that is shorter than the prefix");
    std::string joined(left);
    joined += right.substr(prefix);
    Merge merge = {idOf(left), idOf(right), idOf(joined)};
    if (merge.left == absent || merge.right == absent || merge.result == absent)
      return context.damaged("a merge of '" + std::string(left) + "' and '" + std::string(right) +
                             "' has a token that the vocabulary does not");
    out().merges.push_back(merge);
    return true;
  }

  /// "merges": ["a b"] or [["a", "b"]]
  bool merges() {
    const Json *list = Context::member(json, "merges");
    if (!list || !list->is_array())
      return context.damaged(what + " has no merges");
    for (const Json &one : *list) {
      if (one.is_array() && one.size() == 2 && one[0].is_string() && one[1].is_string()) {
        if (!merge(one[0].get_ref<const std::string &>(), one[1].get_ref<const std::string &>()))
          return false;
        continue;
      }
      std::string_view text;
      if (one.is_string())
        text = one.get_ref<const std::string &>();
      size_t space = text.find(' ');
      if (space == text.npos || text.find(' ', space + 1) != text.npos)
        return context.damaged("a merge is not of two tokens");
      if (!merge(text.substr(0, space), text.substr(space + 1)))
        return false;
    }
    return true;
  }

  bool hasAllBytes() const {
    for (uint16_t code : byteAlphabet()) {
      std::string text;
      appendCharacter(text, code);
      if (idOf(text) == absent)
        return false;
    }
    return true;
  }

  bool bpe() {
    const Json *dropout = Context::member(json, "dropout");
    if (dropout && !(dropout->is_number() && dropout->get<double>() == 0))
      return context.refuse("'dropout' of " + what);
    std::string unknown;
    if (!context.onlyMembers(json, what,
                             {"dropout", "unk_token", "continuing_subword_prefix",
                              "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges",
                              "vocab", "merges"}) ||
        !context.text(json, "continuing_subword_prefix", what, model().prefix) ||
        !context.text(json, "end_of_word_suffix", what, model().suffix) ||
        !context.text(json, "unk_token", what, unknown) || !vocabulary() || !merges() ||
        !flagInto("fuse_unk", ModelDescription::FuseUnknown) ||
        !flagInto("byte_fallback", ModelDescription::ByteFallback) ||
        !flagInto("ignore_merges", ModelDescription::IgnoreMerges) || !unknownToken())
      return false;
    // Where every byte has a token, nothing is unknown.
    if (Context::member(json, "unk_token") && model().unknown == absent && !hasAllBytes())
      return context.damaged("the unknown token '" + unknown + "' is not in the vocabulary");
    byteTokens();
    return true;
  }

  bool wordPiece() {
    model().prefix = "##";
    model().maxCharacters = 100;
    return context.onlyMembers(
               json, what,
               {"unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab"}) &&
           context.text(json, "continuing_subword_prefix", what, model().prefix) &&
           context.number(json, "max_input_chars_per_word", what, model().maxCharacters) &&
           vocabulary() && unknownToken();
  }

  /// "vocab": [[token, score], ...], by id
  bool scores() {
    const Json *vocab = Context::member(json, "vocab");
    if (!vocab || !vocab->is_array() || vocab->size() >= maxVocabulary)
      return context.damaged(what + " has no vocabulary");
    for (const Json &one : *vocab) {
      if (!one.is_array() || one.size() != 2 || !one[0].is_string() || !one[1].is_number())
        return context.damaged("a token of " + what + " is not a text and a score");
      out().texts.push_back(one[0].get<std::string>());
      out().kinds.push_back(ModelToken);
      out().scores.push_back(one[1].get<double>());
      ids[one[0].get_ref<const std::string &>()] = uint32_t(out().texts.size() - 1);
      if (!std::isfinite(out().scores.back()))
        return context.damaged("a score of " + what + " is not finite");
    }
    return true;
  }

  bool unigram() {
    if (Context::member(json, "alpha") || Context::member(json, "nbest_size"))
      return context.refuse("sampling in " + what);
    if (!context.onlyMembers(json, what,
                             {"unk_id", "vocab", "byte_fallback", "alpha", "nbest_size"}) ||
        !scores() || !context.number(json, "unk_id", what, model().unknown) ||
        !flagInto("byte_fallback", ModelDescription::ByteFallback))
      return false;
    if (model().unknown != absent && model().unknown >= out().texts.size())
      return context.damaged("'unk_id' of " + what + " is not in the vocabulary");
    byteTokens();
    return true;
  }

  bool wordLevel() {
    return context.onlyMembers(json, what, {"unk_token", "vocab"}) && vocabulary() &&
           unknownToken();
  }
};
} // namespace

/// Files of old have no type.
static std::string guessedType(const Json &model) {
  if (model.contains("merges"))
    return "BPE";
  if (model.contains("vocab") && model["vocab"].is_array())
    return "Unigram";
  return model.contains("max_input_chars_per_word") ? "WordPiece" : "WordLevel";
}

bool importModel(const Json &model, Context &context) {
  if (!model.is_object())
    return context.damaged("the model is not an object");
  std::string type = guessedType(model);
  if (!context.text(model, "type", "the model", type))
    return false;
  ModelReader reader = {context, model, "model '" + type + "'", {}};
  ModelDescription &made = context.out.description.model;
  if (type == "BPE") {
    made.kind = ModelDescription::Bpe;
    return reader.bpe();
  }
  if (type == "WordPiece") {
    made.kind = ModelDescription::WordPiece;
    return reader.wordPiece();
  }
  if (type == "Unigram") {
    made.kind = ModelDescription::Unigram;
    return reader.unigram();
  }
  if (type == "WordLevel") {
    made.kind = ModelDescription::WordLevel;
    return reader.wordLevel();
  }
  return context.refuse("model '" + type + "'");
}

} // namespace optc::tokenizer
