//===- Splitter.h - text cut into words ----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the pre-tokenizer steps of a tokenizer: they cut a text into the pieces that the model sees.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_SPLITTER_H
#define OPTC_TOKENIZER_SPLITTER_H

#include "lib/Support/Errors.h"
#include "lib/Tokenizer/Image.h"
#include "lib/Tokenizer/Regex.h"

#include <string>
#include <vector>

namespace optc::tokenizer {

/// A text and where its pieces are; `first`: the piece begins where the user's text does.
struct Pieces {
  struct Piece {
    size_t begin, end;
    bool first;
  };
  std::string text;
  std::vector<Piece> pieces;

  std::string_view at(const Piece &piece) const {
    return std::string_view(text).substr(piece.begin, piece.end - piece.begin);
  }
};

class Splitter {
public:
  /// All outlive the splitter. `keepBytes`: the last step leaves bytes as they are, since the model
  /// takes them so.
  Splitter(const Image &image, const std::vector<Regex> &patterns, bool keepBytes)
      : steps(image.description.splits), patterns(patterns), keepBytes(keepBytes) {}

  Error run(Pieces &pieces) const;

private:
  Error cut(const SplitStep &it, Pieces &pieces) const;
  void metaspace(const SplitStep &it, Pieces &pieces) const;
  void bytes(const SplitStep &it, bool map, Pieces &pieces) const;

  const std::vector<SplitStep> &steps;
  const std::vector<Regex> &patterns;
  bool keepBytes;
};

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_SPLITTER_H
