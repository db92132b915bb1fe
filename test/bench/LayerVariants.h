//===- LayerVariants.h - layers of models, and the ways to run them -------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Takes single kernel ops out of a module (`optc --emit=kernel`), and writes for each of them the
// variants that the compiler could have emitted: other panels, blocks and tiles, Winograd or not.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TEST_BENCH_LAYERVARIANTS_H
#define OPTC_TEST_BENCH_LAYERVARIANTS_H

#include "lib/Target/Host/CpuLevel.h"
#include "mlir/IR/BuiltinOps.h"
#include <map>
#include <string>
#include <vector>

namespace optc::test {

/// What a variant prescribes, by the names of KernelVariant.h, and besides `panel_width` and
/// `winograd` (tile, 0: direct). What is not named is chosen by the compiler.
using Variant = std::map<std::string, int64_t>;

std::string describe(const Variant &variant);

/// A kernel op of a model.
struct Layer {
  mlir::Operation *op;
  /// contraction, depthwise or winograd (a convolution for which that is a question).
  std::string family;
  /// What it computes, in short.
  std::string name;
  /// Multiply-adds by the definition.
  double products = 0;
  /// How often it occurs, by model.
  std::map<std::string, int> models;
};

/// Adds the layers of `module` to `layers`, equal ones once.
void collectLayers(mlir::ModuleOp module, const std::string &model, std::vector<Layer> &layers,
                   std::map<std::string, size_t> &known);

/// One entry per variant.
mlir::OwningOpRef<mlir::ModuleOp> makeModule(const Layer &layer, llvm::ArrayRef<Variant> variants);

/// All variants of a layer whose code differs, that of the compiler's own choice first.
std::vector<Variant> distinctVariants(const Layer &layer, const CpuLevel &level);

} // namespace optc::test

#endif // OPTC_TEST_BENCH_LAYERVARIANTS_H
