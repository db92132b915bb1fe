//===- PerplexityJudge.cpp - how likely models find the next token --------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See PerplexityJudge.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/PerplexityJudge.h"
#include "lib/Driver/LabelJudge.h"

#include <algorithm>

namespace optc::driver {

static bool isInteger(int dtype) {
  const DTypeInfo *type = findDType(dtype);
  return type && (type->kind == DTypeKind::SignedInt || type->kind == DTypeKind::UnsignedInt);
}

/// Whether scores are of one row for each token.
static bool fits(const Output &scores, const Tensor &tokens) {
  const std::vector<int64_t> &dims = scores.dims;
  return dims.size() > 1 && isInteger(tokens.dtype) && tokens.dims.size() + 1 == dims.size() &&
         std::equal(tokens.dims.begin(), tokens.dims.end(), dims.begin());
}

static Error fail(const std::string &what) { return {E8002, "--metric perplexity: " + what}; }

/// By the first sample.
Error PerplexityJudge::findTokens(const Session &session, const Outputs &expected) {
  std::string names, fitting;
  size_t pairs = 0;
  for (size_t i = 0; i < session.inputCount(); ++i) {
    std::string name = session.input(i).name;
    names += (names.empty() ? "'" : ", '") + name + "'";
    if (!session.hasValue(i) || (!tokensName.empty() && name != tokensName))
      continue;
    for (size_t o = 0; o < expected.size(); ++o)
      if (fits(expected[o], session.value(i))) {
        tokens = i, scores = o;
        ++pairs;
        fitting +=
            (fitting.empty() ? "'" : ", '") + name + "' with output '" + expected[o].name + "'";
      }
  }
  isFound = pairs == 1;
  if (isFound)
    return {};
  std::string wanted = "an input of integers whose dims are those of an output of floats but the "
                       "last holds the tokens; ";
  if (pairs > 1)
    return fail(wanted + "several are: " + fitting + "; --tokens NAME says which input it is");
  return fail(wanted + (tokensName.empty()
                            ? "none is of the inputs " + names
                            : "'" + tokensName + "' of --tokens is not; there are " + names));
}

Error PerplexityJudge::look(const Session &session, const Outputs &expected) {
  if (!isFound)
    if (Error error = findTokens(session, expected))
      return error;
  const Tensor &input = session.value(tokens);
  const Output &output = expected[scores];
  std::string sample = "sample " + std::to_string(texts.size());
  if (!fits(output, input))
    return fail("the tokens of " + sample + " do not fit its scores");
  Text text;
  auto numbers = integersOf(input.dtype, input.data(), static_cast<size_t>(input.elements()));
  if (!numbers)
    return fail("tokens are integers, and not " + typeText(input.dtype, input.dims));
  text.tokens = std::move(*numbers);
  text.length = static_cast<size_t>(input.dims.back());
  for (int64_t token : text.tokens)
    if (token < 0 || token >= output.dims.back())
      return fail("token " + std::to_string(token) + " of " + sample + " is not one of the " +
                  std::to_string(output.dims.back()) + " that have scores");
  text.loss = lossOf(text, output);
  texts.push_back(std::move(text));
  return {};
}

Error PerplexityJudge::check() const {
  for (const Text &text : texts)
    if (text.length > 1)
      return {};
  return fail("no sample has two tokens, and so none a next one");
}

/// -log p of each token but the first of a row, by the scores of the place before it.
double PerplexityJudge::lossOf(const Text &text, const Output &output) const {
  size_t words = output.getRowLength();
  double sum = 0;
  for (size_t place = 0; place + 1 < text.tokens.size(); ++place) {
    bool isLast = (place + 1) % text.length == 0;
    const float *row = output.values.data() + place * words;
    if (!isLast)
      sum += logSumOf(row, words) - row[text.tokens[place + 1]];
  }
  return sum;
}

SampleLoss PerplexityJudge::judge(size_t sample, const Outputs &, const Outputs &actual) const {
  const Text &text = texts[sample];
  SampleLoss result;
  if (text.tokens.empty())
    return result;
  result.rows = static_cast<double>(text.tokens.size() / text.length * (text.length - 1));
  result.model = text.loss;
  result.made = lossOf(text, actual[scores]);
  result.loss = result.made - result.model;
  return result;
}

} // namespace optc::driver
