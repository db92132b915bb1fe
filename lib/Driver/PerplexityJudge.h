//===- PerplexityJudge.h - how likely models find the next token ----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tokens of samples are labels themselves: each is that of the place before it.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_PERPLEXITYJUDGE_H
#define OPTC_DRIVER_PERPLEXITYJUDGE_H

#include "lib/Driver/Judge.h"

namespace optc::driver {

/// Scores [.., T, V] of tokens [.., T], an input of integers. What is lost is by how much
/// exp(mean of -log p(next token)) rises.
class PerplexityJudge : public Judge {
public:
  /// `tokens` names the input; empty: the only one that fits.
  explicit PerplexityJudge(std::string tokens) : tokensName(std::move(tokens)) {}

  Drop::Kind getKind() const override { return Drop::Kind::Rise; }
  const char *getFigureName() const override { return "perplexity"; }
  Error look(const Session &session, const Outputs &expected) override;
  Error check() const override;
  SampleLoss judge(size_t sample, const Outputs &expected, const Outputs &actual) const override;

private:
  /// Rows of tokens of one sample.
  struct Text {
    std::vector<int64_t> tokens;
    size_t length = 0;
    double loss = 0; ///< of the model: the sum over all places that have a next token
  };

  Error findTokens(const Session &session, const Outputs &expected);
  double lossOf(const Text &text, const Output &scores) const;

  std::string tokensName;
  bool isFound = false;
  size_t tokens = 0, scores = 0; ///< which input and which output
  std::vector<Text> texts;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_PERPLEXITYJUDGE_H
