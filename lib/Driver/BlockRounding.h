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
#include "lib/Driver/Session.h"
#include "mlir/IR/BuiltinOps.h"

#include <map>

namespace optc::driver {

class BlockRounding {
public:
  /// Of the sites of a simplified module. With `feedsBack` codes make up for each other's errors in
  /// what `look` was shown.
  BlockRounding(mlir::ModuleOp module, const compress::Plan &plan, bool feedsBack)
      : module(module), feedsBack(feedsBack), sums(plan.countValues()) {}

  /// What `look` keeps, and what a run for it takes besides.
  static uint64_t countBytes(const compress::Plan &plan);
  /// Adds what a run of a module with Request::Observe and sums of products gave.
  void look(Session &session);
  /// Gives sites their codes. Those whose weight, or data, were not finite are left as they are.
  void roundAll(compress::Plan &plan, Progress &progress);
  /// Gives a site codes of more bits.
  void refine(compress::Plan &plan, size_t site, int64_t bits);

private:
  std::shared_ptr<const compress::BlockCodes> round(compress::Plan &plan, size_t site) const;

  mlir::ModuleOp module;
  bool feedsBack;
  /// Of each value x, the sum of x x^T; empty where nothing was shown.
  std::vector<std::vector<float>> sums;
  /// Codes of more bits, by the weight and the bits.
  std::map<std::pair<size_t, int64_t>, std::shared_ptr<const compress::BlockCodes>> finer;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_BLOCKROUNDING_H
