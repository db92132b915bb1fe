//===- ImageWriter.h - what an image is made of --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The contents of a tokenizer image as the importer collects them, and the function that lays them
// out. Equal contents give equal bytes.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_IMPORT_IMAGEWRITER_H
#define OPTC_TOKENIZER_IMPORT_IMAGEWRITER_H

#include "lib/Tokenizer/Image.h"

#include <string>
#include <vector>

namespace optc::tokenizer {

struct ImageContents {
  Description description;
  /// By id; `kinds` (TokenKind) has the same size.
  std::vector<std::string> texts;
  std::vector<uint8_t> kinds;
  std::vector<Merge> merges;  ///< by rank
  std::vector<double> scores; ///< by id, of a Unigram model
  std::vector<uint32_t> charsmapUnits;
  std::string charsmapTexts;
};

std::string writeImage(const ImageContents &contents);

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_IMPORT_IMAGEWRITER_H
