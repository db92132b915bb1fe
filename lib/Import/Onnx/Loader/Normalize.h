//===- Normalize.h - one way to say each thing --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rewrites that leave one form of a constant, of a domain and of a graph input, so
// that later steps need not know the others.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_NORMALIZE_H
#define OPTC_IMPORT_ONNX_LOADER_NORMALIZE_H

#include "lib/Import/Onnx/Loader/BlobStore.h"

#include <map>
#include <string>
#include <vector>

namespace optc::onnximport {

/// "ai.onnx" becomes "" in nodes, functions and imports; drops what is not run: training
/// information, quantization hints, documentation.
void normalizeDomains(onnx::ModelProto &model);

/// Sparse initializers and sparse constants become dense ones.
void densifyAll(onnx::ModelProto &model, BlobStore &blobs);

/// Constant nodes become initializers of their graph.
void constantsToInitializers(onnx::GraphProto &root);

/// Drops initializers that nothing uses: their types may be such as nothing here can hold.
void dropUnusedConstants(onnx::GraphProto &root);

/// Graph inputs that have an initializer are constants: removes them from the inputs and
/// returns their names. Those in `overridable` stay inputs, and their initializers, which are
/// defaults, are moved to `defaults`.
std::vector<std::string> dropConstantInputs(onnx::GraphProto &root,
                                            const std::vector<std::string> &overridable,
                                            std::vector<onnx::TensorProto> &defaults);

/// Takes away the types the file claims for values that nodes compute, because exporters get
/// them wrong and inference would let them contradict what it finds. Inputs keep theirs.
/// Returns the claims by value name.
std::map<std::string, onnx::TypeProto> takeClaimedTypes(onnx::GraphProto &root);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_NORMALIZE_H
