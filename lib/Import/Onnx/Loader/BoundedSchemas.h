//===- BoundedSchemas.h - schemas whose inference stays small -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX's data propagation follows the elements of every one-dimensional tensor, of any type
// and length: one message per element and value. A declared length of 2^31 asks for 100 GB,
// and the samples of a second of sound for megabytes per node. No shape has so many elements.
// And its inference of Resize refuses sizes or scales whose number is not known.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_BOUNDEDSCHEMAS_H
#define OPTC_IMPORT_ONNX_LOADER_BOUNDEDSCHEMAS_H

#include "onnx/defs/schema.h"

namespace optc::onnximport {

/// ONNX's schemas, to be given to its shape inference: what is longer than a shape can be has
/// no known elements.
const onnx::ISchemaRegistry &boundedSchemas();

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_BOUNDEDSCHEMAS_H
