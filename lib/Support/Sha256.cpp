//===- Sha256.cpp - SHA-256 ---------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The compression function twice: portable, and with the x86 SHA instructions, which hold
// the state as ABEF and CDGH.
//
//===----------------------------------------------------------------------===//
#include "lib/Support/Sha256.h"
#include "lib/Support/Cpu.h"

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace optc {

alignas(16) static const uint32_t roundConstants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotr(uint32_t value, int by) { return (value >> by) | (value << (32 - by)); }

static uint32_t bigEndian32(const uint8_t *bytes) {
  return uint32_t(bytes[0]) << 24 | uint32_t(bytes[1]) << 16 | uint32_t(bytes[2]) << 8 | bytes[3];
}

void Sha256::portable(uint32_t *state, const uint8_t *blocks, size_t count) {
  for (; count; --count, blocks += 64) {
    uint32_t w[64], v[8];
    for (size_t t = 0; t < 16; ++t)
      w[t] = bigEndian32(blocks + 4 * t);
    for (int t = 16; t < 64; ++t) {
      uint32_t s0 = rotr(w[t - 15], 7) ^ rotr(w[t - 15], 18) ^ (w[t - 15] >> 3);
      uint32_t s1 = rotr(w[t - 2], 17) ^ rotr(w[t - 2], 19) ^ (w[t - 2] >> 10);
      w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    std::memcpy(v, state, sizeof(v));
    for (int t = 0; t < 64; ++t) {
      uint32_t s1 = rotr(v[4], 6) ^ rotr(v[4], 11) ^ rotr(v[4], 25);
      uint32_t choose = (v[4] & v[5]) ^ (~v[4] & v[6]);
      uint32_t one = v[7] + s1 + choose + roundConstants[t] + w[t];
      uint32_t s0 = rotr(v[0], 2) ^ rotr(v[0], 13) ^ rotr(v[0], 22);
      uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
      std::memmove(v + 1, v, 7 * sizeof(v[0]));
      v[4] += one;
      v[0] = one + s0 + majority;
    }
    for (int i = 0; i < 8; ++i)
      state[i] += v[i];
  }
}

#if defined(__x86_64__)
/// Rounds 4g to 4g+3 for g = 0..15. `w` holds the last 16 schedule words, four per register.
__attribute__((target("sha,sse4.1,ssse3"))) static void
withShaInstructions(uint32_t *state, const uint8_t *blocks, size_t count) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
  __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);        // CDAB
  __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b); // EFGH
  __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xf0);
  for (; count; --count, blocks += 64) {
    __m128i abef0 = abef, cdgh0 = cdgh, w[4];
    for (size_t g = 0; g < 16; ++g) {
      __m128i &now = w[g % 4];
      if (g < 4) {
        now = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(blocks + 16 * g)), swap);
      } else {
        __m128i last = w[(g + 3) % 4], middle = w[(g + 2) % 4], next = w[(g + 1) % 4];
        now = _mm_sha256msg1_epu32(now, next);
        now = _mm_add_epi32(now, _mm_alignr_epi8(last, middle, 4));
        now = _mm_sha256msg2_epu32(now, last);
      }
      __m128i k = _mm_load_si128((const __m128i *)(roundConstants + 4 * g));
      __m128i sum = _mm_add_epi32(now, k);
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
    }
    abef = _mm_add_epi32(abef, abef0);
    cdgh = _mm_add_epi32(cdgh, cdgh0);
  }
  __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}
#endif

Sha256::Sha256()
    : compress(portable), state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19} {
#if defined(__x86_64__)
  static const bool fast = Cpu::here().has(features::sha) && Cpu::here().has(features::ssse3) &&
                           Cpu::here().has(features::sse4_1);
  if (fast)
    compress = withShaInstructions;
#endif
}

void Sha256::update(const void *data, size_t size) {
  const uint8_t *bytes = static_cast<const uint8_t *>(data);
  size_t held = length % 64;
  length += size;
  if (held) {
    size_t take = size < 64 - held ? size : 64 - held;
    std::memcpy(pending + held, bytes, take);
    bytes += take;
    size -= take;
    if (held + take < 64)
      return;
    compress(state, pending, 1);
  }
  compress(state, bytes, size / 64);
  if (size % 64)
    std::memcpy(pending, bytes + size / 64 * 64, size % 64);
}

Sha256Digest Sha256::finish() {
  uint64_t bits = length * 8;
  uint8_t tail[72] = {0x80};
  size_t zeros = (length % 64 < 56 ? 56 : 120) - length % 64; // 0x80 and zeros up to the length
  for (int i = 0; i < 8; ++i)
    tail[zeros + i] = uint8_t(bits >> (56 - 8 * i));
  update(tail, zeros + 8);
  Sha256Digest digest;
  for (int i = 0; i < 32; ++i)
    digest[i] = uint8_t(state[i / 4] >> (24 - 8 * (i % 4)));
  return digest;
}

Sha256Digest sha256(const void *data, size_t size) {
  Sha256 hash;
  hash.update(data, size);
  return hash.finish();
}

std::string hexOf(const Sha256Digest &digest) {
  static const char digits[] = "0123456789abcdef";
  std::string text;
  for (uint8_t byte : digest) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

} // namespace optc
