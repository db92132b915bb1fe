//===- MappedFile.h - a read-only file mapping --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The bytes of a model or of an external data file. The mapping lives as long as any
// shared_ptr to it, so that weights stay views into it.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_MAPPEDFILE_H
#define OPTC_IMPORT_ONNX_LOADER_MAPPEDFILE_H

#include <cstddef>
#include <memory>
#include <string>

namespace optc::onnximport {

class MappedFile {
public:
  /// Throws LoadFailure (E101) if `path` is not a readable regular file.
  static std::shared_ptr<const MappedFile> open(const std::string &path);
  /// Maps an open file and closes it; `path` is for messages.
  static std::shared_ptr<const MappedFile> adopt(int descriptor, const std::string &path);

  MappedFile(const MappedFile &) = delete;
  MappedFile &operator=(const MappedFile &) = delete;
  ~MappedFile();

  const char *data() const { return data_; }
  size_t size() const { return size_; }

private:
  MappedFile(const char *data, size_t size) : data_(data), size_(size) {}
  const char *data_;
  size_t size_;
};

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_MAPPEDFILE_H
