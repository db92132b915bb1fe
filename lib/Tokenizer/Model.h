//===- Model.h - words to token ids --------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The four models: byte pair encoding, WordPiece, Unigram, and whole words. Each takes one word (a
// piece of the splitter) and appends its ids. They have no state; what a call needs for a while is
// in `Scratch`, so that words do not allocate.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_MODEL_H
#define OPTC_TOKENIZER_MODEL_H

#include "lib/Support/Errors.h"
#include "lib/Tokenizer/Image.h"
#include "lib/Tokenizer/Trie.h"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace optc::tokenizer {

/// Memory that models use again from word to word.
struct Scratch {
  struct Symbol {
    uint32_t id;
    uint32_t rank; ///< of the merge with the next one, or absent
    uint32_t previous, next;
  };
  struct Best {
    double score;
    uint32_t begin; ///< of the best token that ends here, or absent
    uint32_t id;
  };
  std::vector<Symbol> symbols;
  std::vector<uint64_t> heap;
  std::vector<Best> best;
  std::string text;
};

class Model {
public:
  virtual ~Model() = default;
  /// Appends the ids of a word, which is not empty.
  virtual Error encode(std::string_view word, std::vector<uint32_t> &ids,
                       Scratch &scratch) const = 0;
};

/// The model of an image, which outlives it. `bytes`: words come as bytes that stand for their
/// printable characters (see takesBytes).
std::unique_ptr<Model> makeModel(const Image &image, bool bytes);

/// Whether the model can look up bytes without their printable characters being written out.
bool takesBytes(const Image &image);

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_MODEL_H
