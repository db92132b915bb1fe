//===- Decoder.cpp - token ids to text, bit by bit -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The stages. Up to the first that joins tokens (Fuse, Bytes) a stage sees whole tokens; behind it,
// parts of one long one. There Strip counts along, and the other steps wait for the end.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Decoder.h"

#include "lib/Tokenizer/ByteAlphabet.h"

#include <algorithm>

namespace optc::tokenizer {

using Tokens = std::vector<std::string>;
static const char replacement[] = "\xef\xbf\xbd"; // U+FFFD

/// One step: takes tokens, gives tokens.
struct Decoder::Stage {
  virtual ~Stage() = default;
  virtual void push(std::string token, Tokens &out) = 0;
  virtual void finish(Tokens &) {}
};

static void replaceAll(std::string &text, std::string_view from, std::string_view to) {
  for (size_t at = 0; !from.empty() && (at = text.find(from, at)) != text.npos; at += to.size())
    text.replace(at, from.size(), to);
}

/// The bytes that characters stand for; the text itself if it has any other character.
static std::string bytesOfAlphabet(const std::string &text) {
  std::string bytes;
  for (size_t at = 0; at < text.size();) {
    uint32_t code;
    at += characterAt(text, at, code);
    int byte = alphabetByte(code);
    if (byte < 0)
      return text;
    bytes += char(byte);
  }
  return bytes;
}

namespace {
struct BytesStage : Decoder::Stage {
  std::string held; ///< bytes, the beginning of a character

  void push(std::string token, Tokens &out) override {
    held += bytesOfAlphabet(token);
    give(false, out);
  }
  void finish(Tokens &out) override {
    give(true, out);
    held.clear();
  }
  void give(bool all, Tokens &out) {
    std::string text;
    size_t at = 0;
    while (at < held.size()) {
      Utf8Start start = utf8Start(std::string_view(held).substr(at));
      if (start.cutOff && !all)
        break;
      text += start.valid ? std::string_view(held).substr(at, start.size) : replacement;
      at += start.size;
    }
    held.erase(0, at);
    if (!text.empty())
      out.push_back(std::move(text));
  }
};

/// Joins what comes in: later stages see parts of one token.
struct FuseStage : Decoder::Stage {
  void push(std::string token, Tokens &out) override { out.push_back(std::move(token)); }
};

struct ByteFallbackStage : Decoder::Stage {
  bool stream;
  std::string held;
  explicit ByteFallbackStage(bool stream) : stream(stream) {}

  static int digit(char c) {
    if (c >= '0' && c <= '9')
      return c - '0';
    char lower = char(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }
  /// The byte of "<0x41>", or -1. A sign counts as a digit does in Rust.
  static int byteOf(std::string_view token) {
    if (token.size() != 6 || token.substr(0, 3) != "<0x" || token[5] != '>')
      return -1;
    int high = token[3] == '+' ? 0 : digit(token[3]), low = digit(token[4]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
  }
  void push(std::string token, Tokens &out) override {
    int byte = byteOf(token);
    if (byte < 0) {
      flush(out);
      out.push_back(std::move(token));
      return;
    }
    held += char(byte);
    while (stream && !held.empty() && utf8Start(held).valid) {
      unsigned size = utf8Start(held).size;
      out.push_back(held.substr(0, size));
      held.erase(0, size);
    }
  }
  void finish(Tokens &out) override { flush(out); }
  void flush(Tokens &out) {
    if (validPrefix(held) != held.size())
      out.insert(out.end(), held.size(), replacement);
    else if (!held.empty())
      out.push_back(held);
    held.clear();
  }
};

struct WordPieceStage : Decoder::Stage {
  const DecoderStep &step;
  bool first = true;
  explicit WordPieceStage(const DecoderStep &step) : step(step) {}

  void push(std::string token, Tokens &out) override {
    if (!first) {
      if (token.compare(0, step.text.size(), step.text) == 0)
        token.erase(0, step.text.size());
      else
        token.insert(0, " ");
    }
    first = false;
    if (step.flags & 1)
      cleanUp(token);
    out.push_back(std::move(token));
  }
  void finish(Tokens &) override { first = true; }
  static void cleanUp(std::string &token) {
    static const char *const pairs[][2] = {{" .", "."},     {" ?", "?"},           {" !", "!"},
                                           {" ,", ","},     {" ' ", "'"},          {" n't", "n't"},
                                           {" 'm", "'m"},   {" do not", " don't"}, {" 's", "'s"},
                                           {" 've", "'ve"}, {" 're", "'re"}};
    for (const auto &pair : pairs)
      replaceAll(token, pair[0], pair[1]);
  }
};

struct MetaspaceStage : Decoder::Stage {
  const DecoderStep &step;
  bool first = true;
  explicit MetaspaceStage(const DecoderStep &step) : step(step) {}

  void push(std::string token, Tokens &out) override {
    replaceAll(token, step.text, first && step.flags & 1 ? "" : " ");
    first = false;
    out.push_back(std::move(token));
  }
  void finish(Tokens &) override { first = true; }
};

struct ReplaceStage : Decoder::Stage {
  const DecoderStep &step;
  const Regex &pattern;
  ReplaceStage(const DecoderStep &step, const Regex &pattern) : step(step), pattern(pattern) {}

  void push(std::string token, Tokens &out) override {
    std::string text;
    size_t done = 0;
    for (Match match; pattern.find(token, done, match) == Found::Yes; done = match.end) {
      text.append(token, done, match.begin - done);
      text += step.text;
    }
    out.push_back(done ? text.append(token, done) : std::move(token));
  }
};

/// Takes characters off both ends of each token.
struct StripStage : Decoder::Stage {
  const DecoderStep &step;
  explicit StripStage(const DecoderStep &step) : step(step) {}

  bool isAt(const std::string &token, size_t at) const {
    return !step.text.empty() && token.compare(at, step.text.size(), step.text) == 0;
  }
  void push(std::string token, Tokens &out) override {
    size_t size = step.text.size(), begin = 0, end = token.size();
    for (uint32_t i = 0; i < step.start && isAt(token, begin); ++i)
      begin += size;
    for (uint32_t i = 0; i < step.stop && end >= begin + size && isAt(token, end - size); ++i)
      end -= size;
    out.push_back(token.substr(begin, end - begin));
  }
};

/// Strip behind a joining stage: the one token's beginning passes only once.
struct StripStartStage : Decoder::Stage {
  const DecoderStep &step;
  uint32_t left;
  explicit StripStartStage(const DecoderStep &step) : step(step), left(step.start) {}

  void push(std::string token, Tokens &out) override {
    size_t begin = 0, size = step.text.size();
    while (left && begin < token.size()) {
      bool strip = size && token.compare(begin, size, step.text) == 0;
      left = strip ? left - 1 : 0;
      begin += strip ? size : 0;
    }
    out.push_back(token.substr(begin));
  }
  void finish(Tokens &) override { left = step.start; }
};

struct SpaceSuffixStage : Decoder::Stage {
  const DecoderStep &step;
  std::string held; ///< the last token, whose suffix is no space
  bool any = false;
  explicit SpaceSuffixStage(const DecoderStep &step) : step(step) {}

  void push(std::string token, Tokens &out) override {
    give(" ", out);
    held = std::move(token);
    any = true;
  }
  void finish(Tokens &out) override {
    give("", out);
    any = false;
  }
  void give(std::string_view space, Tokens &out) {
    if (!any)
      return;
    replaceAll(held, step.text, space);
    out.push_back(std::move(held));
  }
};

/// A stage that gets the one token of a joining stage, when it is complete.
struct WaitStage : Decoder::Stage {
  std::unique_ptr<Decoder::Stage> inner;
  std::string held;
  explicit WaitStage(std::unique_ptr<Decoder::Stage> inner) : inner(std::move(inner)) {}

  void push(std::string token, Tokens &) override { held += token; }
  void finish(Tokens &out) override {
    inner->push(std::move(held), out);
    inner->finish(out);
    held.clear();
  }
};
} // namespace

static std::unique_ptr<Decoder::Stage> makeStage(const DecoderStep &step,
                                                 const std::vector<Regex> &patterns, bool stream) {
  switch (step.kind) {
  case DecoderStep::Bytes:
    return std::make_unique<BytesStage>();
  case DecoderStep::WordPiece:
    return std::make_unique<WordPieceStage>(step);
  case DecoderStep::Metaspace:
    return std::make_unique<MetaspaceStage>(step);
  case DecoderStep::ByteFallback:
    return std::make_unique<ByteFallbackStage>(stream);
  case DecoderStep::Replace:
    return std::make_unique<ReplaceStage>(step, patterns[step.pattern]);
  case DecoderStep::Strip:
    return std::make_unique<StripStage>(step);
  case DecoderStep::SpaceSuffix:
    return std::make_unique<SpaceSuffixStage>(step);
  default:
    return std::make_unique<FuseStage>();
  }
}

void decodeAlone(const DecoderStep &step, const std::vector<Regex> &patterns, std::string &text) {
  switch (step.kind) {
  case DecoderStep::Bytes:
    text = bytesOfAlphabet(text);
    return;
  case DecoderStep::ByteFallback:
    if (int byte = ByteFallbackStage::byteOf(text); byte >= 0)
      text = std::string(1, char(byte));
    return;
  case DecoderStep::Metaspace:
  case DecoderStep::SpaceSuffix:
    replaceAll(text, step.text, " ");
    return;
  case DecoderStep::WordPiece: {
    WordPieceStage stage(step);
    stage.first = false;
    Tokens tokens;
    stage.push(std::move(text), tokens);
    text = tokens[0];
    return;
  }
  case DecoderStep::Replace: {
    Tokens tokens;
    ReplaceStage(step, patterns[step.pattern]).push(std::move(text), tokens);
    text = tokens[0];
    return;
  }
  default: // Fuse, and Strip, which is about the beginning and the end of the whole text
    return;
  }
}

Decoder::Decoder(const Description &description, const std::vector<Regex> &patterns, bool stream)
    : spaced(!description.hasDecoder) {
  bool joined = false;
  for (const DecoderStep &step : description.decoder) {
    bool joins = step.kind == DecoderStep::Fuse || step.kind == DecoderStep::Bytes;
    std::unique_ptr<Stage> stage = makeStage(step, patterns, stream);
    if (joined && step.kind == DecoderStep::Strip && step.stop == 0)
      stage = std::make_unique<StripStartStage>(step);
    else if (joined && step.kind != DecoderStep::Fuse)
      stage = std::make_unique<WaitStage>(std::move(stage));
    stages.push_back(std::move(stage));
    joined |= joins;
  }
}

Decoder::~Decoder() = default;
Decoder::Decoder(Decoder &&) noexcept = default;

void Decoder::pass(size_t stage, std::string text, std::string &out) {
  if (stage == stages.size()) {
    out += text;
    return;
  }
  Tokens tokens;
  stages[stage]->push(std::move(text), tokens);
  for (std::string &token : tokens)
    pass(stage + 1, std::move(token), out);
}

void Decoder::push(std::string_view token, std::string &out) {
  if (spaced && any)
    out += ' ';
  any = true;
  pass(0, std::string(token), out);
}

void Decoder::finish(std::string &out) {
  for (size_t stage = 0; stage < stages.size(); ++stage) {
    Tokens tokens;
    stages[stage]->finish(tokens);
    for (std::string &token : tokens)
      pass(stage + 1, std::move(token), out);
  }
  any = false;
}

} // namespace optc::tokenizer
