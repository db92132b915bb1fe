//===- Normalizer.h - text before it is cut ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the normalizer steps of a tokenizer over a text.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_NORMALIZER_H
#define OPTC_TOKENIZER_NORMALIZER_H

#include "lib/Support/Errors.h"
#include "lib/Tokenizer/Image.h"
#include "lib/Tokenizer/Regex.h"

#include <string>
#include <vector>

namespace optc::tokenizer {

class Normalizer {
public:
  /// All outlive the normalizer.
  Normalizer(const Image &image, const std::vector<Regex> &patterns)
      : image(image), patterns(patterns) {}

  /// `first`: the text begins where what the user gave does; cleared if its beginning is taken
  /// away.
  Error run(std::string &text, bool &first) const;

private:
  Error step(const NormalizerStep &it, std::string &text, bool &first) const;
  Error replace(const NormalizerStep &it, std::string &text, bool &first) const;
  void strip(unsigned sides, std::string &text, bool &first) const;
  void mapCharacters(std::string &text) const;
  bool mapped(std::string_view part, std::string &out) const;

  const Image &image;
  const std::vector<Regex> &patterns;
};

/// The error of a pattern that takes too long.
Error tooManySteps();

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_NORMALIZER_H
