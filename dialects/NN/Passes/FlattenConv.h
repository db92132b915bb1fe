//===- FlattenConv.h - odd channels as longer windows ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Instructions for narrow floats multiply two neighbours at a time. Three channels, as images have,
// are no pairs; but the channels of a window's row lie one after the other in memory, and of these
// there is an even number if one with the weight zero is added.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_NN_PASSES_FLATTENCONV_H
#define OPTC_DIALECTS_NN_PASSES_FLATTENCONV_H

#include "dialects/NN/Builder.h"

namespace optc::nn {

/// Replaces a convolution of an odd number of channels by one of a single channel whose windows are
/// as many times as long, and even: conv of [N, .., W, C] with [O, C, .., w] is conv of
/// [N, .., (W + 1) C, 1] with [O, 1, .., w C or one more] and the last stride times C. The place
/// more is what the last window's last element may be of; its weight is 0, so that an infinity or a
/// NaN there becomes a NaN. Returns null, with nothing changed, for other convolutions.
ConvOp flattenOddConv(NNBuilder &b, ConvOp op);

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_PASSES_FLATTENCONV_H
