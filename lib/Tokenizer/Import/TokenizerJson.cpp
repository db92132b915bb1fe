//===- TokenizerJson.cpp - tokenizer.json to a tokenizer image -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The members of the file in their order, and the added tokens, whose ids follow from the
// vocabulary.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Import/TokenizerJson.h"

#include "lib/Tokenizer/Import/Context.h"

#include <algorithm>
#include <unordered_map>

namespace optc::tokenizer {

namespace {
/// Gives added tokens the ids that the package gives them: that of the model's token, or the next
/// one behind the vocabulary. What the file says must be the same.
struct AddedReader {
  Context &context;
  std::unordered_map<std::string, uint32_t> ids; ///< of the model, and of what was added
  uint32_t next = 0;

  explicit AddedReader(Context &context) : context(context) {
    const ImageContents &out = context.out;
    std::unordered_map<std::string, uint32_t> known;
    for (uint32_t id = 0; id < out.texts.size(); ++id)
      if (out.kinds[id] == ModelToken) {
        ids[out.texts[id]] = id;
        ++next;
      }
  }

  bool one(const Json &json) {
    AddedToken token;
    std::string what = "an added token";
    uint32_t stated = absent;
    bool normalized = true;
    if (!json.is_object())
      return context.damaged("an added token is not an object");
    static const std::pair<const char *, AddedToken::Flag> flags[] = {
        {"single_word", AddedToken::SingleWord},
        {"lstrip", AddedToken::LeftStrip},
        {"rstrip", AddedToken::RightStrip},
        {"special", AddedToken::Special}};
    for (auto [name, bit] : flags) {
      bool value = false;
      if (!context.flag(json, name, what, value))
        return false;
      token.flags = uint8_t(token.flags | (value ? bit : 0));
    }
    if (!context.text(json, "content", what, token.content) ||
        !context.number(json, "id", what, stated) ||
        !context.flag(json, "normalized", what, normalized) ||
        !context.onlyMembers(
            json, what,
            {"id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"}))
      return false;
    token.flags = uint8_t(token.flags | (normalized ? AddedToken::Normalized : 0));
    return token.content.empty() || place(std::move(token), stated);
  }

  bool place(AddedToken token, uint32_t stated) {
    ImageContents &out = context.out;
    auto [found, isNew] = ids.try_emplace(token.content, next);
    token.id = found->second;
    if (stated != token.id)
      return context.refuse("the added token '" + token.content + "' with id " +
                            std::to_string(stated) + ", which would get id " +
                            std::to_string(token.id) + ",");
    if (isNew) {
      ++next;
      if (token.id >= out.texts.size()) {
        out.texts.resize(token.id + 1);
        out.kinds.resize(token.id + 1, NoToken);
      }
      if (out.kinds[token.id] != NoToken)
        return context.damaged("the added token '" + token.content + "' has the id of another one");
      out.texts[token.id] = token.content;
      out.kinds[token.id] = OtherToken;
    }
    std::vector<AddedToken> &added = out.description.added;
    auto same = std::find_if(added.begin(), added.end(),
                             [&](const AddedToken &other) { return other.id == token.id; });
    if (same == added.end())
      added.push_back(std::move(token));
    else
      *same = std::move(token);
    return true;
  }
};
} // namespace

bool importAddedTokens(const Json &tokens, Context &context) {
  if (!tokens.is_array())
    return context.damaged("'added_tokens' is not a list");
  AddedReader reader(context);
  for (const Json &token : tokens)
    if (!reader.one(token))
      return false;
  const std::vector<AddedToken> &added = context.out.description.added;
  bool words = std::any_of(added.begin(), added.end(), [](const AddedToken &token) {
    return token.flags & AddedToken::SingleWord;
  });
  if (words)
    context.out.description.wordSet =
        indexOfSet(rangesOf(PackageSet::WordOfWhitespace), context.out.description.sets);
  return true;
}

static bool importAll(const Json &json, Context &context) {
  if (!json.is_object())
    return context.damaged("it is not an object");
  std::string version = "1.0";
  if (!context.text(json, "version", "the file", version))
    return false;
  if (version != "1.0")
    return context.refuse("version '" + version + "'");
  // Truncation and padding are settings of a batch, which programs make themselves.
  if (!context.onlyMembers(json, "the file",
                           {"version", "truncation", "padding", "added_tokens", "normalizer",
                            "pre_tokenizer", "post_processor", "decoder", "model"}))
    return false;
  auto part = [&](const char *name) { return Context::member(json, name); };
  if (!part("model"))
    return context.damaged("it has no model");
  if (!importModel(*part("model"), context))
    return false;
  if ((part("normalizer") && !importNormalizer(*part("normalizer"), context)) ||
      (part("pre_tokenizer") && !importPreTokenizer(*part("pre_tokenizer"), context)) ||
      (part("post_processor") && !importPostProcessor(*part("post_processor"), context)) ||
      (part("decoder") && !importDecoder(*part("decoder"), context)) ||
      (part("added_tokens") && !importAddedTokens(*part("added_tokens"), context)))
    return false;
  ImageContents &out = context.out;
  out.description.vocabularySize = uint32_t(out.texts.size());
  if (!out.scores.empty())
    out.scores.resize(out.texts.size(), 0);
  for (const auto *ids : {&out.description.before, &out.description.after})
    for (uint32_t id : *ids)
      if (id >= out.texts.size())
        return context.damaged("the post_processor has an id that is not in the vocabulary");
  return true;
}

Error importTokenizer(std::string_view json, std::string &image) {
  Context context;
  Json parsed = Json::parse(json.begin(), json.end(), nullptr, false);
  if (parsed.is_discarded())
    return Error(E1201, "tokenizer.json: it is not valid JSON");
  if (!importAll(parsed, context))
    return context.error;
  image = writeImage(context.out);
  return Error();
}

} // namespace optc::tokenizer
