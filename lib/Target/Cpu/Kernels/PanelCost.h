//===- PanelCost.h - which panels suit a matrix ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The width of the panels a weight is packed in, by an estimate of the time of one row of the
// result. All CPU levels and all entries of a model share one image of packed weights; so the
// estimate knows neither the level nor the number of rows, and nothing is measured at compile time.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_PANELCOST_H
#define OPTC_TARGET_CPU_KERNELS_PANELCOST_H

#include "dialects/Kernel/Kernel.h"

#include <cstdint>

namespace optc::cpu {

/// What is packed. Of `together` neighbouring rows that stand side by side one instruction sums the
/// products.
struct PanelMatrix {
  int64_t columns, depth;
  int64_t together = 1;
};

/// Cycles for one row of the result with panels of this width.
double estimatePanels(const PanelMatrix &matrix, int64_t width);

/// The cheapest width. Of those about equal one that divides the columns, as one kind of panel is
/// less code than two, and of these the widest.
int64_t choosePanelWidth(const PanelMatrix &matrix);

/// Panels that suit a matrix of `columns` columns and `depth` rows.
kernel::PanelsAttr choosePanels(mlir::MLIRContext *context, int64_t columns, int64_t depth,
                                int64_t interleave = 1);

/// How many rows of a weight stand side by side: what 32 bits hold, or one where the weight alone
/// is narrow. 0 for types that are not packed.
int64_t getInterleave(mlir::Type data, mlir::Type weight);

/// Whether `value` is a tensor of known shape and constant content.
bool isConstantWeight(mlir::Value value);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_PANELCOST_H
