//===- Judge.cpp - who says what a candidate loses ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Judge.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Judge.h"

#include <algorithm>
#include <cmath>

namespace optc::driver {

static constexpr const char *metricNames[] = {"top1", "cosine", "kl", "perplexity"};

const char *nameOf(Metric metric) { return metricNames[static_cast<size_t>(metric)]; }

std::optional<Metric> metricOf(std::string_view name) {
  for (Metric metric : {Metric::Top1, Metric::Cosine, Metric::Divergence, Metric::Perplexity})
    if (name == nameOf(metric))
      return metric;
  return std::nullopt;
}

double logSumOf(const float *scores, size_t count) {
  double most = *std::max_element(scores, scores + count), sum = 0;
  for (size_t i = 0; i < count; ++i)
    sum += std::exp(scores[i] - most);
  return most + std::log(sum);
}

size_t indexOfLargest(const float *scores, size_t count) {
  return static_cast<size_t>(std::max_element(scores, scores + count) - scores);
}

/// sum p log(p / q), p and q being the softmax of rows of scores.
static double divergence(const float *expected, const float *actual, size_t count) {
  double ofExpected = logSumOf(expected, count), ofActual = logSumOf(actual, count), sum = 0;
  for (size_t i = 0; i < count; ++i) {
    double p = expected[i] - ofExpected;
    if (double weight = std::exp(p); weight > 0)
      sum += weight * (p - (actual[i] - ofActual));
  }
  return std::max(sum, 0.0); // below by rounding only
}

/// The number of all rows of outputs, and the sum of what `loss` says of pairs of them.
template <typename Loss>
static SampleLoss sumOfRows(const Outputs &expected, const Outputs &actual, Loss loss) {
  SampleLoss result;
  for (size_t o = 0; o < expected.size() && o < actual.size(); ++o) {
    size_t length = expected[o].getRowLength();
    size_t rows = std::min(expected[o].countRows(), actual[o].countRows());
    for (size_t row = 0; row < rows; ++row)
      result.loss += loss(expected[o].values.data() + row * length,
                          actual[o].values.data() + row * length, length);
    result.rows += static_cast<double>(rows);
  }
  return result;
}

namespace {
class LargestTeacher : public Judge {
public:
  Drop::Kind getKind() const override { return Drop::Kind::Share; }
  SampleLoss judge(size_t, const Outputs &expected, const Outputs &actual) const override {
    auto differ = [](const float *a, const float *b, size_t count) {
      return indexOfLargest(a, count) == indexOfLargest(b, count) ? 0 : 1;
    };
    SampleLoss result = sumOfRows(expected, actual, differ);
    result.lost = result.loss;
    return result;
  }
};

/// Each sample counts the same in these.
class CosineTeacher : public Judge {
public:
  Drop::Kind getKind() const override { return Drop::Kind::Mean; }
  SampleLoss judge(size_t, const Outputs &expected, const Outputs &actual) const override {
    SampleLoss result;
    result.rows = 1;
    result.loss = 1 - cosineOf(expected, actual);
    return result;
  }
};

class DivergenceTeacher : public Judge {
public:
  Drop::Kind getKind() const override { return Drop::Kind::Mean; }
  SampleLoss judge(size_t, const Outputs &expected, const Outputs &actual) const override {
    SampleLoss result = sumOfRows(expected, actual, divergence);
    result.loss /= std::max(result.rows, 1.0);
    result.rows = 1;
    return result;
  }
};
} // namespace

std::unique_ptr<Judge> makeTeacher(Metric metric) {
  if (metric == Metric::Cosine)
    return std::make_unique<CosineTeacher>();
  if (metric == Metric::Divergence)
    return std::make_unique<DivergenceTeacher>();
  return std::make_unique<LargestTeacher>();
}

} // namespace optc::driver
