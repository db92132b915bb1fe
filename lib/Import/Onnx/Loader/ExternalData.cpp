//===- ExternalData.cpp - tensors whose bytes are in other files --------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One instance per load keeps the files it has mapped, so that each is opened once.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/ExternalData.h"

#include "lib/Import/Onnx/Loader/MappedFile.h"
#include "lib/Import/Onnx/Loader/ProtoWalk.h"
#include "lib/Import/Onnx/Loader/TensorData.h"

#include "onnx/checker.h"

#include <charconv>
#include <filesystem>
#include <map>
#include <optional>

namespace optc::onnximport {

namespace {

/// The entries of TensorProto.external_data that ONNX defines, as the file has them.
struct Place {
  std::string location;
  std::optional<uint64_t> offset;
  std::optional<uint64_t> length;
};

uint64_t parseNumber(const std::string &text, const std::string &key, const std::string &where) {
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size())
    fail(E1022, where + " has the external data " + key + " " + quote(text) +
                    ", which is not a number of bytes");
  return value;
}

Place parsePlace(const onnx::TensorProto &tensor, const std::string &where) {
  Place place;
  std::map<std::string, std::string> entries;
  for (const onnx::StringStringEntryProto &entry : tensor.external_data())
    if (!entries.emplace(entry.key(), entry.value()).second)
      fail(E1022, where + " has the external data key " + quote(entry.key()) + " twice");
  place.location = entries["location"];
  if (entries.count("offset"))
    place.offset = parseNumber(entries["offset"], "offset", where);
  if (entries.count("length"))
    place.length = parseNumber(entries["length"], "length", where);
  if (place.location.empty() || place.location.find('\0') != std::string::npos)
    fail(E1021, where + " has external data without a usable file name");
  return place;
}

class Resolver {
public:
  Resolver(BlobStore &blobs, std::string folder, bool allowSymlinks)
      : blobs_(blobs), folder_(std::move(folder)), allowSymlinks_(allowSymlinks) {}

  void resolve(onnx::TensorProto &tensor, const std::string &where) {
    bool isExternal = tensor.data_location() == onnx::TensorProto::EXTERNAL;
    if (!isExternal || blobs_.find(tensor))
      return;
    Place place = parsePlace(tensor, where);
    auto type = static_cast<ElemType>(tensor.data_type());
    if (elemBits(type) == 0)
      fail(E1012, where + " has external data but an element type without a fixed size");
    std::vector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
    uint64_t needed = denseBytes(type, checkedElements(dims, where), where);
    if (place.length && *place.length != needed)
      fail(E1013, where + " needs " + std::to_string(needed) + " bytes, its external data has " +
                      std::to_string(*place.length));
    const std::shared_ptr<const MappedFile> &file = open(place.location, where);
    uint64_t offset = place.offset.value_or(0), end = 0;
    if (__builtin_add_overflow(offset, needed, &end) || end > file->size())
      fail(E1023, where + " needs " + std::to_string(needed) + " bytes at offset " +
                      std::to_string(offset) + " of " + quote(place.location) + ", which has " +
                      std::to_string(file->size()));
    attach(tensor, {file->data() + offset, static_cast<size_t>(needed), file});
  }

private:
  void attach(onnx::TensorProto &tensor, Blob blob) {
    tensor.clear_external_data();
    tensor.clear_data_location();
    if (blob.bytes <= BlobStore::inlineBytes)
      tensor.set_raw_data(blob.data, blob.bytes);
    else
      tensor.MergeFrom(blobs_.marker(blobs_.add(std::move(blob))));
  }

  const std::shared_ptr<const MappedFile> &open(const std::string &location,
                                                const std::string &where) {
    std::shared_ptr<const MappedFile> &file = files_[location];
    if (!file)
      file = allowSymlinks_ ? openFollowing(location, where) : openContained(location, where);
    return file;
  }

  std::shared_ptr<const MappedFile> openContained(const std::string &location,
                                                  const std::string &where) {
    try {
      int64_t descriptor = onnx::checker::open_external_data(folder_, location, where, true);
      return MappedFile::adopt(static_cast<int>(descriptor), location);
    } catch (const std::exception &error) {
      fail(E1021, where + " has external data in " + quote(location) +
                      " that was refused: " + error.what());
    }
  }

  std::shared_ptr<const MappedFile> openFollowing(const std::string &location,
                                                  const std::string &where) {
    std::filesystem::path path(location);
    for (const std::filesystem::path &part : path)
      if (path.is_absolute() || part == "..")
        fail(E1021, where + " has external data in " + quote(location) +
                        ", which is not inside the model's folder");
    return MappedFile::open((std::filesystem::path(folder_) / path).string());
  }

  BlobStore &blobs_;
  std::string folder_;
  bool allowSymlinks_;
  std::map<std::string, std::shared_ptr<const MappedFile>> files_;
};

} // namespace

void resolveExternalData(onnx::ModelProto &model, BlobStore &blobs, const std::string &folder,
                         bool allowSymlinks) {
  Resolver resolver(blobs, folder, allowSymlinks);
  forEachTensor(model, [&](onnx::TensorProto &tensor, const std::string &where) {
    resolver.resolve(tensor, where);
  });
}

} // namespace optc::onnximport
