//===- ZipLayout.h - the ZIP form of an artifact --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one way in which optc lays out a ZIP file. Everything but the data follows from the
// names, sizes and checksums of the entries and the archive comment: the writer writes
// these bytes, and the reader demands exactly them. So no two programs can read one
// artifact in two ways, and nothing can hide between the entries.
//
// Layout: entries by ascending name, each a local header whose extra field ends at a
// multiple of 4096 and the stored data; the central directory; the ZIP64 end record, its
// locator, the end record with the comment. Sizes and offsets are always in the ZIP64
// fields; all dates are 1980-01-01.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_ARTIFACT_ZIPLAYOUT_H
#define OPTC_ARTIFACT_ZIPLAYOUT_H

#include "lib/Support/Errors.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace optc::artifact {

constexpr uint64_t dataAlignment = 4096;
constexpr size_t maxEntries = 4096;
constexpr size_t maxNameLength = 240;

struct ZipEntry {
  std::string name;
  uint64_t size = 0;
  uint32_t crc = 0;
  uint64_t headerOffset = 0; ///< set by layOut
  uint64_t dataOffset = 0;   ///< set by layOut, a multiple of dataAlignment
};

/// A relative path of letters, digits and "._-+" without empty, "." or ".." parts.
bool isAllowedName(std::string_view name);

/// Sets the offsets of entries that are sorted by name; `directoryOffset` is where the
/// data ends. Fails when the sizes overflow, or the names are not allowed or ascending.
Error layOut(std::vector<ZipEntry> &entries, uint64_t &directoryOffset);

/// The bytes from headerOffset up to dataOffset.
std::string localHeader(const ZipEntry &entry);

/// The bytes from the directory to the end of the file.
std::string directory(const std::vector<ZipEntry> &entries, uint64_t directoryOffset,
                      std::string_view comment);

/// Size of what follows the directory, with a comment of this length.
constexpr uint64_t endSize(size_t commentLength) { return 56 + 20 + 22 + commentLength; }

/// Reads names, sizes and checksums out of a whole file, lays them out, and checks that every
/// byte that is not data is as written by the functions above.
Error readZip(const uint8_t *file, uint64_t size, size_t commentLength,
              std::vector<ZipEntry> &entries, std::string &comment);

} // namespace optc::artifact

#endif // OPTC_ARTIFACT_ZIPLAYOUT_H
