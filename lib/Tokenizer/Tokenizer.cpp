//===- Tokenizer.cpp - text to token ids and back ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Puts the parts together: added tokens of the text, normalizer, added tokens of normalized text,
// splitter, model.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Tokenizer.h"

#include "lib/Tokenizer/AddedTokens.h"
#include "lib/Tokenizer/ByteAlphabet.h"
#include "lib/Tokenizer/Decoder.h"
#include "lib/Tokenizer/Image.h"
#include "lib/Tokenizer/Model.h"
#include "lib/Tokenizer/Normalizer.h"
#include "lib/Tokenizer/Regex.h"
#include "lib/Tokenizer/Splitter.h"
#include "lib/Tokenizer/Utf8.h"
#include "lib/Tokenizer/WordCache.h"

#include <mutex>
#include <unordered_map>

namespace optc::tokenizer {

struct Tokenizer::State {
  Image image;
  std::vector<CharacterSet> sets;
  std::vector<Regex> patterns;
  std::unique_ptr<Normalizer> normalizer;
  std::unique_ptr<Splitter> splitter;
  std::unique_ptr<Model> model;
  std::unique_ptr<AddedTokens> inText, inNormalized;
  struct Added {
    std::string decoded; ///< the text that decoders see: normalized where the token is
    bool special = false;
  };
  std::unordered_map<uint32_t, Added> added;
  std::unordered_map<std::string_view, uint32_t> addedIds;

  /// The one cache; a thread that finds it in use goes without.
  std::mutex cacheUse;
  WordCache cache;

  Error open(const void *data, size_t size);
  Error addTokens();
  Error encodeText(std::string_view text, bool special, std::vector<uint32_t> &ids);
  Error encodeSegment(std::string_view text, bool first, bool special, std::vector<uint32_t> &ids,
                      WordCache *cached, Scratch &scratch);
  Error encodeWord(std::string_view word, std::vector<uint32_t> &ids, WordCache *cached,
                   Scratch &scratch);
  /// The text that decoders see.
  std::string_view decodedText(uint32_t id) const;
  bool isSpecial(uint32_t id) const {
    auto found = added.find(id);
    return found != added.end() && found->second.special;
  }
};

Error Tokenizer::State::open(const void *data, size_t size) {
  if (Error error = image.open(data, size))
    return error;
  const Description &it = image.description;
  sets.reserve(it.sets.size());
  for (const std::vector<uint32_t> &bounds : it.sets)
    sets.emplace_back(bounds);
  patterns.reserve(it.patterns.size());
  for (const Program &program : it.patterns)
    patterns.emplace_back(program, sets);
  bool bytes = takesBytes(image);
  normalizer = std::make_unique<Normalizer>(image, patterns);
  splitter = std::make_unique<Splitter>(image, patterns, bytes);
  model = makeModel(image, bytes);
  return addTokens();
}

Error Tokenizer::State::addTokens() {
  std::vector<AddedTokens::Entry> plain, normalized;
  for (const AddedToken &token : image.description.added) {
    std::string text = token.content;
    bool first = false;
    if (token.flags & AddedToken::Normalized)
      if (Error error = normalizer->run(text, first))
        return error;
    Added &entry = added[token.id];
    entry.decoded = text;
    entry.special |= (token.flags & AddedToken::Special) && text == token.content;
    addedIds[token.content] = token.id;
    auto &list = token.flags & AddedToken::Normalized ? normalized : plain;
    list.push_back({std::move(text), token.id, token.flags});
  }
  uint32_t wordSet = image.description.wordSet;
  const CharacterSet *word = wordSet == absent ? nullptr : &sets[wordSet];
  inText = std::make_unique<AddedTokens>(std::move(plain), word);
  inNormalized = std::make_unique<AddedTokens>(std::move(normalized), word);
  return Error();
}

Error Tokenizer::State::encodeWord(std::string_view word, std::vector<uint32_t> &ids,
                                   WordCache *cached, Scratch &scratch) {
  if (!cached || !WordCache::fits(word))
    return model->encode(word, ids, scratch);
  uint32_t hash = hashOf(word);
  WordCache::Entry &entry = cached->entry(hash);
  if (WordCache::has(entry, word, hash)) {
    ids.insert(ids.end(), entry.ids, entry.ids + entry.count);
    return Error();
  }
  size_t before = ids.size();
  if (Error error = model->encode(word, ids, scratch))
    return error;
  WordCache::put(entry, word, hash, ids.data() + before, ids.size() - before);
  return Error();
}

/// A part of the user's text without added tokens that are looked for in it.
Error Tokenizer::State::encodeSegment(std::string_view text, bool first, bool special,
                                      std::vector<uint32_t> &ids, WordCache *cached,
                                      Scratch &scratch) {
  std::string normalized(text);
  if (Error error = normalizer->run(normalized, first))
    return error;
  std::vector<AddedTokens::Part> parts;
  inNormalized->find(normalized, special, parts);
  for (const AddedTokens::Part &part : parts) {
    if (part.id != absent) {
      ids.push_back(part.id);
      continue;
    }
    size_t size = part.end - part.begin;
    Pieces pieces = {normalized.substr(part.begin, size), {{0, size, first && part.begin == 0}}};
    if (Error error = splitter->run(pieces))
      return error;
    for (const Pieces::Piece &piece : pieces.pieces)
      if (piece.end > piece.begin)
        if (Error error = encodeWord(pieces.at(piece), ids, cached, scratch))
          return error;
  }
  return Error();
}

Error Tokenizer::State::encodeText(std::string_view text, bool special,
                                   std::vector<uint32_t> &ids) {
  std::unique_lock<std::mutex> lock(cacheUse, std::try_to_lock);
  WordCache *cached = lock.owns_lock() ? &cache : nullptr;
  Scratch scratch;
  std::vector<AddedTokens::Part> parts;
  inText->find(text, special, parts);
  for (const AddedTokens::Part &part : parts) {
    if (part.id != absent) {
      ids.push_back(part.id);
      continue;
    }
    if (Error error = encodeSegment(text.substr(part.begin, part.end - part.begin), part.begin == 0,
                                    special, ids, cached, scratch))
      return error;
  }
  return Error();
}

std::string_view Tokenizer::State::decodedText(uint32_t id) const {
  auto found = added.find(id);
  return found != added.end() ? std::string_view(found->second.decoded) : image.textOf(id);
}

Tokenizer::Tokenizer() = default;
Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer &&) noexcept = default;
Tokenizer &Tokenizer::operator=(Tokenizer &&) noexcept = default;

Error Tokenizer::open(const void *data, size_t size) {
  auto opened = std::make_unique<State>();
  if (Error error = opened->open(data, size))
    return error;
  state = std::move(opened);
  return Error();
}

Error Tokenizer::encode(std::string_view text, EncodeOptions options,
                        std::vector<uint32_t> &ids) const {
  size_t valid = validPrefix(text);
  if (valid != text.size())
    return Error(E7014, "the text is not valid UTF-8 at byte " + std::to_string(valid));
  const Description &it = state->image.description;
  if (options.addSpecial)
    ids.insert(ids.end(), it.before.begin(), it.before.end());
  if (Error error = state->encodeText(text, options.findSpecial, ids))
    return error;
  if (options.addSpecial)
    ids.insert(ids.end(), it.after.begin(), it.after.end());
  return Error();
}

uint32_t Tokenizer::vocabularySize() const { return state->image.description.vocabularySize; }

bool Tokenizer::isSpecial(uint32_t id) const { return state->isSpecial(id); }

const std::vector<uint32_t> &Tokenizer::idsBefore() const {
  return state->image.description.before;
}
const std::vector<uint32_t> &Tokenizer::idsAfter() const { return state->image.description.after; }

std::optional<uint32_t> Tokenizer::idOf(std::string_view token) const {
  auto found = state->addedIds.find(token);
  if (found != state->addedIds.end())
    return found->second;
  uint32_t id = state->image.modelToken(token);
  return id == absent ? std::nullopt : std::optional<uint32_t>(id);
}

std::string_view Tokenizer::textOf(uint32_t id) const {
  return id < vocabularySize() ? state->image.textOf(id) : std::string_view();
}

std::string Tokenizer::bytesOf(uint32_t id) const {
  std::string out;
  if (id >= vocabularySize() || isSpecial(id))
    return out;
  out = state->decodedText(id);
  for (const DecoderStep &step : state->image.description.decoder)
    decodeAlone(step, state->patterns, out);
  return out;
}

struct TextStream::State {
  const Tokenizer::State &tokenizer;
  Decoder decoder;
  bool skipSpecial;

  void push(uint32_t id, std::string &out) {
    const Image &image = tokenizer.image;
    if (id >= image.description.vocabularySize || image.tokenKinds[id] == NoToken ||
        (skipSpecial && tokenizer.isSpecial(id)))
      return;
    decoder.push(tokenizer.decodedText(id), out);
  }
};

std::string Tokenizer::decode(const uint32_t *ids, size_t count, bool skipSpecial) const {
  TextStream::State stream = {*state, Decoder(state->image.description, state->patterns, false),
                              skipSpecial};
  std::string out;
  for (size_t i = 0; i < count; ++i)
    stream.push(ids[i], out);
  stream.decoder.finish(out);
  return out;
}

TextStream Tokenizer::stream(bool skipSpecial) const {
  return TextStream(std::unique_ptr<TextStream::State>(new TextStream::State{
      *state, Decoder(state->image.description, state->patterns, true), skipSpecial}));
}

TextStream::TextStream(std::unique_ptr<State> state) : state(std::move(state)) {}
TextStream::~TextStream() = default;
TextStream::TextStream(TextStream &&) noexcept = default;

std::string TextStream::push(uint32_t id) {
  std::string out;
  state->push(id, out);
  return out;
}

std::string TextStream::finish() {
  std::string out;
  state->decoder.finish(out);
  return out;
}

} // namespace optc::tokenizer
