//===- BlobStore.cpp - tensor bytes kept outside their protobuf message -===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Markers are made and recognized here and nowhere else.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/BlobStore.h"

#include <cstdint>
#include <random>

namespace optc::onnximport {

BlobStore::BlobStore() {
  std::random_device random;
  key_ = "optc.blob." + std::to_string((static_cast<uint64_t>(random()) << 32) | random());
}

size_t BlobStore::add(Blob blob) {
  blobs_.push_back(std::move(blob));
  return blobs_.size() - 1;
}

onnx::TensorProto BlobStore::marker(size_t number) const {
  onnx::TensorProto tensor;
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  // A location with a leading # is the checker's own sign for "not a file".
  onnx::StringStringEntryProto *location = tensor.add_external_data();
  location->set_key("location");
  location->set_value("#");
  onnx::StringStringEntryProto *entry = tensor.add_external_data();
  entry->set_key(key_);
  entry->set_value(std::to_string(number));
  return tensor;
}

const Blob *BlobStore::find(const onnx::TensorProto &tensor) const {
  if (tensor.data_location() != onnx::TensorProto::EXTERNAL || tensor.external_data_size() != 2 ||
      tensor.external_data(1).key() != key_)
    return nullptr;
  return &blobs_[std::stoull(tensor.external_data(1).value())];
}

} // namespace optc::onnximport
