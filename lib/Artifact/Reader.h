//===- Reader.h - reads .optc files ---------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Opens an artifact that may be hostile. After a successful open, structure, manifest and
// the digests of all entries but the weights have been checked, and the lists of manifest
// and directory agree.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_ARTIFACT_READER_H
#define OPTC_ARTIFACT_READER_H

#include "lib/Artifact/Manifest.h"
#include "lib/Artifact/ZipLayout.h"

#include <memory>

namespace optc::artifact {

struct ReadOptions {
  /// Also check the digest of weights/ when opening; reads all of the file.
  bool verifyWeights = false;
};

struct Span {
  const uint8_t *data = nullptr;
  uint64_t size = 0;
};

class Reader {
public:
  /// Maps a file. The file must not change while it is open.
  static Error open(const std::string &path, const ReadOptions &options,
                    std::unique_ptr<Reader> &reader);
  /// Reads an artifact in memory that outlives the reader.
  static Error openMemory(const void *data, uint64_t size, const ReadOptions &options,
                          std::unique_ptr<Reader> &reader);
  ~Reader();
  Reader(const Reader &) = delete;
  Reader &operator=(const Reader &) = delete;

  const Manifest &manifest() const { return content; }
  const std::vector<ZipEntry> &entries() const { return zip; }
  /// The bytes of an entry; `found` false when there is none of that name.
  Span entry(std::string_view name, bool &found) const;
  /// Checks an entry that is not manifest.json against its digest and checksum.
  Error verify(std::string_view name) const;
  /// Checks bytes that were copied out of an entry against its digest.
  Error verifyCopy(std::string_view name, const void *data, uint64_t size) const;

private:
  Reader() = default;
  Error load(const ReadOptions &options);
  Error checkLists() const;
  const ZipEntry *find(std::string_view name) const;
  const Digest *findDigest(std::string_view name) const;

  Span file;
  bool mapped = false;
  std::vector<ZipEntry> zip;
  Manifest content;
};

} // namespace optc::artifact

#endif // OPTC_ARTIFACT_READER_H
