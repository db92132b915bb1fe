//===- WireCutter.h - parses a model without copying its weights --------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Protobuf copies every byte it parses, and refuses more than 2 GB. This walks the
// wire format of the mapped file, replaces the large data fields of its tensors by
// markers (BlobStore.h) that point back into the file, and parses what is left.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_WIRECUTTER_H
#define OPTC_IMPORT_ONNX_LOADER_WIRECUTTER_H

#include "lib/Import/Onnx/Loader/BlobStore.h"
#include "lib/Import/Onnx/Loader/MappedFile.h"

namespace optc::onnximport {

/// Throws LoadFailure if the bytes are not a protobuf message of this kind.
onnx::ModelProto parseModel(const std::shared_ptr<const MappedFile> &file, BlobStore &blobs);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_WIRECUTTER_H
