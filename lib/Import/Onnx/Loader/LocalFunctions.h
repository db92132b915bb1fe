//===- LocalFunctions.h - expands the functions a model brings along ----===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Model-local functions may call each other, so a few lines of file can stand for 2^25
// nodes: the size is counted before the first node is made.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_LOCALFUNCTIONS_H
#define OPTC_IMPORT_ONNX_LOADER_LOCALFUNCTIONS_H

#include "onnx/onnx_pb.h"

#include <cstddef>

namespace optc::onnximport {

class Names;

/// Throws LoadFailure if the expanded model would have more than `maxNodes` nodes, or
/// functions call each other in a circle. To be called before any shape inference.
void checkFunctionSizes(onnx::ModelProto &model, size_t maxNodes);

/// Replaces every call of a model-local function and drops the functions.
void expandLocalFunctions(onnx::ModelProto &model, Names &names);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_LOCALFUNCTIONS_H
