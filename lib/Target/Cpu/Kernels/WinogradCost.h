//===- WinogradCost.h - when Winograd pays --------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The choice between direct and Winograd convolution, by an estimate of both times. It does not
// look at the CPU level, because all levels share one image of packed weights, and nothing is
// measured at compile time, so that equal models give equal artifacts.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_WINOGRADCOST_H
#define OPTC_TARGET_CPU_KERNELS_WINOGRADCOST_H

#include "dialects/Kernel/Kernel.h"
#include <string>

namespace optc::cpu {

/// A 3x3 convolution with strides of 1: sizes of the result, channels of the input.
struct ConvShape {
  int64_t batch, height, width, channels, outputs;
  /// Input and filter are bf16: the direct form sums their products in pairs, Winograd may.
  bool isBf16 = false;
};

/// How a convolution is computed: in tiles of tile x tile outputs, or directly (0); with products
/// of pairs of bf16, or in f32.
struct WinogradForm {
  int64_t tile = 0;
  bool isPaired = false;
};

/// Estimates for one thread, in ns.
double estimateDirect(const ConvShape &shape);
double estimateWinograd(const ConvShape &shape, WinogradForm form);

/// A form, and why.
struct WinogradChoice {
  WinogradForm form;
  std::string reason;
};
WinogradChoice chooseWinograd(const ConvShape &shape);

/// The choice for a conv whose filter is not packed. Where sizes of the image are not known, those
/// are assumed that are usual with so many channels. `forbidden` is an option that
/// forbids Winograd, whose rounding errors are larger, which spreads infinities and NaNs over
/// tiles, and whose filters take more memory; or empty.
WinogradChoice chooseWinograd(kernel::ConvOp op, llvm::StringRef forbidden);

/// The layout of the filter for a form with tiles.
kernel::WinogradAttr winogradLayout(mlir::MLIRContext *context, WinogradForm form, int64_t columns);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_WINOGRADCOST_H
