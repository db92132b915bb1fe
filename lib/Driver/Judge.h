//===- Judge.h - who says what a candidate loses --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a sample shows of the model and of what stands for it, by one measure.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_JUDGE_H
#define OPTC_DRIVER_JUDGE_H

#include "lib/Driver/Agreement.h"
#include "lib/Driver/Drop.h"

#include <optional>
#include <string_view>

namespace optc::driver {

/// What is compared: which element of each row is the largest; cosines of whole outputs; the
/// Kullback-Leibler divergence of rows as scores (logits), in nats; how unlikely rows as scores
/// make the next token.
enum class Metric : uint8_t { Top1, Cosine, Divergence, Perplexity };

/// "top1", "cosine", "kl", "perplexity".
const char *nameOf(Metric metric);
std::optional<Metric> metricOf(std::string_view name);

class Judge {
public:
  virtual ~Judge() = default;
  virtual Drop::Kind getKind() const = 0;
  /// What the figures of both are called; null: there are none.
  virtual const char *getFigureName() const { return nullptr; }
  /// Sees the next sample, whose inputs the session has, and what the model makes of it.
  virtual Error look(const Session &session, const Outputs &expected) { return {}; }
  /// Judges whether it fits all that was seen.
  virtual Error check() const { return {}; }
  virtual SampleLoss judge(size_t sample, const Outputs &expected, const Outputs &actual) const = 0;
};

/// Where the model itself is the teacher: all metrics but perplexity.
std::unique_ptr<Judge> makeTeacher(Metric metric);

/// log sum exp of a row.
double logSumOf(const float *scores, size_t count);
/// The first of the largest.
size_t indexOfLargest(const float *scores, size_t count);

} // namespace optc::driver

#endif // OPTC_DRIVER_JUDGE_H
