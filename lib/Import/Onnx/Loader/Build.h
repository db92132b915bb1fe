//===- Build.h - from the rewritten protobuf to the importer's structs --===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The last step of loading: names become ValueIds, schema defaults are filled in.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_BUILD_H
#define OPTC_IMPORT_ONNX_LOADER_BUILD_H

#include "lib/Import/Onnx/Loader/BlobStore.h"
#include "lib/Import/Onnx/Model.h"

namespace optc::onnximport {

class Names;

/// Fills graph, values and opsets of `model`. Throws LoadFailure on an undefined name.
void buildModel(const onnx::ModelProto &proto, const BlobStore &blobs, const Names &names,
                Model &model);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_BUILD_H
