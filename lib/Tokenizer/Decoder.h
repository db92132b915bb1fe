//===- Decoder.h - token ids to text, bit by bit -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The decoder steps of a tokenizer as a chain that takes one token at a time. What is certain comes
// out at once; each step holds back what later tokens may change: bytes of a character that is not
// complete, a run of byte tokens, spaces at an end. The whole output, `finish` included, is what
// decoding all ids at once gives.
//
// In a stream, bytes of a run of byte tokens (<0xE4>) come out as soon as they are a character.
// Decoding at once, a run that is not valid as a whole is one U+FFFD for each of its bytes; in a
// stream this holds only for what has not come out before.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_DECODER_H
#define OPTC_TOKENIZER_DECODER_H

#include "lib/Tokenizer/Image.h"
#include "lib/Tokenizer/Regex.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace optc::tokenizer {

class Decoder {
public:
  /// Both outlive the decoder. `stream`: see above.
  Decoder(const Description &description, const std::vector<Regex> &patterns, bool stream);
  ~Decoder();
  Decoder(Decoder &&) noexcept;

  /// One more token, by its text; appends what is certain now.
  void push(std::string_view token, std::string &out);
  /// No more tokens; appends the rest. The decoder is as new afterwards.
  void finish(std::string &out);

  struct Stage;

private:
  void pass(size_t stage, std::string text, std::string &out);

  std::vector<std::unique_ptr<Stage>> stages;
  bool spaced; ///< tokens are joined by spaces
  bool any = false;
};

/// What one step makes of the text of a token that others precede; bytes may be parts of
/// characters.
void decodeAlone(const DecoderStep &step, const std::vector<Regex> &patterns, std::string &text);

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_DECODER_H
