//===- BlobStore.h - tensor bytes kept outside their protobuf message ---===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// While a model passes through ONNX's checker and converters, the bytes of its large
// tensors stay where they are (in a mapped file) and the TensorProto carries only a
// marker: it is "external" at a location no file system has, and an entry with a key
// drawn at random per load holds the blob's number. ONNX hands such tensors through
// untouched; a marker written by the author of the file does not have the key.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_BLOBSTORE_H
#define OPTC_IMPORT_ONNX_LOADER_BLOBSTORE_H

#include "onnx/onnx_pb.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace optc::onnximport {

struct Blob {
  const char *data = nullptr;
  size_t bytes = 0;
  std::shared_ptr<const void> owner;
};

class BlobStore {
public:
  /// Tensors up to this size stay inline: shape inference reads them.
  static constexpr size_t inlineBytes = 4096;

  BlobStore();

  /// Remembers the bytes and returns the blob's number.
  size_t add(Blob blob);
  /// A tensor message with the marker of a blob and nothing else, to be merged in.
  onnx::TensorProto marker(size_t number) const;
  /// Null if the tensor carries no marker.
  const Blob *find(const onnx::TensorProto &tensor) const;

private:
  std::string key_;
  std::vector<Blob> blobs_;
};

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_BLOBSTORE_H
