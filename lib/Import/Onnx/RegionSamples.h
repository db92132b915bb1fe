//===- RegionSamples.h - weighted elements of images, per region ---------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A bin of a region combines all pairs of its rows and columns of one image: for region r, bin
// (p, q), channel c
//
//   result[r, p, q, c] = combine over j, k of
//       rows.weights[r, p, j] * columns.weights[r, q, k]
//           * image[images[r], c, rows.rows[r, p, j], columns.rows[r, q, k]]
//
// The four corners of bilinear samples are such pairs: each sample is two rows times two columns.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_REGIONSAMPLES_H
#define OPTC_IMPORT_ONNX_REGIONSAMPLES_H

#include "lib/Import/Onnx/Importer.h"

namespace optc::onnximport {

/// What the bins of all regions read along one axis.
struct AxisSamples {
  mlir::Value rows;    ///< [regions, bins, samples], i64, inside of the image
  mlir::Value weights; ///< the same shape; null if all are 1
  /// [regions], i64: how many samples its bins have; the others are not read. Null: all.
  mlir::Value used;
  mlir::Value isEmpty; ///< of pools: [regions, bins], i1
};

struct RegionOperands {
  mlir::Value image;  ///< [N, C, H, W]
  mlir::Value images; ///< [regions]: which one; checked when the model runs
  AxisSamples rows, columns;
};

/// The sum or maximum, as [regions, row bins, column bins, C]; 0 of no samples.
mlir::Value combineSamples(NodeImport &n, const RegionOperands &operands, nn::ReduceKind kind);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_REGIONSAMPLES_H
