//===- ContribSchemas.h - operators of ONNX Runtime ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX Runtime's optimizer writes operators of a domain of its own, com.microsoft. Their
// schemas are told to ONNX, so that its checker, its inference and the defaults of
// attributes treat them as operators of the standard.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_CONTRIBSCHEMAS_H
#define OPTC_IMPORT_ONNX_LOADER_CONTRIBSCHEMAS_H

#include "onnx/onnx_pb.h"

namespace optc::onnximport {

/// Registers the schemas of ContribOps.def, once per process.
void registerContribSchemas();

/// ONNX Runtime writes some operators into ai.onnx that are not in there, or not in that opset:
/// they become those of com.microsoft.
void moveContribOps(onnx::ModelProto &model);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_CONTRIBSCHEMAS_H
