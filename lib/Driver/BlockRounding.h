//===- BlockRounding.h - weights of a plan as codes in blocks -----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What calibration shows of the data of products, and the codes that follow from it.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_BLOCKROUNDING_H
#define OPTC_DRIVER_BLOCKROUNDING_H

#include "lib/Compress/Plan.h"
#include "lib/Driver/Progress.h"
#include "lib/Driver/Streams.h"
#include "mlir/IR/BuiltinOps.h"

#include <map>

namespace optc::driver {

/// How calibration decides codes: each the nearest, columns counting by what they are multiplied
/// with; so that they make up for each other's errors in what products read; for those of layers
/// before, too (Feedback.h).
enum class Rounding : uint8_t { Nearest, Gptq, Qronos };

/// "nearest", "gptq", "qronos".
const char *nameOf(Rounding rounding);
std::optional<Rounding> roundingOf(std::string_view name);

class BlockRounding {
public:
  /// Of the sites of a simplified module.
  BlockRounding(mlir::ModuleOp module, compress::Plan &plan) : module(module), plan(plan) {}

  /// The most that `roundInOrder` keeps beside samples.
  static uint64_t countBytes(const compress::Plan &plan);
  /// Gives sites their codes, without data. Those whose weight, or data, are not finite are left as
  /// they are.
  void roundAll(Progress &progress);
  /// The same layer by layer, by what each product reads in the samples behind those that were
  /// rounded before.
  Error roundInOrder(Streams &streams, Rounding rounding, Progress &progress);
  /// Gives a site codes of more bits, in a plan that was made of this one.
  void refine(compress::Plan &refined, size_t site, int64_t bits);

private:
  using Codes = std::shared_ptr<const compress::BlockCodes>;

  std::optional<compress::BlockMatrix> read(size_t site);
  void roundTables(bool ofProducts);
  void roundProducts(size_t value, const compress::ProductSums &sums, Rounding rounding);
  StreamWeight weightOf(size_t site) const;

  mlir::ModuleOp module;
  compress::Plan &plan;
  /// By the weight; and codes of more bits, by the weight and the bits.
  std::map<size_t, Codes> known;
  std::map<std::pair<size_t, int64_t>, Codes> finer;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_BLOCKROUNDING_H
