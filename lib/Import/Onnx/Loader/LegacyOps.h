//===- LegacyOps.h - what ONNX's version converter lacks ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Conversions for ops of opsets 1 to 6, from before ops were broadcast by default.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_LEGACYOPS_H
#define OPTC_IMPORT_ONNX_LOADER_LEGACYOPS_H

#include "onnx/version_converter/convert.h"

namespace optc::onnximport {

class Names;

/// Adds adapters for And, Or, Xor, Equal, Greater, Less, Cast, GRU, LSTM, RNN, LpPool,
/// GlobalLpPool, Pad and Split. A node they cannot convert throws.
void registerLegacyAdapters(onnx::version_conversion::DefaultVersionConverter &converter);

/// Before opset 7 a PRelu slope of shape [C] meant one value per channel; since then it
/// is broadcast from the right: makes it [C, 1, ..., 1]. `opset` is the model's; types must
/// have been inferred.
void fixPReluSlopes(onnx::ModelProto &model, int64_t opset, Names &names);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_LEGACYOPS_H
