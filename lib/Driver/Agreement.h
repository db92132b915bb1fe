//===- Agreement.h - two models on the same samples ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How often, and how far, what one model says is what another says.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_AGREEMENT_H
#define OPTC_DRIVER_AGREEMENT_H

#include "lib/Driver/Session.h"

#include <optional>
#include <string_view>

namespace optc::driver {

/// What is compared: which element of each row is the largest; cosines of whole outputs; the
/// Kullback-Leibler divergence of rows as scores (logits), in nats.
enum class Metric : uint8_t { Top1, Cosine, Divergence };

/// "top1", "cosine", "kl".
const char *nameOf(Metric metric);
std::optional<Metric> metricOf(std::string_view name);

/// The float outputs of a run.
using Outputs = std::vector<std::vector<float>>;

/// Reads them, but the states of a decoder: those that are an input's successor, with all of its
/// sizes but one, which grows. If there are no others they are read. `lastDims` gets the length of
/// the last dim of each.
Outputs readOutputs(Session &session, std::vector<size_t> &lastDims);

class Agreement {
public:
  explicit Agreement(Metric metric) : metric(metric) {}

  /// A run of the model and one of what stands for it.
  void add(const Outputs &expected, const Outputs &actual, const std::vector<size_t> &lastDims);

  /// The share of rows whose largest element is another one; 1 - the mean cosine; the mean
  /// divergence.
  double getDrop() const;
  /// Bounds of the drop that hold with a probability of `confidence`, each: of shares by Wilson's
  /// score (E. B. Wilson, 1927), of means by Student's t, for which the normal quantile stands.
  double getUpperBound(double confidence) const;
  double getLowerBound(double confidence) const;
  /// That of as many samples on which the models agree in everything.
  Agreement ofEqual() const;
  /// How many more samples like these would put the upper bound to `most`; nothing if no number
  /// would.
  std::optional<uint64_t> missingFor(double most, double confidence) const;
  /// 10 log10(sum expected^2 / sum (expected - actual)^2), in dB.
  double getSqnr() const;
  double getMeanCosine() const { return samples ? cosines / samples : 1; }
  uint64_t getRows() const { return rows; }
  uint64_t getDifferent() const { return different; }
  uint64_t getSamples() const { return samples; }

private:
  Metric metric;
  uint64_t rows = 0, different = 0, samples = 0;
  double cosines = 0;
  /// Sums of what each sample drops by, and of its square: 1 - cosine, or the mean divergence.
  double losses = 0, squares = 0;
  double signal = 0, noise = 0;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_AGREEMENT_H
