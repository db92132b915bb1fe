//===- LiftAdapters.h - what ONNX's version converter lacks or has wrong -===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Conversions of single nodes, registered with the converter before it runs.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_LIFTADAPTERS_H
#define OPTC_IMPORT_ONNX_LOADER_LIFTADAPTERS_H

#include "onnx/version_converter/convert.h"

namespace optc::onnximport {

/// Adds the missing adapters of opsets 1 to 6, and replaces those of binary ops (6 to 7), of
/// Resize, Clip and Pad (10 to 11) and of Hardmax (12 to 13). A node they cannot convert throws
/// LoadFailure.
void registerAdapters(onnx::version_conversion::DefaultVersionConverter &converter);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_LIFTADAPTERS_H
