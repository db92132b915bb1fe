//===- Quantize.h - sites, and what becomes of them ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// On a simplified nn module: see the README.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_COMPRESS_QUANTIZE_H
#define OPTC_COMPRESS_QUANTIZE_H

#include "lib/Compress/Plan.h"
#include "mlir/IR/BuiltinOps.h"

namespace optc::compress {

/// The sites of a module, in order. Products in branches and loops are none: what they read is
/// nothing that could be shown.
std::vector<Site> findSites(mlir::ModuleOp module, Scheme scheme);

/// The weight of a site, [outputs, depth]; nothing where it has numbers that are not finite.
std::optional<BlockMatrix> readBlockMatrix(mlir::ModuleOp module, size_t site);

/// Whether the model computes with integers that stand for numbers already.
bool isQuantized(mlir::ModuleOp module);

/// Does what is asked for. Outputs of the names `taps` show what is computed with. Fails with a
/// diagnostic.
mlir::LogicalResult applyRequest(mlir::ModuleOp module, const Request &request,
                                 llvm::ArrayRef<std::string> taps = {});

} // namespace optc::compress

#endif // OPTC_COMPRESS_QUANTIZE_H
