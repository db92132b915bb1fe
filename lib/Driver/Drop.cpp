//===- Drop.cpp - what a model loses to another ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Drop.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Drop.h"

#include <algorithm>
#include <cmath>

namespace optc::driver {

/// Halvings after which doubles are as close as they get.
static constexpr int halvings = 100;

/// The number that a normally distributed one is below with a probability of p.
static double normalQuantile(double p) {
  double low = -40, high = 40;
  for (int i = 0; i < halvings; ++i) {
    double middle = (low + high) / 2;
    (std::erfc(-middle / std::sqrt(2.0)) / 2 < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

/// Of `count` tries of which `share` hit; `sign` says which bound.
static double wilson(double share, double count, double z, double sign) {
  if (count == 0)
    return sign > 0 ? 1 : 0;
  double square = z * z, middle = share + square / (2 * count);
  double half = z * std::sqrt(share * (1 - share) / count + square / (4 * count * count));
  return (middle + sign * half) / (1 + square / count);
}

/// How many standard errors the difference is below `difference`, which stands for all there could
/// be: with the most likely share of won rows that goes with it.
static double pairedScore(double lost, double won, double count, double difference) {
  double a = 2 * count, b = (2 * count - lost + won) * difference - lost - won;
  double c = -won * difference * (1 - difference);
  double share = (std::sqrt(std::max(b * b - 4 * a * c, 0.0)) - b) / (2 * a);
  double variance = count * (2 * share + difference * (1 - difference));
  double distance = count * difference - (lost - won);
  return variance > 0 ? distance / std::sqrt(variance) : distance > 0 ? INFINITY : 0;
}

/// The largest difference that z standard errors allow. Without any lost or won row it is that of
/// Wilson's bound: z^2 / (count + z^2).
static double pairedBound(double lost, double won, double count, double z) {
  if (count == 0)
    return 1;
  double low = (lost - won) / count, high = 1;
  for (int i = 0; i < halvings; ++i) {
    double middle = (low + high) / 2;
    (pairedScore(lost, won, count, middle) < z ? low : high) = middle;
  }
  return high;
}

Drop Drop::ofScores(const Figures &scores) {
  Drop drop(Kind::Exact);
  drop.sum.rows = 1;
  drop.sum.loss = (scores.model - scores.made) / std::abs(scores.model);
  drop.sum.model = scores.model;
  drop.sum.made = scores.made;
  return drop;
}

void Drop::add(const SampleLoss &sample) {
  ++samples;
  sum.rows += sample.rows;
  sum.lost += sample.lost;
  sum.won += sample.won;
  sum.loss += sample.loss;
  sum.model += sample.model;
  sum.made += sample.made;
  squares += sample.loss * sample.loss;
  products += sample.loss * sample.rows;
  rowSquares += sample.rows * sample.rows;
}

double Drop::get() const {
  if (sum.rows == 0)
    return 0;
  if (kind == Kind::Share || kind == Kind::Paired)
    return (sum.lost - sum.won) / sum.rows;
  double mean = sum.loss / sum.rows;
  return kind == Kind::Rise ? std::expm1(mean) : mean;
}

/// Of the mean loss of a row: samples differ, and in how many rows they have (the ratio estimator
/// of surveys).
double Drop::getStandardError(double growth) const {
  double mean = sum.loss / sum.rows, count = static_cast<double>(samples) * growth;
  double around = squares - 2 * mean * products + mean * mean * rowSquares;
  double variance = std::max(around, 0.0) * growth * count / std::max(count - 1, 1.0);
  return std::sqrt(variance) / (sum.rows * growth);
}

double Drop::getBound(double confidence, double sign, double growth) const {
  double z = normalQuantile(confidence), count = sum.rows * growth;
  if (kind == Kind::Exact)
    return get();
  if (kind == Kind::Share)
    return wilson(get(), count, z, sign);
  double lost = sum.lost * growth, won = sum.won * growth;
  if (kind == Kind::Paired) // the other way round what is won is lost
    return sign > 0 ? pairedBound(lost, won, count, z) : -pairedBound(won, lost, count, z);
  // One sample shows nothing of others.
  bool isRise = kind == Kind::Rise;
  if (static_cast<double>(samples) * growth < 2 || count == 0)
    return sign < 0 ? (isRise ? -1 : 0) : (isRise ? INFINITY : 1);
  double bound = sum.loss / sum.rows + sign * z * getStandardError(growth);
  return isRise ? std::expm1(bound) : bound;
}

double Drop::getUpperBound(double confidence) const { return getBound(confidence, 1, 1); }

double Drop::getLowerBound(double confidence) const { return getBound(confidence, -1, 1); }

Drop Drop::ofEqual(uint64_t count) const {
  Drop equal(*this);
  if (samples > 0) {
    double growth = static_cast<double>(count) / static_cast<double>(samples);
    equal.samples = count;
    equal.sum.rows *= growth;
    equal.sum.model *= growth;
    equal.rowSquares *= growth;
  }
  equal.sum.lost = equal.sum.won = equal.sum.loss = 0;
  equal.sum.made = equal.sum.model;
  equal.squares = equal.products = 0;
  return equal;
}

std::optional<uint64_t> Drop::missingFor(double most, double confidence) const {
  constexpr uint64_t tooMany = uint64_t(1) << 40, stepsPerDouble = 64;
  if (get() >= most || samples == 0 || !hasBounds())
    return std::nullopt;
  for (uint64_t all = samples; all < tooMany; all += std::max<uint64_t>(all / stepsPerDouble, 1)) {
    double growth = static_cast<double>(all) / static_cast<double>(samples);
    if (all > 1 && getBound(confidence, 1, growth) <= most)
      return all - samples;
  }
  return std::nullopt;
}

Drop::Figures Drop::getFigures() const {
  double rows = std::max(sum.rows, 1.0);
  Figures figures{sum.model / rows, sum.made / rows};
  if (kind == Kind::Rise)
    figures = {std::exp(figures.model), std::exp(figures.made)};
  return figures;
}

} // namespace optc::driver
