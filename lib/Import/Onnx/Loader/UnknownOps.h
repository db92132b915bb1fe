//===- UnknownOps.h - nodes whose operator nobody defines ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX's checker stops at the first operator it does not know; users want all of them.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_UNKNOWNOPS_H
#define OPTC_IMPORT_ONNX_LOADER_UNKNOWNOPS_H

#include "lib/Import/Onnx/Loader.h"

#include "onnx/onnx_pb.h"

namespace optc::onnximport {

/// One error for every node, those of subgraphs and functions included, that is neither an
/// operator of the opset its domain is imported in nor a function of the model. Domains ONNX
/// does not know pass, as they do in its checker.
std::vector<Diagnostic> findUnknownOps(onnx::ModelProto &model);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_UNKNOWNOPS_H
