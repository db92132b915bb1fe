//===- Model.cpp - words to token ids ------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// WordPiece takes the longest token that fits, again and again. Unigram takes the cut of the word
// with the best sum of scores, by the best cut of each beginning of it. WordLevel takes the word.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Model.h"

#include "lib/Tokenizer/Bpe.h"
#include "lib/Tokenizer/ByteAlphabet.h"

#include <algorithm>

namespace optc::tokenizer {

static Error noUnknownToken() {
  return Error(E7015, "the text has a word or character without a token, and the tokenizer has no "
                      "token for what is unknown");
}

namespace {
class WordPiece : public Model {
public:
  explicit WordPiece(const Image &image)
      : model(image.description.model), trie(image.trieNodes, image.trieLabels),
        continued(trie.walk(model.prefix)) {}

  Error encode(std::string_view word, std::vector<uint32_t> &ids, Scratch &) const override {
    size_t before = ids.size();
    bool known = characterCount(word) <= model.maxCharacters;
    for (size_t at = 0; known && at < word.size();) {
      uint32_t token = absent;
      size_t size = longest(word, at, token);
      known = size != 0;
      if (known)
        ids.push_back(token);
      at += size;
    }
    if (known)
      return Error();
    ids.resize(before);
    if (model.unknown == absent)
      return noUnknownToken();
    ids.push_back(model.unknown);
    return Error();
  }

private:
  /// Bytes of the longest token at `at`.
  size_t longest(std::string_view word, size_t at, uint32_t &token) const {
    if (at && !model.prefix.empty() && continued == Trie::none)
      return 0;
    uint32_t node = at ? continued : Trie::root;
    size_t size = 0;
    for (size_t i = at; i < word.size(); ++i) {
      node = trie.child(node, uint8_t(word[i]));
      if (node == Trie::none)
        break;
      if (trie.token(node) != absent) {
        token = trie.token(node);
        size = i + 1 - at;
      }
    }
    return size;
  }

  const ModelDescription &model;
  Trie trie;
  uint32_t continued; ///< the node of the prefix that tokens within a word have
};

class Unigram : public Model {
public:
  explicit Unigram(const Image &image)
      : image(image), model(image.description.model), trie(image.trieNodes, image.trieLabels) {
    double least = 0;
    bool any = false;
    for (uint32_t id = 0; id < image.scores.size; ++id)
      if (image.tokenKinds[id] == ModelToken && (!any || image.scores[id] < least)) {
        least = image.scores[id];
        any = true;
      }
    unknownScore = least - unknownPenalty;
  }

  Error encode(std::string_view word, std::vector<uint32_t> &ids, Scratch &scratch) const override {
    if (word.size() >= absent)
      return Error(E7015, "a word of the text is longer than 4 GB");
    if (!findBest(word, scratch.best))
      return noUnknownToken();
    size_t before = ids.size();
    const std::vector<Scratch::Best> &best = scratch.best;
    for (size_t end = word.size(); end > 0;) {
      size_t begin = best[end].begin;
      // Unknown characters in a row are one token.
      if (best[end].id == model.unknown)
        while (begin > 0 && best[begin].id == model.unknown)
          begin = best[begin].begin;
      if (!addBackwards(word.substr(begin, end - begin), ids))
        return noUnknownToken();
      end = begin;
    }
    std::reverse(ids.begin() + std::ptrdiff_t(before), ids.end());
    return Error();
  }

private:
  static constexpr double unknownPenalty = 10;

  bool findBest(std::string_view word, std::vector<Scratch::Best> &best) const {
    best.assign(word.size() + 1, {0, absent, absent});
    auto offer = [&](size_t begin, size_t end, double score, uint32_t id) {
      score += best[begin].score;
      if (best[end].begin == absent || score > best[end].score)
        best[end] = {score, uint32_t(begin), id};
    };
    for (size_t at = 0; at < word.size();) {
      uint32_t code;
      unsigned size = characterAt(word, at, code);
      bool single = false;
      uint32_t node = Trie::root;
      for (size_t i = at; i < word.size(); ++i) {
        node = trie.child(node, uint8_t(word[i]));
        if (node == Trie::none)
          break;
        uint32_t token = trie.token(node);
        if (token == absent)
          continue;
        offer(at, i + 1, image.scores[token], token);
        single |= i + 1 - at == size;
      }
      if (!single && model.unknown == absent)
        return false;
      if (!single)
        offer(at, at + size, unknownScore, model.unknown);
      at += size;
    }
    return best[word.size()].begin != absent;
  }

  /// The ids of a part, the last first.
  bool addBackwards(std::string_view part, std::vector<uint32_t> &ids) const {
    uint32_t id = image.modelToken(part);
    if (id == absent && model.flags & ModelDescription::ByteFallback) {
      auto known = [&](char byte) { return model.byteIds[uint8_t(byte)] != absent; };
      if (std::all_of(part.begin(), part.end(), known)) {
        for (size_t i = part.size(); i-- > 0;)
          ids.push_back(model.byteIds[uint8_t(part[i])]);
        return true;
      }
    }
    if (id == absent)
      id = model.unknown;
    ids.push_back(id);
    return id != absent;
  }

  const Image &image;
  const ModelDescription &model;
  Trie trie;
  double unknownScore;
};

class WordLevel : public Model {
public:
  explicit WordLevel(const Image &image) : image(image) {}

  Error encode(std::string_view word, std::vector<uint32_t> &ids, Scratch &) const override {
    uint32_t id = image.modelToken(word);
    if (id == absent)
      id = image.description.model.unknown;
    if (id == absent)
      return noUnknownToken();
    ids.push_back(id);
    return Error();
  }

private:
  const Image &image;
};
} // namespace

std::unique_ptr<Model> makeModel(const Image &image, bool bytes) {
  switch (image.description.model.kind) {
  case ModelDescription::Bpe:
    return std::make_unique<Bpe>(image, bytes);
  case ModelDescription::WordPiece:
    return std::make_unique<WordPiece>(image);
  case ModelDescription::Unigram:
    return std::make_unique<Unigram>(image);
  default:
    return std::make_unique<WordLevel>(image);
  }
}

bool takesBytes(const Image &image) {
  const Description &it = image.description;
  if (it.model.kind != ModelDescription::Bpe || !it.model.prefix.empty() ||
      !it.model.suffix.empty() || it.splits.empty() || it.splits.back().kind != SplitStep::Bytes ||
      !(it.splits.back().flags & SplitStep::Map))
    return false;
  for (uint16_t code : byteAlphabet()) {
    std::string text;
    appendCharacter(text, code);
    if (image.modelToken(text) == absent)
      return false;
  }
  return true;
}

} // namespace optc::tokenizer
