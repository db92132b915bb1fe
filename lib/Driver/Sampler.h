//===- Sampler.h - the next token ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which token follows, by its scores.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_SAMPLER_H
#define OPTC_DRIVER_SAMPLER_H

#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

namespace optc::driver {

struct SamplerOptions {
  double temperature = 0; ///< 0: the largest score, whatever else is asked for
  uint64_t topK = 0;      ///< only so many of the largest scores; 0: all
  double topP = 1;        ///< only as many of the largest as have this probability together
  double minP = 0;        ///< only what has this share of the largest probability
  double repetitionPenalty =
      1; ///< scores of tokens that were there are divided (negative ones multiplied) by it
  uint64_t seed = 0;
};

class Sampler {
public:
  explicit Sampler(const SamplerOptions &options) : options(options), random(options.seed) {}

  /// A token was there.
  void accept(uint32_t token) { seen.insert(token); }
  /// Scores are logarithms of odds; of equal ones the first counts as larger. NaN is never chosen.
  uint32_t choose(const float *scores, size_t count);

private:
  SamplerOptions options;
  std::mt19937_64 random;
  std::set<uint32_t> seen;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_SAMPLER_H
