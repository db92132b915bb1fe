//===- Crc32.cpp - the checksum of ZIP ----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Eight bytes per step through eight tables: table[k][b] is the CRC of byte b followed by
// k zero bytes.
//
//===----------------------------------------------------------------------===//
#include "lib/Support/Crc32.h"

#include <cstring>

namespace optc {

namespace {
struct Tables {
  uint32_t of[8][256] = {};
  constexpr Tables() {
    for (uint32_t byte = 0; byte < 256; ++byte) {
      uint32_t crc = byte;
      for (int bit = 0; bit < 8; ++bit)
        crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320u : 0);
      of[0][byte] = crc;
    }
    for (int k = 1; k < 8; ++k)
      for (int byte = 0; byte < 256; ++byte)
        of[k][byte] = (of[k - 1][byte] >> 8) ^ of[0][of[k - 1][byte] & 0xff];
  }
};
} // namespace

uint32_t crc32(uint32_t crc, const void *data, size_t size) {
  static constexpr Tables tables;
  const uint8_t *bytes = static_cast<const uint8_t *>(data);
  crc = ~crc;
  for (; size >= 8; size -= 8, bytes += 8) {
    uint64_t word; // little-endian machines only, as the whole of optc
    std::memcpy(&word, bytes, 8);
    word ^= crc;
    crc = 0;
    for (int k = 0; k < 8; ++k)
      crc ^= tables.of[7 - k][(word >> (8 * k)) & 0xff];
  }
  for (; size; --size, ++bytes)
    crc = (crc >> 8) ^ tables.of[0][(crc ^ *bytes) & 0xff];
  return ~crc;
}

} // namespace optc
