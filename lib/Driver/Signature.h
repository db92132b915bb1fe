//===- Signature.h - entry points as users see them -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the manifest says of inputs and outputs, taken from nn functions: later stages drop names
// and signs.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_SIGNATURE_H
#define OPTC_DRIVER_SIGNATURE_H

#include "lib/Artifact/Manifest.h"
#include "lib/Import/Onnx/Model.h"
#include "mlir/IR/BuiltinOps.h"

namespace optc::driver {

/// The entry points of a module of nn, which are all its functions.
std::vector<artifact::EntryPoint> describeEntries(mlir::ModuleOp module);

/// Inputs with a default say where in `defaultsImage` it is.
void describeDefaults(const std::vector<onnximport::Tensor> &defaults, artifact::EntryPoint &entry);
/// The defaults, each at a multiple of the alignment of buffers.
std::string defaultsImage(const std::vector<onnximport::Tensor> &defaults);

/// Every bound belongs to the entries that have its symbol; it has to be that of an input.
Error bindSymbols(const std::vector<artifact::Bound> &bounds,
                  std::vector<artifact::EntryPoint> &entries);

} // namespace optc::driver

#endif // OPTC_DRIVER_SIGNATURE_H
