//===- SeparateNames.h - one name for one value -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both branches of an If may use one name, and so may a branch and nodes behind it. ONNX's
// inference keeps the elements of shapes by name for the whole model and takes those of one
// branch for those of the other; claimed types are kept by name, too.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_SEPARATENAMES_H
#define OPTC_IMPORT_ONNX_LOADER_SEPARATENAMES_H

#include "onnx/onnx_pb.h"

namespace optc::onnximport {

/// Renames values of subgraphs whose name stands for another value elsewhere. A name that a node
/// gives to a second value of the same or a surrounding graph stays: it is an error, which the
/// checker reports.
void separateNames(onnx::GraphProto &root);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_SEPARATENAMES_H
