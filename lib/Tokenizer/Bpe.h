//===- Bpe.h - byte pair encoding ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Joins the pair of neighbours with the lowest rank, the leftmost of equals, until none has a rank.
// Short words look through all pairs each time; long ones keep them in a heap, whose entries are
// dropped when they turn out to be outdated. So a word of n characters takes n log n.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_BPE_H
#define OPTC_TOKENIZER_BPE_H

#include "lib/Tokenizer/Model.h"

namespace optc::tokenizer {

class Bpe : public Model {
public:
  Bpe(const Image &image, bool bytes);
  Error encode(std::string_view word, std::vector<uint32_t> &ids, Scratch &scratch) const override;

private:
  struct Unknown;
  void addSymbol(uint32_t id, Scratch &scratch) const;
  void addMissing(std::string_view text, Unknown &unknown, Scratch &scratch) const;
  void split(std::string_view word, Scratch &scratch) const;
  void splitBytes(std::string_view word, Scratch &scratch) const;
  void link(Scratch &scratch) const;
  void join(Scratch &scratch, uint32_t at) const;
  void mergeShort(Scratch &scratch) const;
  void mergeLong(Scratch &scratch) const;

  const Image &image;
  const ModelDescription &model;
  bool bytes;
  std::array<uint32_t, 256> ids;      ///< of bytes, or of ASCII characters
  std::array<uint16_t, 256> alphabet; ///< the characters of bytes
};

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_BPE_H
