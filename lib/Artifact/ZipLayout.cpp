//===- ZipLayout.cpp - the ZIP form of an artifact ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Offsets and records of the canonical ZIP64 layout, and the reader that compares a file
// with them. Field order as in APPNOTE.TXT 6.3, 4.3.7 to 4.3.16.
//
//===----------------------------------------------------------------------===//
#include "lib/Artifact/ZipLayout.h"

#include <cstring>

namespace optc::artifact {

namespace {
/// Appends little-endian fields.
struct Bytes {
  std::string text;
  Bytes &u16(uint64_t v) { return put(v, 2); }
  Bytes &u32(uint64_t v) { return put(v, 4); }
  Bytes &u64(uint64_t v) { return put(v, 8); }
  Bytes &put(uint64_t v, int count) {
    for (int i = 0; i < count; ++i)
      text += char(v >> (8 * i));
    return *this;
  }
};
} // namespace

static constexpr uint64_t version = 45;           // ZIP64
static constexpr uint64_t dosDate = (1 << 5) | 1; // 1980-01-01
static constexpr uint64_t in64 = 0xffffffff;      // "see the ZIP64 field"
static constexpr uint64_t unixFile0644 = uint64_t(0100644) << 16;
static constexpr uint64_t localFixed = 30, localZip64 = 20, paddingField = 6, centralFixed = 46;
static constexpr uint64_t centralZip64 = 28;
static constexpr uint64_t maxOffset = uint64_t(1) << 62;

static uint64_t read(const uint8_t *bytes, int count) {
  uint64_t value = 0;
  for (int i = 0; i < count; ++i)
    value |= uint64_t(bytes[i]) << (8 * i);
  return value;
}

bool isAllowedName(std::string_view name) {
  if (name.empty() || name.size() > maxNameLength)
    return false;
  for (size_t from = 0; from <= name.size();) {
    size_t end = name.find('/', from);
    std::string_view part = name.substr(from, end == name.npos ? name.npos : end - from);
    if (part.empty() || part == "." || part == "..")
      return false;
    for (char c : part)
      if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            c == '.' || c == '_' || c == '-' || c == '+'))
        return false;
    from = end == name.npos ? name.size() + 1 : end + 1;
  }
  return true;
}

Error layOut(std::vector<ZipEntry> &entries, uint64_t &directoryOffset) {
  uint64_t at = 0;
  for (size_t i = 0; i < entries.size(); ++i) {
    ZipEntry &entry = entries[i];
    if (!isAllowedName(entry.name))
      return Error(E6004, "an entry has a name that is not allowed");
    if (i && entry.name <= entries[i - 1].name)
      return Error(E6002, "the entries are not in ascending order at '" + entry.name + "'");
    if (at > maxOffset || entry.size > maxOffset - at)
      return Error(E6002, "the size of entry '" + entry.name + "' is out of range");
    entry.headerOffset = at;
    uint64_t end = at + localFixed + entry.name.size() + localZip64 + paddingField;
    entry.dataOffset = (end + dataAlignment - 1) / dataAlignment * dataAlignment;
    at = entry.dataOffset + entry.size;
  }
  directoryOffset = at;
  return Error();
}

std::string localHeader(const ZipEntry &entry) {
  uint64_t extra = entry.dataOffset - entry.headerOffset - localFixed - entry.name.size();
  Bytes out;
  out.u32(0x04034b50).u16(version).u16(0).u16(0).u16(0).u16(dosDate).u32(entry.crc);
  out.u32(in64).u32(in64).u16(entry.name.size()).u16(extra);
  out.text += entry.name;
  out.u16(0x0001).u16(16).u64(entry.size).u64(entry.size);
  // The alignment field of the Android tools: the alignment, then zeros.
  out.u16(0xd935).u16(extra - localZip64 - 4).u16(dataAlignment);
  out.text.resize(entry.dataOffset - entry.headerOffset);
  return out.text;
}

std::string directory(const std::vector<ZipEntry> &entries, uint64_t directoryOffset,
                      std::string_view comment) {
  Bytes out;
  for (const ZipEntry &entry : entries) {
    out.u32(0x02014b50).u16(3 << 8 | version).u16(version).u16(0).u16(0).u16(0).u16(dosDate);
    out.u32(entry.crc).u32(in64).u32(in64).u16(entry.name.size()).u16(centralZip64);
    out.u16(0).u16(0).u16(0).u32(unixFile0644).u32(in64);
    out.text += entry.name;
    out.u16(0x0001).u16(24).u64(entry.size).u64(entry.size).u64(entry.headerOffset);
  }
  uint64_t size = out.text.size(), count = entries.size();
  out.u32(0x06064b50).u64(44).u16(3 << 8 | version).u16(version).u32(0).u32(0);
  out.u64(count).u64(count).u64(size).u64(directoryOffset);
  out.u32(0x07064b50).u32(0).u64(directoryOffset + size).u32(1);
  out.u32(0x06054b50).u16(0).u16(0).u16(0xffff).u16(0xffff).u32(in64).u32(in64);
  out.u16(comment.size());
  out.text += comment;
  return out.text;
}

/// Reads the entries of the central directory, which is `size` bytes long.
static Error readDirectory(const uint8_t *bytes, uint64_t size, uint64_t count,
                           std::vector<ZipEntry> &entries) {
  uint64_t at = 0;
  for (uint64_t i = 0; i < count; ++i) {
    if (size - at < centralFixed)
      return Error(E6002, "the directory ends early");
    const uint8_t *record = bytes + at;
    uint64_t nameLength = read(record + 28, 2);
    if (size - at < centralFixed + nameLength + centralZip64)
      return Error(E6002, "the directory ends early");
    if (read(record + 10, 2) != 0)
      return Error(E6002, "an entry is compressed, which no artifact is");
    ZipEntry entry;
    entry.name.assign(reinterpret_cast<const char *>(record + centralFixed), nameLength);
    entry.crc = read(record + 16, 4);
    entry.size = read(record + centralFixed + nameLength + 4, 8);
    entries.push_back(std::move(entry));
    at += centralFixed + nameLength + centralZip64;
  }
  return at == size ? Error() : Error(E6002, "the directory is longer than its entries");
}

Error readZip(const uint8_t *file, uint64_t size, size_t commentLength,
              std::vector<ZipEntry> &entries, std::string &comment) {
  uint64_t tail = endSize(commentLength);
  if (size < tail || read(file + size - tail, 4) != 0x06064b50)
    return Error(E6001, "the file is not an optc artifact, or its end is missing");
  const uint8_t *end = file + size - tail;
  uint64_t count = read(end + 24, 8), length = read(end + 40, 8), offset = read(end + 48, 8);
  if (count > maxEntries || offset > size - tail || length != size - tail - offset)
    return Error(E6002, "the counts or offsets of the directory are out of range");
  if (Error error = readDirectory(file + offset, length, count, entries))
    return error;
  uint64_t expected = 0;
  if (Error error = layOut(entries, expected))
    return error;
  comment.assign(reinterpret_cast<const char *>(file) + size - commentLength, commentLength);
  if (expected != offset)
    return Error(E6002, "the entries do not fill the file");
  std::string bytes = directory(entries, offset, comment);
  if (bytes.size() != size - offset || std::memcmp(bytes.data(), file + offset, bytes.size()) != 0)
    return Error(E6002, "the directory is not as optc writes it");
  for (const ZipEntry &entry : entries) {
    std::string header = localHeader(entry);
    if (std::memcmp(header.data(), file + entry.headerOffset, header.size()) != 0)
      return Error(E6003, "the header of entry '" + entry.name + "' differs from the directory");
  }
  return Error();
}

} // namespace optc::artifact
