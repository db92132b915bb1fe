//===- GateArguments.cpp - the options of how good, and how small, a quantization has to be ===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See GateArguments.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/GateArguments.h"

#include <CLI/CLI.hpp>

using namespace optc;
using namespace optc::driver;

/// "1%" or "0.01"; nothing if it is not such a number.
static std::optional<double> shareOf(const std::string &text) {
  constexpr double hundred = 100;
  bool isPercent = !text.empty() && text.back() == '%';
  char *end = nullptr;
  double value = std::strtod(text.c_str(), &end) / (isPercent ? hundred : 1);
  bool isNumber = end == text.c_str() + text.size() - isPercent && end != text.c_str();
  return isNumber ? std::optional(value) : std::nullopt;
}

static void setMaxDrop(QuantizeOptions &options, const std::string &text) {
  options.gate.maxDrop = shareOf(text);
  if (!options.gate.maxDrop || !(*options.gate.maxDrop >= 0 && *options.gate.maxDrop < 1))
    throw CLI::ValidationError("--max-drop takes a share like 1% or 0.01, and not '" + text + "'");
}

static void setTargetSize(QuantizeOptions &options, const std::string &text) {
  auto fail = [&] {
    throw CLI::ValidationError("--target-size takes a size like 500kb or 80mb, or a share of the "
                               "weights as they are like 15%, and not '" +
                               text + "'");
  };
  if (!text.empty() && text.back() == '%') {
    options.targetShare = shareOf(text);
    if (!options.targetShare || !(*options.targetShare > 0 && *options.targetShare < 1))
      fail();
    return;
  }
  std::string bytes = text;
  CLI::AsSizeValue size(/*kb_is_1000=*/false);
  try {
    if (text.find('-') != text.npos || !size(bytes).empty() || bytes == "0")
      fail();
  } catch (const CLI::ParseError &) { // which does not name the option
    fail();
  }
  options.targetBytes = std::strtoull(bytes.c_str(), nullptr, 10);
}

static void addMeasures(CLI::App &verb, QuantizeOptions &options) {
  CLI::Option *confidence =
      verb.add_option("--confidence", options.gate.confidence,
                      "with which the drop must be below --max-drop (default: 0.95)")
          ->check(CLI::Range(0.5, 0.9999));
  CLI::Option *metric =
      verb.add_option_function<std::string>(
              "--metric",
              [&options](const std::string &name) { options.gate.metric = metricOf(name); },
              "what drops: top1 (default), the share of rows whose largest output is the same, or "
              "with --labels is right; cosine, of whole outputs; kl, the divergence of rows as "
              "scores, in nats; perplexity, which rises, of the next token by rows as scores")
          ->check(CLI::IsMember({"top1", "cosine", "kl", "perplexity"}));
  CLI::Option *labels =
      verb.add_option("--labels", options.gate.labels,
                      "FILE.npy, .npz or .pb: the right class of each sample of --eval (else "
                      "--calib), or of each row of the output");
  verb.add_option("--tokens", options.gate.tokens,
                  "NAME of the input with the tokens, for --metric perplexity (default: the only "
                  "one of integers that has the dims of the scores but the last)");
  verb.add_option("--script", options.gate.script,
                  "COMMAND that judges instead: run with the path of an artifact behind its words, "
                  "it prints a number on its last line, the larger the better; what drops is that, "
                  "relative to the model's")
      ->excludes(confidence)
      ->excludes(metric)
      ->excludes(labels);
}

void optc::driver::addGateOptions(CLI::App &verb, QuantizeOptions &options) {
  verb.add_option_function<std::string>(
      "--max-drop", [&options](const std::string &text) { setMaxDrop(options, text); },
      "the gate: exit 4, and nothing is written, unless the metric drops by at most this (1%); the "
      "worst layers stay as they are until it holds");
  addMeasures(verb, options);
  CLI::Option *size = verb.add_option_function<std::string>(
      "--target-size", [&options](const std::string &text) { setTargetSize(options, text); },
      "what the weights of products may take, with their scales: 80mb, or 15% of what they take as "
      "they are; those that are farthest off get more bits while there is room, exit 4 if there is "
      "none for the fewest");
  static constexpr double floatBits = 32;
  verb.add_option_function<double>(
          "--target-bits", [&options](double bits) { options.targetShare = bits / floatBits; },
          "the same as the mean number of bits of a number of these weights")
      ->check(CLI::Range(1.0, floatBits))
      ->excludes(size);
}

bool optc::driver::asksOfGate(const QuantizeOptions &options) {
  const GateOptions &gate = options.gate;
  return gate.maxDrop || gate.metric || !gate.labels.empty() || !gate.tokens.empty() ||
         !gate.script.empty() || options.hasTarget();
}

Error optc::driver::checkGateOptions(const QuantizeOptions &options) {
  const GateOptions &gate = options.gate;
  bool isTop1 = gate.getMetric() == Metric::Top1,
       isPerplexity = gate.getMetric() == Metric::Perplexity;
  if (!gate.labels.empty() && !isTop1)
    return {E102, "--labels are of use with --metric top1 only"};
  if (!gate.tokens.empty() && !isPerplexity)
    return {E102, "--tokens is of use with --metric perplexity only"};
  if (options.hasSamples())
    return {};
  std::string needs = " needs inputs to measure it on: --eval, or --calib";
  if (!gate.labels.empty())
    return {E102, "--labels" + needs};
  if (gate.metric)
    return {E102, "--metric" + needs};
  if (gate.maxDrop && gate.script.empty())
    return {E102, "--max-drop" + needs + "; or --script"};
  return {};
}
