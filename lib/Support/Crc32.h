//===- Crc32.h - the checksum of ZIP ------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// CRC-32 as ZIP, PNG and zlib use it (reflected, polynomial 0xedb88320).
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_SUPPORT_CRC32_H
#define OPTC_SUPPORT_CRC32_H

#include <cstddef>
#include <cstdint>

namespace optc {

/// The CRC of the bytes so far (`crc`, 0 at first) followed by these.
uint32_t crc32(uint32_t crc, const void *data, size_t size);

} // namespace optc

#endif // OPTC_SUPPORT_CRC32_H
