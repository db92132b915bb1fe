//===- DecoderFiles.cpp - what lies beside a language model --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See DecoderFiles.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/DecoderFiles.h"
#include "lib/Driver/TensorFile.h"
#include "lib/Support/Json.h"
#include "lib/Tokenizer/Import/TokenizerJson.h"
#include "lib/Tokenizer/Tokenizer.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace optc::driver {

static constexpr const char *tokenizerEntry = "tokenizer.bin";
static constexpr const char *settingsEntry = "generate.json";

namespace {
/// The files of a folder.
class Folder {
public:
  Folder(std::string path, DecoderFiles &files) : path(std::move(path)), files(files) {}

  Error read();

private:
  /// Nothing if there is no such file.
  Error text(const char *name, std::string &text, bool &isThere) const;
  Error object(const char *name, json::Value &value) const;
  void readEnds(const json::Value *value);
  Error readTokens(const json::Value &config);

  std::string path;
  DecoderFiles &files;
};
} // namespace

Error Folder::text(const char *name, std::string &text, bool &isThere) const {
  std::string file = (std::filesystem::path(path) / name).string();
  std::error_code code;
  isThere = std::filesystem::exists(file, code);
  return isThere ? readFile(file, text) : Error();
}

Error Folder::object(const char *name, json::Value &value) const {
  std::string content, why;
  bool isThere = false;
  if (Error error = text(name, content, isThere))
    return error;
  if (isThere && !json::parse(content, value, why))
    return {E1201, std::string(name) + " beside the model is no JSON: " + why};
  return {};
}

static void readContext(const json::Value &config, DecoderFiles &files) {
  for (const char *key : {"max_position_embeddings", "n_positions", "context_length"})
    if (const json::Value *most = config.find(key); most && most->integer > 0)
      files.context = uint64_t(most->integer);
}

void Folder::readEnds(const json::Value *value) {
  auto add = [&](const json::Value &id) {
    bool isId = id.kind == json::Kind::Int && id.integer >= 0 && id.integer <= UINT32_MAX;
    if (isId && std::find(files.ends.begin(), files.ends.end(), id.integer) == files.ends.end())
      files.ends.push_back(uint32_t(id.integer));
  };
  if (!value)
    return;
  add(*value);
  for (const json::Value &item : value->items)
    add(item);
}

/// "<s>", or an object with it as its content.
static std::string tokenText(const json::Value &config, const char *key) {
  const json::Value *token = config.find(key);
  if (token && token->kind == json::Kind::Object)
    token = token->find("content");
  return token ? token->text : "";
}

Error Folder::readTokens(const json::Value &config) {
  files.begin = tokenText(config, "bos_token");
  files.end = tokenText(config, "eos_token");
  if (const json::Value *written = config.find("chat_template"))
    files.chatTemplate = written->text;
  bool isThere = false;
  if (Error error = text("chat_template.jinja", files.chatTemplate, isThere))
    return error;
  if (files.tokenizer.empty() || files.end.empty())
    return {};
  tokenizer::Tokenizer opened;
  if (Error error = opened.open(files.tokenizer.data(), files.tokenizer.size()))
    return error;
  if (auto id = opened.idOf(files.end);
      id && std::find(files.ends.begin(), files.ends.end(), *id) == files.ends.end())
    files.ends.push_back(*id);
  return {};
}

Error Folder::read() {
  std::string tokenizer;
  bool isThere = false;
  if (Error error = text("tokenizer.json", tokenizer, isThere))
    return error;
  if (isThere)
    if (Error error = tokenizer::importTokenizer(tokenizer, files.tokenizer))
      return error;
  json::Value config, generation, genai, tokens;
  for (auto [name, value] : {std::pair("config.json", &config),
                             {"generation_config.json", &generation},
                             {"genai_config.json", &genai},
                             {"tokenizer_config.json", &tokens}})
    if (Error error = object(name, *value))
      return error;
  if (const json::Value *model = genai.find("model")) {
    readContext(*model, files);
    readEnds(model->find("eos_token_id"));
  }
  readContext(config, files);
  readEnds(config.find("eos_token_id"));
  readEnds(generation.find("eos_token_id"));
  return readTokens(tokens);
}

Error DecoderFiles::read(const std::string &folder, DecoderFiles &files) {
  return Folder(folder.empty() ? "." : folder, files).read();
}

std::vector<std::pair<std::string, std::string>> DecoderFiles::toEntries() const {
  nlohmann::ordered_json settings = {{"ends", ends},
                                     {"context", context},
                                     {"chat_template", chatTemplate},
                                     {"bos_token", begin},
                                     {"eos_token", end}};
  std::vector<std::pair<std::string, std::string>> entries;
  if (!tokenizer.empty())
    entries.emplace_back(tokenizerEntry, tokenizer);
  entries.emplace_back(settingsEntry, settings.dump(1));
  return entries;
}

Error DecoderFiles::fromArtifact(const artifact::Reader &reader, DecoderFiles &files) {
  auto textOf = [&](const char *name) {
    bool isThere = false;
    artifact::Span span = reader.entry(name, isThere);
    return std::string(reinterpret_cast<const char *>(span.data), isThere ? span.size : 0);
  };
  files.tokenizer = textOf(tokenizerEntry);
  std::string written = textOf(settingsEntry), why;
  json::Value settings;
  if (!written.empty() && !json::parse(written, settings, why))
    return {E6005, "generate.json of the artifact is damaged: " + why};
  if (const json::Value *ends = settings.find("ends"))
    for (const json::Value &id : ends->items)
      files.ends.push_back(uint32_t(id.integer));
  if (const json::Value *context = settings.find("context"))
    files.context = uint64_t(std::max<int64_t>(context->integer, 0));
  for (auto [key, text] : {std::pair("chat_template", &files.chatTemplate),
                           {"bos_token", &files.begin},
                           {"eos_token", &files.end}})
    if (const json::Value *value = settings.find(key))
      *text = value->text;
  return {};
}

} // namespace optc::driver
