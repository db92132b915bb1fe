//===- Tokenizer.h - text to token ids and back --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tokenizer of a language model, out of the binary image that OptcTokenizerImport writes.
// Encoding and decoding give what the package `tokenizers` gives.
//
//   Tokenizer tokenizer;
//   if (Error error = tokenizer.open(data, size)) ...
//   std::vector<uint32_t> ids;
//   if (Error error = tokenizer.encode("Hello", {}, ids)) ...
//   TextStream stream = tokenizer.stream(true);
//   for (...) print(stream.push(id));
//   print(stream.finish());
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_TOKENIZER_H
#define OPTC_TOKENIZER_TOKENIZER_H

#include "lib/Support/Errors.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace optc::tokenizer {

struct EncodeOptions {
  /// Put the tokens around the text that the model wants there, such as a beginning of text.
  bool addSpecial = true;
  /// Special tokens that are written out in the text count as such. Off for text of users, who
  /// must not be able to write the end of their turn.
  bool findSpecial = true;
};

class TextStream;

/// Unchangeable once open; any number of threads may use one.
class Tokenizer {
public:
  Tokenizer();
  ~Tokenizer();
  Tokenizer(Tokenizer &&) noexcept;
  Tokenizer &operator=(Tokenizer &&) noexcept;

  /// Checks the image, which begins at a multiple of eight and outlives the tokenizer.
  Error open(const void *data, size_t size);

  /// Appends the ids of a text.
  Error encode(std::string_view text, EncodeOptions options, std::vector<uint32_t> &ids) const;

  /// The text of ids; those that stand for nothing are left out.
  std::string decode(const uint32_t *ids, size_t count, bool skipSpecial) const;
  std::string decode(const std::vector<uint32_t> &ids, bool skipSpecial) const {
    return decode(ids.data(), ids.size(), skipSpecial);
  }
  /// Decodes ids one by one. The tokenizer outlives the stream.
  TextStream stream(bool skipSpecial) const;

  /// One more than the largest id.
  uint32_t vocabularySize() const;
  /// The id of a token, or nothing.
  std::optional<uint32_t> idOf(std::string_view token) const;
  /// The token as the vocabulary writes it ("\u0120the"); empty for ids that stand for nothing.
  std::string_view textOf(uint32_t id) const;
  /// The bytes a token adds to a text that has some before it (" the"), and that may be a part of
  /// a character; empty for special tokens.
  std::string bytesOf(uint32_t id) const;
  bool isSpecial(uint32_t id) const;
  /// What encode puts before and after a text.
  const std::vector<uint32_t> &idsBefore() const;
  const std::vector<uint32_t> &idsAfter() const;

private:
  friend class TextStream;
  struct State;
  std::unique_ptr<State> state;
};

class TextStream {
public:
  ~TextStream();
  TextStream(TextStream &&) noexcept;

  /// The text that one more id makes certain: whole characters, perhaps none.
  std::string push(uint32_t id);
  /// The rest; the stream is as new afterwards.
  std::string finish();

private:
  friend class Tokenizer;
  struct State;
  explicit TextStream(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_TOKENIZER_H
