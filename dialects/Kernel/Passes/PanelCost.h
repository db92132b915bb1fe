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
#ifndef OPTC_DIALECTS_KERNEL_PASSES_PANELCOST_H
#define OPTC_DIALECTS_KERNEL_PASSES_PANELCOST_H

#include <cstdint>

namespace optc::kernel {

/// What is packed. With `paired`, neighbouring rows stand side by side (bf16), and one instruction
/// sums two products.
struct PanelMatrix {
  int64_t columns, depth;
  bool paired = false;
};

/// Cycles for one row of the result with panels of this width.
double estimatePanels(const PanelMatrix &matrix, int64_t width);

/// The cheapest width. Of those about equal one that divides the columns, as one kind of panel is
/// less code than two, and of these the widest.
int64_t choosePanelWidth(const PanelMatrix &matrix);

} // namespace optc::kernel

#endif // OPTC_DIALECTS_KERNEL_PASSES_PANELCOST_H
