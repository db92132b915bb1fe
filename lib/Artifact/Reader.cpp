//===- Reader.cpp - reads .optc files -------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Maps the file, has the layout checked, then the manifest against the archive comment,
// then everything else against the manifest.
//
//===----------------------------------------------------------------------===//
#include "lib/Artifact/Reader.h"
#include "lib/Support/Crc32.h"
#include "lib/Support/Sha256.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace optc::artifact {

static constexpr uint64_t maxManifest = 64 << 20;

static Error mapFile(const std::string &path, Span &file) {
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  auto fail = [&](const std::string &why) {
    if (fd >= 0)
      close(fd);
    return Error(E101, "cannot read '" + path + "': " + why);
  };
  if (fd < 0)
    return fail(std::strerror(errno));
  struct stat info;
  if (fstat(fd, &info) != 0)
    return fail(std::strerror(errno));
  if (!S_ISREG(info.st_mode))
    return fail("not a regular file");
  file.size = info.st_size;
  if (file.size) {
    void *memory = mmap(nullptr, file.size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (memory == MAP_FAILED)
      return fail(std::strerror(errno));
    file.data = static_cast<const uint8_t *>(memory);
  }
  close(fd);
  return Error();
}

Error Reader::open(const std::string &path, const ReadOptions &options,
                   std::unique_ptr<Reader> &reader) {
  std::unique_ptr<Reader> opened(new Reader);
  if (Error error = mapFile(path, opened->file))
    return error;
  opened->mapped = true;
  if (Error error = opened->load(options))
    return Error(error.code, "'" + path + "': " + error.message);
  reader = std::move(opened);
  return Error();
}

Error Reader::openMemory(const void *data, uint64_t size, const ReadOptions &options,
                         std::unique_ptr<Reader> &reader) {
  std::unique_ptr<Reader> opened(new Reader);
  opened->file = {static_cast<const uint8_t *>(data), size};
  if (Error error = opened->load(options))
    return error;
  reader = std::move(opened);
  return Error();
}

Reader::~Reader() {
  if (mapped && file.data)
    munmap(const_cast<uint8_t *>(file.data), file.size);
}

const ZipEntry *Reader::find(std::string_view name) const {
  auto place = std::lower_bound(zip.begin(), zip.end(), name,
                                [](const ZipEntry &e, std::string_view n) { return e.name < n; });
  return place != zip.end() && place->name == name ? &*place : nullptr;
}

const Digest *Reader::findDigest(std::string_view name) const {
  const std::vector<Digest> &all = content.digests;
  auto place = std::lower_bound(all.begin(), all.end(), name,
                                [](const Digest &d, std::string_view n) { return d.path < n; });
  return place != all.end() && place->path == name ? &*place : nullptr;
}

Span Reader::entry(std::string_view name, bool &found) const {
  const ZipEntry *entry = find(name);
  found = entry;
  return entry ? Span{file.data + entry->dataOffset, entry->size} : Span();
}

Error Reader::load(const ReadOptions &options) {
  std::string comment;
  if (Error error = readZip(file.data, file.size, commentLength, zip, comment))
    return error;
  const ZipEntry *entry = find(manifestName);
  if (!entry || entry->size > maxManifest)
    return Error(E6008, "the artifact has no manifest.json, or one that is too large");
  // A copy, so that what was checked is what is parsed, even if the file changes meanwhile.
  std::string text(reinterpret_cast<const char *>(file.data) + entry->dataOffset, entry->size);
  if (comment != commentFor(text) || crc32(0, text.data(), text.size()) != entry->crc)
    return Error(E6007, "manifest.json does not have the digest the archive comment gives");
  if (Error error = parseManifest(text, content))
    return error;
  if (Error error = checkLists())
    return error;
  for (const Digest &digest : content.digests)
    if (options.verifyWeights || digest.path.compare(0, 8, "weights/") != 0)
      if (Error error = verify(digest.path))
        return error;
  return Error();
}

Error Reader::checkLists() const {
  if (content.digests.size() + 1 != zip.size())
    return Error(E6008, "the manifest names " + std::to_string(content.digests.size()) +
                            " entries, the artifact has " + std::to_string(zip.size() - 1));
  for (const Digest &digest : content.digests) {
    const ZipEntry *entry = find(digest.path);
    if (!entry || digest.path == manifestName || entry->size != digest.size)
      return Error(E6008, "the entry '" + digest.path + "' is missing or has another size");
  }
  for (const Code &code : content.code)
    if (!findDigest(code.path))
      return Error(E6008, "the code '" + code.path + "' is missing");
  const Digest *weights = findDigest(content.weightsPath);
  if (!content.weightsPath.empty() && (!weights || weights->size != content.weightsSize))
    return Error(E6008, "the weights are missing or have another size");
  return Error();
}

Error Reader::verifyCopy(std::string_view name, const void *data, uint64_t size) const {
  const Digest *digest = findDigest(name);
  if (!digest || digest->size != size || hexOf(sha256(data, size)) != digest->sha256)
    return Error(E6007, "the content of '" + std::string(name) +
                            "' does not have the digest the manifest gives");
  return Error();
}

Error Reader::verify(std::string_view name) const {
  const ZipEntry *entry = find(name);
  if (!entry)
    return Error(E6008, "the artifact has no entry '" + std::string(name) + "'");
  const uint8_t *data = file.data + entry->dataOffset;
  if (crc32(0, data, entry->size) != entry->crc)
    return Error(E6007, "the content of '" + entry->name + "' does not have its checksum");
  return verifyCopy(name, data, entry->size);
}

} // namespace optc::artifact
