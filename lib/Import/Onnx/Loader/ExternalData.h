//===- ExternalData.h - tensors whose bytes are in other files ----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Resolves every external tensor of a model, wherever it is, before anything else
// looks at the model. The files are opened by ONNX's contained open (no absolute
// path, no "..", no link, no way out of the model's folder), and the ranges, which
// ONNX does not check, are checked here.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_EXTERNALDATA_H
#define OPTC_IMPORT_ONNX_LOADER_EXTERNALDATA_H

#include "lib/Import/Onnx/Loader/BlobStore.h"

namespace optc::onnximport {

/// `folder` is the model file's. With `allowSymlinks` a file may be a symbolic link, as in
/// caches that store files under their digest; ".." and absolute paths stay refused.
void resolveExternalData(onnx::ModelProto &model, BlobStore &blobs, const std::string &folder,
                         bool allowSymlinks);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_EXTERNALDATA_H
