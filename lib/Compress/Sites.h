//===- Sites.h - products that can be of integers -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What of a module is to be quantized.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_COMPRESS_SITES_H
#define OPTC_COMPRESS_SITES_H

#include "dialects/NN/Builder.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace optc::compress {

/// The constant that a product's weight is, perhaps transposed.
struct SiteWeight {
  nn::ConstantOp constant;
  int64_t outputs, channels; ///< dims of the constant

  static std::optional<SiteWeight> match(nn::ContractionOpInterface op);
  /// Of a product, or of rows that are gathered: each is an output then.
  static std::optional<SiteWeight> match(mlir::Operation *op);
  /// Whether every output is summed over all channels of the data, each with its own part of the
  /// weight.
  bool readsAllChannels(nn::ContractionOpInterface op);
};

/// The entry, which is all of a model.
mlir::func::FuncOp entryOf(mlir::ModuleOp module);

/// The products in the entry's own block that can be of integers.
llvm::SmallVector<nn::ContractionOpInterface> sitesOf(mlir::func::FuncOp func);

/// The products and gathers in the entry's own block whose weight can be of narrower floats, or of
/// codes in blocks.
llvm::SmallVector<mlir::Operation *> storedSitesOf(mlir::func::FuncOp func);
llvm::SmallVector<mlir::Operation *> blockSitesOf(mlir::func::FuncOp func);

} // namespace optc::compress

#endif // OPTC_COMPRESS_SITES_H
