//===- Writer.h - writes .optc files --------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Collects the entries of an artifact and writes it in one pass: data streams through the
// digest into a temporary file next to the target, which is renamed at the end, so that a
// reader never sees half a file. Equal contents give equal bytes.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_ARTIFACT_WRITER_H
#define OPTC_ARTIFACT_WRITER_H

#include "lib/Artifact/Manifest.h"
#include "lib/Artifact/ZipLayout.h"

#include <functional>

namespace optc::artifact {

struct ByteRange {
  const void *data;
  uint64_t size;
};

class Writer {
public:
  /// Takes the next bytes of an entry.
  using Sink = std::function<Error(const void *data, uint64_t size)>;
  /// Gives all bytes of an entry to the sink, in order, in pieces of any size.
  using Producer = std::function<Error(const Sink &sink)>;

  /// A small entry, kept by the writer.
  void add(std::string name, std::string bytes);
  /// An entry of `size` bytes that is produced when the file is written.
  void addStream(std::string name, uint64_t size, Producer produce);
  /// The concatenation of ranges, which must stay valid until the file is written.
  void addRanges(std::string name, std::vector<ByteRange> ranges);

  /// Writes the file. `manifest` gives producer, entry points, and what code that is no shared
  /// object is; other code, weights and digests are filled in from the entries. On failure the
  /// target is as before.
  Error write(const std::string &path, Manifest manifest);
  /// The same into a file descriptor that is empty and can seek (a memfd, for example).
  Error writeFd(int fd, Manifest manifest);

private:
  struct Source {
    std::string name;
    uint64_t size;
    Producer produce;
  };
  std::vector<Source> sources;
};

} // namespace optc::artifact

#endif // OPTC_ARTIFACT_WRITER_H
