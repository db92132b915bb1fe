//===- Plan.h - what each product is quantized to -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The decisions of a quantization, by the number of the site.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_COMPRESS_PLAN_H
#define OPTC_COMPRESS_PLAN_H

#include "lib/Compress/BlockWeight.h"
#include "lib/Compress/Observer.h"
#include "lib/Support/Json.h"

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace optc::compress {

/// What becomes of products: data with a scale each and weights with one per output, to bytes; or
/// weights to codes with a scale per block, of 8 bits with data that are rounded as they come or
/// stay floats, or of 4 bits; or weights to floats of 16 bits.
enum class Scheme : uint8_t { Int8, Int8Dynamic, Int8Weights, Int4Weights, Bf16, F16 };

/// What kind of numbers a scheme stores.
enum class Storage : uint8_t { Integers, Blocks, Floats };

/// "int8", "int8-dynamic", "int8-weights", "int4-weights", "bf16", "f16".
const char *nameOf(Scheme scheme);
std::optional<Scheme> schemeOf(std::string_view name);
std::vector<std::string> listSchemes();
Storage storageOf(Scheme scheme);
/// Whether weights become codes in blocks.
inline bool usesBlocks(Scheme scheme) { return storageOf(scheme) == Storage::Blocks; }
/// The blocks of a scheme, if nothing else is asked for.
BlockFormat blockFormatOf(Scheme scheme);

/// A product of data with a constant weight, or rows gathered of one.
struct Site {
  std::string node, op; ///< the ONNX node, and the op of nn
  /// The number of the value that a product reads, among all that they read.
  std::optional<size_t> value;
  /// The number of its weight: a vocabulary may be that of the last product, too.
  size_t weight = 0;
  uint64_t weightBytes = 0;
  /// Numbers of which an output is the sum; of rows that are gathered, how long they are.
  int64_t depth = 0;
  std::string refusal = {}; ///< why it cannot be what the scheme makes of it, if so
};

/// What is made of a site.
struct SiteChoice {
  bool quantized = true;
  int64_t bits = 0;   ///< of codes in blocks, where they are not the plan's
  std::string reason; ///< why it is not as the others are
  /// How far its result is off where it reads what the model reads: 10 log10(sum y^2 / sum (y -
  /// q)^2) over calibration, in dB; 0 without.
  double sqnr = 0;
};

/// Data as integers of 8 bits without a sign.
struct ValueScale {
  double scale = 1;
  int64_t zeroPoint = 0;
  /// What each channel is divided by before it is quantized, and multiplied with in the weights:
  /// channels of unlike sizes share the steps then (G. Xiao et al., SmoothQuant, 2023). Empty: not.
  std::vector<float> factors;
  /// Whether there are factors. Where they are not known any more, as in a report, they are numbers
  /// that mean nothing.
  bool isBalanced = false;
  /// The mean of each channel, from which follows what rounding of the weights adds to each output.
  std::vector<double> means;

  static ValueScale of(const Range &range);
};

/// What both models reach: accuracies, perplexities, or scores of a script.
struct Figures {
  std::string name;
  double model = 0, made = 0;
};

struct DropBound {
  double most = 1, confidence = 0;
};

/// What was found of the whole model, on the code that ships.
struct Evaluation {
  std::string metric; ///< empty: nothing
  uint64_t calibrated = 0, samples = 0;
  double drop = 0;
  std::optional<DropBound> bound; ///< nothing is known of numbers of a script
  std::optional<Figures> figures;
  double cosine = 1, sqnr = 0; ///< of the samples, if there are any
};

struct Plan {
  Scheme scheme = Scheme::Int8;
  BlockFormat blocks; ///< where the scheme has them
  /// The codes of sites whose data are known; others have those of the least error of the weight.
  std::vector<std::shared_ptr<const BlockCodes>> codes;
  std::string range; ///< how ranges, or codes, were chosen
  /// Whether outputs are corrected by the means of values. Where these are not known any more, as
  /// in a report, the corrections are numbers that mean nothing.
  bool correctsBias = false;
  Evaluation evaluation;
  uint64_t targetBytes = 0; ///< what weights may take; 0: no limit was asked for
  std::vector<Site> sites;
  std::vector<SiteChoice> choices; ///< of sites
  std::vector<ValueScale> values;

  size_t countQuantized() const;
  /// How many values products read.
  size_t countValues() const;
  /// How the weight of a site becomes codes.
  BlockFormat formatOf(size_t site) const;
  /// Bits of the weight of a site, and the bytes that it takes with its scales.
  int64_t getBits(size_t site) const;
  uint64_t getWeightBytes(size_t site) const;
  /// Of all weights, each once: before, and now.
  std::pair<uint64_t, uint64_t> countBytes() const;
  /// How many sites have weights of so many bits.
  size_t countOfBits(int64_t bits) const;
  nlohmann::ordered_json toJson() const;
  /// What `toJson` made; sites that are missing are not quantized.
  static Plan fromJson(const json::Value &json);
};

/// What the stage `compress` is asked for.
struct Request {
  enum Kind : uint8_t {
    /// The data of all sites become outputs of the model, named `observedName`.
    Observe,
    /// For every site that is quantized two further outputs, named `measuredName`: sums of squares
    /// of its result, and of what integers are off it.
    Measure,
    Apply
  };
  Kind kind = Apply;
  Plan plan;
};

std::string observedName(size_t value);
std::string measuredName(size_t site, bool isError);

} // namespace optc::compress

#endif // OPTC_COMPRESS_PLAN_H
