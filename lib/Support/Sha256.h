//===- Sha256.h - SHA-256 -----------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// SHA-256 as in FIPS 180-4, streaming. Own code because the runtime may depend on nothing
// but the C library; uses the SHA instructions where the processor has them.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_SUPPORT_SHA256_H
#define OPTC_SUPPORT_SHA256_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace optc {

using Sha256Digest = std::array<uint8_t, 32>;

class Sha256 {
public:
  Sha256();
  void update(const void *data, size_t size);
  /// Ends the message; the object must not be updated afterwards.
  Sha256Digest finish();

  /// Picks the portable code even where there are SHA instructions (for tests).
  void usePortableCode() { compress = portable; }

private:
  using Compress = void (*)(uint32_t *state, const uint8_t *blocks, size_t count);
  static void portable(uint32_t *state, const uint8_t *blocks, size_t count);

  Compress compress;
  uint32_t state[8];
  uint64_t length = 0; ///< bytes so far
  uint8_t pending[64]; ///< the length % 64 bytes not yet compressed
};

Sha256Digest sha256(const void *data, size_t size);

/// 64 lower-case hexadecimal digits.
std::string hexOf(const Sha256Digest &digest);

} // namespace optc

#endif // OPTC_SUPPORT_SHA256_H
