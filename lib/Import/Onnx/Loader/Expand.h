//===- Expand.h - ops that ONNX defines by a function body --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A quarter of ONNX's ops come with a definition in terms of other ops. Those the
// importer does not take as they are get replaced by it.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_EXPAND_H
#define OPTC_IMPORT_ONNX_LOADER_EXPAND_H

#include "lib/Import/Onnx/Loader.h"

#include "onnx/onnx_pb.h"

namespace optc::onnximport {

class Names;

/// Infers types and expands, level by level, until only ops without a body and native ones
/// are left. The model has its inferred types afterwards. Returns what the last inference
/// complained about.
std::string expandFunctionOps(onnx::ModelProto &model, const LoadOptions &options, Names &names);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_EXPAND_H
