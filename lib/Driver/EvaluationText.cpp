//===- EvaluationText.cpp - what was found of a quantization, in words ----===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See EvaluationText.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/EvaluationText.h"

#include <cmath>
#include <cstdio>

namespace optc::driver {

static constexpr double hundred = 100;

static std::string numberText(const char *format, double value) {
  constexpr size_t longest = 32;
  char text[longest];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

std::string percentText(double share) { return numberText("%.3g %%", hundred * share); }

std::string dropName(const compress::Evaluation &evaluation) {
  return evaluation.metric + (evaluation.metric == "perplexity" ? " rise" : " drop");
}

std::string dropText(const compress::Evaluation &evaluation) {
  std::string text = percentText(evaluation.drop);
  if (!evaluation.bound)
    return text + ", without a bound: a script's number has no samples";
  text += " of " + std::to_string(evaluation.samples) + " samples, ";
  // One sample shows nothing of others.
  if (!std::isfinite(evaluation.bound->most))
    return text + "too few for a bound";
  return text + "at most " + percentText(evaluation.bound->most) + " with " +
         numberText("%g %% confidence", hundred * evaluation.bound->confidence);
}

std::string figuresText(const compress::Evaluation &evaluation) {
  if (!evaluation.figures)
    return "";
  const compress::Figures &figures = *evaluation.figures;
  auto text = [&](double value) {
    return figures.name == "accuracy" ? percentText(value) : numberText("%.6g", value);
  };
  return figures.name + " " + text(figures.made) + ", of the model " + text(figures.model);
}

} // namespace optc::driver
