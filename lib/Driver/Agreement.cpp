//===- Agreement.cpp - two models on the same samples -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Agreement.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Agreement.h"
#include "lib/Support/DType.h"

#include <algorithm>
#include <cmath>

namespace optc::driver {

static constexpr const char *metricNames[] = {"top1", "cosine", "kl"};

const char *nameOf(Metric metric) { return metricNames[static_cast<size_t>(metric)]; }

std::optional<Metric> metricOf(std::string_view name) {
  for (Metric metric : {Metric::Top1, Metric::Cosine, Metric::Divergence})
    if (name == nameOf(metric))
      return metric;
  return std::nullopt;
}

/// Whether an output is an input's successor.
static bool isState(const Session &session, const optc_tensor_info &output) {
  constexpr int32_t leastRank = 3;
  for (size_t i = 0; output.rank >= leastRank && i < session.inputCount(); ++i) {
    const optc_tensor_info &input = session.input(i);
    int grown = 0, others = input.rank != output.rank || input.dtype != output.dtype;
    for (int32_t d = 0; d < output.rank && !others; ++d) {
      bool isKnown = input.dims[d] >= 0 || output.dims[d] >= 0;
      std::string_view from = input.symbols[d] ? input.symbols[d] : "",
                       to = output.symbols[d] ? output.symbols[d] : "";
      if (isKnown)
        others += input.dims[d] != output.dims[d];
      else
        grown += from != to;
    }
    if (others == 0 && grown == 1)
      return true;
  }
  return false;
}

Outputs readOutputs(Session &session, std::vector<size_t> &lastDims) {
  Outputs outputs;
  lastDims.clear();
  auto isOwn = [&](size_t i) {
    return std::string_view(session.output(i).name).rfind("optc.", 0) != 0 &&
           session.output(i).dtype == OPTC_FLOAT;
  };
  bool hasOthers = false;
  for (size_t i = 0; i < session.outputCount(); ++i)
    hasOthers |= isOwn(i) && !isState(session, session.output(i));
  for (size_t i = 0; i < session.outputCount(); ++i) {
    optc_tensor tensor;
    if (!isOwn(i) || (hasOthers && isState(session, session.output(i))) ||
        session.context().output(i, tensor) || tensor.dtype != OPTC_FLOAT)
      continue;
    size_t count = countElements(tensor);
    const auto *data = static_cast<const float *>(tensor.data);
    outputs.emplace_back(data, data + count);
    lastDims.push_back(tensor.rank ? static_cast<size_t>(tensor.dims[tensor.rank - 1]) : 1);
  }
  return outputs;
}

/// The number that a normally distributed one is below with a probability of p.
static double normalQuantile(double p) {
  double low = -40, high = 40;
  for (int i = 0; i < 100; ++i) {
    double middle = (low + high) / 2;
    (std::erfc(-middle / std::sqrt(2.0)) / 2 < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

/// sum p log(p / q), p and q being the softmax of rows of scores.
static double divergence(const float *expected, const float *actual, size_t count) {
  auto logSum = [&](const float *scores) {
    double most = *std::max_element(scores, scores + count), sum = 0;
    for (size_t i = 0; i < count; ++i)
      sum += std::exp(scores[i] - most);
    return most + std::log(sum);
  };
  double ofExpected = logSum(expected), ofActual = logSum(actual), sum = 0;
  for (size_t i = 0; i < count; ++i) {
    double p = expected[i] - ofExpected;
    if (double weight = std::exp(p); weight > 0)
      sum += weight * (p - (actual[i] - ofActual));
  }
  return std::max(sum, 0.0); // below by rounding only
}

void Agreement::add(const Outputs &expected, const Outputs &actual,
                    const std::vector<size_t> &lastDims) {
  double dot = 0, ours = 0, theirs = 0, divergences = 0;
  uint64_t rowsBefore = rows;
  for (size_t o = 0; o < expected.size() && o < actual.size(); ++o) {
    size_t row = std::max<size_t>(lastDims[o], 1);
    const std::vector<float> &a = expected[o], &b = actual[o];
    size_t count = std::min(a.size(), b.size());
    for (size_t first = 0; row > 1 && first + row <= count; first += row) {
      auto largest = [&](const std::vector<float> &values) {
        return std::max_element(values.begin() + first, values.begin() + first + row) -
               values.begin();
      };
      ++rows;
      different += largest(a) != largest(b);
      if (metric == Metric::Divergence)
        divergences += divergence(a.data() + first, b.data() + first, row);
    }
    for (size_t i = 0; i < count; ++i) {
      double x = a[i], y = b[i];
      dot += x * y, ours += x * x, theirs += y * y;
      noise += (x - y) * (x - y);
    }
  }
  signal += ours;
  bool isZero = ours == 0 || theirs == 0;
  double cosine = isZero ? double(ours == theirs) : dot / std::sqrt(ours * theirs);
  ++samples;
  cosines += cosine;
  double loss = metric == Metric::Divergence
                    ? divergences / double(std::max<uint64_t>(rows - rowsBefore, 1))
                    : 1 - cosine;
  losses += loss;
  squares += loss * loss;
}

double Agreement::getDrop() const {
  if (metric != Metric::Top1)
    return samples ? losses / double(samples) : 0;
  return rows ? double(different) / double(rows) : 0;
}

/// Of `count` tries of which `share` hit; `sign` says which bound.
static double wilson(double share, double count, double z, double sign) {
  if (count == 0)
    return sign > 0 ? 1 : 0;
  double square = z * z, middle = share + square / (2 * count);
  double half = z * std::sqrt(share * (1 - share) / count + square / (4 * count * count));
  return (middle + sign * half) / (1 + square / count);
}

/// The standard error of the mean of `count` numbers whose squares sum up to `squares`.
static double standardError(double mean, double squares, double count) {
  double variance = std::max(0.0, squares / count - mean * mean) * count / std::max(count - 1, 1.0);
  return std::sqrt(variance / count);
}

double Agreement::getUpperBound(double confidence) const {
  double z = normalQuantile(confidence), drop = getDrop();
  if (metric == Metric::Top1)
    return wilson(drop, double(rows), z, 1);
  return samples < 2 ? 1 : drop + z * standardError(drop, squares, double(samples));
}

double Agreement::getLowerBound(double confidence) const {
  double z = normalQuantile(confidence), drop = getDrop();
  if (metric == Metric::Top1)
    return wilson(drop, double(rows), z, -1);
  return samples < 2 ? 0 : drop - z * standardError(drop, squares, double(samples));
}

Agreement Agreement::ofEqual() const {
  Agreement equal(*this);
  equal.different = 0;
  equal.losses = equal.squares = 0;
  equal.cosines = double(samples);
  return equal;
}

std::optional<uint64_t> Agreement::missingFor(double most, double confidence) const {
  double drop = getDrop(), z = normalQuantile(confidence);
  if (drop >= most || samples == 0)
    return std::nullopt;
  double each = metric == Metric::Top1 ? double(rows) / double(samples) : 1;
  for (uint64_t all = samples; all < uint64_t(1) << 40; all += std::max<uint64_t>(all / 64, 1)) {
    auto count = double(all);
    double bound = metric == Metric::Top1
                       ? wilson(drop, count * each, z, 1)
                       : drop + z * standardError(drop, squares / double(samples) * count, count);
    if (bound <= most && all > 1)
      return all - samples;
  }
  return std::nullopt;
}

double Agreement::getSqnr() const {
  return noise == 0 ? INFINITY : 10 * std::log10(signal / noise);
}

} // namespace optc::driver
