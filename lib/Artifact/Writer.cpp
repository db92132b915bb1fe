//===- Writer.cpp - writes .optc files ------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Offsets are known before any data is: the manifest's size does not depend on the digests
// in it. So data goes to its place first, then the manifest, headers and directory.
//
//===----------------------------------------------------------------------===//
#include "lib/Artifact/Writer.h"
#include "lib/Support/Crc32.h"
#include "lib/Support/FilePages.h"
#include "lib/Support/Sha256.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace optc::artifact {

void Writer::add(std::string name, std::string bytes) {
  uint64_t size = bytes.size();
  auto kept = std::make_shared<std::string>(std::move(bytes));
  addStream(std::move(name), size,
            [kept](const Sink &sink) { return sink(kept->data(), kept->size()); });
}

void Writer::addStream(std::string name, uint64_t size, Producer produce) {
  sources.push_back({std::move(name), size, std::move(produce)});
}

void Writer::addRanges(std::string name, std::vector<ByteRange> ranges) {
  uint64_t size = 0;
  for (const ByteRange &range : ranges)
    size += range.size;
  addStream(std::move(name), size, [ranges = std::move(ranges)](const Sink &sink) {
    for (const ByteRange &range : ranges) {
      if (Error error = sink(range.data, range.size))
        return error;
      releaseFilePages(range.data, range.size);
    }
    return Error();
  });
}

static Error systemError(const char *what) {
  return Error(E101, std::string("cannot ") + what + " the artifact: " + std::strerror(errno));
}

static Error writeAt(int fd, const void *data, uint64_t size, uint64_t offset) {
  const char *bytes = static_cast<const char *>(data);
  while (size) {
    ssize_t done = pwrite(fd, bytes, size, offset);
    if (done < 0 && errno != EINTR)
      return systemError("write");
    if (done > 0) {
      bytes += done;
      size -= done;
      offset += done;
    }
  }
  return Error();
}

namespace {
/// Gathers bytes into writes that fill huge pages' worth of the file. A file system that can do so
/// caches what one write fills in one piece, and who maps the file gets a huge page: weights are
/// read 1 % faster by a model of 500 MB.
class BlockWriter {
public:
  BlockWriter(int fd, uint64_t offset) : fd(fd), offset(offset) {}

  Error append(const char *bytes, uint64_t size) {
    while (size) {
      uint64_t end = offset + filled, piece = std::min(size, blockSize - end % blockSize);
      std::memcpy(&block[filled], bytes, piece);
      filled += piece;
      bytes += piece;
      size -= piece;
      if ((end + piece) % blockSize == 0)
        if (Error error = flush())
          return error;
    }
    return Error();
  }

  Error flush() {
    uint64_t size = filled;
    filled = 0;
    offset += size;
    return writeAt(fd, block.data(), size, offset - size);
  }

private:
  static constexpr uint64_t blockSize = uint64_t(2) << 20;

  int fd;
  uint64_t offset, filled = 0; ///< of the block, and bytes in it
  std::vector<char> block = std::vector<char>(blockSize);
};
} // namespace

/// Streams one source to its place, and finds its checksum and digest on the way.
static Error writeData(int fd, const Writer::Producer &produce, ZipEntry &entry, Digest &digest) {
  Sha256 hash;
  BlockWriter file(fd, entry.dataOffset);
  uint64_t done = 0;
  constexpr uint64_t step = 256 * 1024; // stays in the cache between digest, checksum and copy
  Error error = produce([&](const void *data, uint64_t size) -> Error {
    if (size > entry.size - done)
      return Error(E6009, "entry '" + entry.name + "' has more bytes than announced");
    for (const char *at = static_cast<const char *>(data); size;) {
      uint64_t piece = std::min(size, step);
      hash.update(at, piece);
      entry.crc = crc32(entry.crc, at, piece);
      if (Error error = file.append(at, piece))
        return error;
      at += piece;
      done += piece;
      size -= piece;
    }
    return Error();
  });
  if (error)
    return error;
  if (done != entry.size)
    return Error(E6009, "entry '" + entry.name + "' has fewer bytes than announced");
  digest.sha256 = hexOf(hash.finish());
  return file.flush();
}

/// Fills code, weights and digests (still zeros) from the sorted entries.
static void describe(const std::vector<ZipEntry> &entries, Manifest &manifest) {
  std::vector<Code> known = std::move(manifest.code);
  manifest.code.clear();
  manifest.targetWeights.clear();
  manifest.digests.clear();
  manifest.weightsPath.clear();
  for (const ZipEntry &entry : entries) {
    const std::string &name = entry.name;
    if (name == manifestName)
      continue;
    manifest.digests.push_back({name, entry.size, std::string(64, '0')});
    size_t triple = 5, level = name.rfind('/') + 1;
    auto given = std::find_if(known.begin(), known.end(),
                              [&](const Code &code) { return code.path == name; });
    if (given != known.end())
      manifest.code.push_back(*given);
    else if (name.compare(0, 5, "code/") == 0 && level > triple && name.size() > level + 3 &&
             name.compare(name.size() - 3, 3, ".so") == 0)
      manifest.code.push_back({name, name.substr(triple, level - triple - 1),
                               name.substr(level, name.size() - 3 - level)});
    if (name == weightsName) {
      manifest.weightsPath = name;
      manifest.weightsSize = entry.size;
    } else if (name.compare(0, 8, "weights/") == 0 && name.size() > 12 &&
               name.compare(name.size() - 4, 4, ".bin") == 0) {
      manifest.targetWeights.push_back({name.substr(8, name.size() - 12), name, entry.size});
    }
  }
}

Error Writer::writeFd(int fd, Manifest manifest) {
  std::sort(sources.begin(), sources.end(),
            [](const Source &a, const Source &b) { return a.name < b.name; });
  std::vector<ZipEntry> entries;
  for (const Source &source : sources)
    entries.push_back({source.name, source.size});
  auto place = std::find_if(entries.begin(), entries.end(),
                            [](const ZipEntry &entry) { return entry.name > manifestName; });
  // The index is taken before: which side of a difference comes first is up to the compiler.
  size_t manifestIndex = place - entries.begin();
  entries.insert(place, {manifestName});
  if (entries.size() > maxEntries)
    return Error(E6009, "an artifact cannot have " + std::to_string(entries.size()) + " entries");
  describe(entries, manifest);
  entries[manifestIndex].size = toJson(manifest).size();
  uint64_t directoryOffset;
  if (Error error = layOut(entries, directoryOffset))
    return Error(E6009, error.message);

  for (size_t i = 0; i < sources.size(); ++i) {
    ZipEntry &entry = entries[i < manifestIndex ? i : i + 1];
    if (Error error = writeData(fd, sources[i].produce, entry, manifest.digests[i]))
      return error;
  }
  std::string text = toJson(manifest);
  entries[manifestIndex].crc = crc32(0, text.data(), text.size());
  if (Error error = writeAt(fd, text.data(), text.size(), entries[manifestIndex].dataOffset))
    return error;
  for (const ZipEntry &entry : entries) {
    std::string header = localHeader(entry);
    if (Error error = writeAt(fd, header.data(), header.size(), entry.headerOffset))
      return error;
  }
  std::string end = directory(entries, directoryOffset, commentFor(text));
  return writeAt(fd, end.data(), end.size(), directoryOffset);
}

Error Writer::write(const std::string &path, Manifest manifest) {
  std::string temporary = path + ".tmp-" + std::to_string(getpid());
  int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0)
    return systemError(("create '" + temporary + "' for").c_str());
  Error error = writeFd(fd, std::move(manifest));
  if (close(fd) != 0 && !error)
    error = systemError("write");
  if (!error && rename(temporary.c_str(), path.c_str()) != 0)
    error = systemError(("rename '" + temporary + "' to '" + path + "' for").c_str());
  if (error)
    unlink(temporary.c_str());
  return error;
}

} // namespace optc::artifact
