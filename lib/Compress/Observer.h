//===- Observer.h - what a value was in calibration ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// No MLIR here: numbers come in batch by batch, and a range comes out.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_COMPRESS_OBSERVER_H
#define OPTC_COMPRESS_OBSERVER_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace optc::compress {

/// How a range is chosen: all that was seen; all but one in ten thousand; least mean squared error;
/// least Kullback-Leibler divergence of the histogram.
enum class RangeMethod : uint8_t { MinMax, Percentile, Mse, Entropy };

/// "minmax", "percentile", "mse", "entropy".
const char *nameOf(RangeMethod method);
std::optional<RangeMethod> rangeMethodOf(std::string_view name);

/// Bounds of numbers, with 0 between them.
struct Range {
  double low = 0, high = 0;
};

class Observer {
public:
  /// Takes `count` numbers, of which `channelCount` neighbours are one place. Those that are not
  /// finite are counted apart.
  void add(const float *values, size_t count, size_t channelCount);

  Range getRange(RangeMethod method) const;
  /// Of one channel.
  struct Channel {
    float least = 0, most = 0;
    double sum = 0, squares = 0;
  };
  const std::vector<Channel> &getChannels() const { return channels; }
  /// The mean of each channel.
  std::vector<double> getMeans() const;
  /// How many numbers a channel has.
  uint64_t getPlaces() const { return places; }
  /// The mean squared error of what a range is quantized to.
  double getMeanError(const Range &range) const;
  uint64_t getCount() const { return count; }
  uint64_t getNonFinite() const { return nonFinite; }

private:
  /// Twice as wide bins, so often as `magnitude` needs.
  void widen(float magnitude);
  Range clipped(double share) const;
  /// The mean squared error of 256 steps over a range.
  double errorOf(const Range &range) const;
  double divergenceOf(const Range &range) const;
  template <typename Cost> Range cheapest(Cost cost) const;
  double center(size_t bin) const;

  /// Bins on either side of 0, of one width that is a power of two.
  static constexpr int64_t half = 2048;
  std::vector<uint64_t> bins = std::vector<uint64_t>(2 * half);
  double width = 0;
  uint64_t count = 0, zeros = 0, nonFinite = 0;
  float least = 0, most = 0;
  std::vector<Channel> channels;
  uint64_t places = 0;
};

} // namespace optc::compress

#endif // OPTC_COMPRESS_OBSERVER_H
