//===- Drop.h - what a model loses to another -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How much it is, of samples that both were run on, and within which bounds that is certain.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_DROP_H
#define OPTC_DRIVER_DROP_H

#include <cstdint>
#include <optional>

namespace optc::driver {

/// What one sample shows of a model and of what stands for it.
struct SampleLoss {
  double rows = 0;            ///< what sums are divided by
  double lost = 0, won = 0;   ///< rows that only the model, or only the other, has right
  double loss = 0;            ///< a sum over the rows
  double model = 0, made = 0; ///< sums of what is told of both
};

class Drop {
public:
  enum class Kind : uint8_t {
    Share,  ///< lost rows of all
    Paired, ///< rows that are lost without those that are won, of all
    Mean,   ///< of the losses
    Rise,   ///< exp(mean of the losses) - 1: how much larger a perplexity is
    Exact   ///< no samples, and so no bounds
  };
  /// What is told of the two: a mean, or the exponential of one.
  struct Figures {
    double model = 0, made = 0;
  };

  explicit Drop(Kind kind) : kind(kind) {}
  /// Of what is better the larger it is, relative to that of the model.
  static Drop ofScores(const Figures &scores);

  void add(const SampleLoss &sample);

  double get() const;
  bool hasBounds() const { return kind != Kind::Exact; }
  /// Bounds that hold with a probability of `confidence`, each: of shares by Wilson's score (E. B.
  /// Wilson, 1927), of pairs by the score of their difference (T. Tango, 1998), of
  /// means by Student's t, for which the normal quantile stands; samples with more rows count more
  /// in these, and rows of one sample are taken as alike as they are.
  double getUpperBound(double confidence) const;
  double getLowerBound(double confidence) const;
  /// That of `count` samples, with as many rows, on which the models agree in everything.
  Drop ofEqual(uint64_t count) const;
  /// How many more samples like these would put the upper bound to `most`; nothing if no number
  /// would.
  std::optional<uint64_t> missingFor(double most, double confidence) const;
  uint64_t getSamples() const { return samples; }
  /// Of kinds that have them.
  Figures getFigures() const;

private:
  /// `sign` says which; as of `growth` times as many samples like these.
  double getBound(double confidence, double sign, double growth) const;
  double getStandardError(double growth) const;

  Kind kind;
  uint64_t samples = 0;
  SampleLoss sum;
  /// Sums of loss * loss, loss * rows and rows * rows.
  double squares = 0, products = 0, rowSquares = 0;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_DROP_H
