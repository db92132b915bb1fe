//===- HalfFloat.h - 16-bit floats --------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exact widening of IEEE half and bfloat16, and rounding to nearest even back, for files
// and for sorting; generated code does its own.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_SUPPORT_HALFFLOAT_H
#define OPTC_SUPPORT_HALFFLOAT_H

#include <cstdint>
#include <cstring>

namespace optc {

inline uint32_t bitsOfFloat(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

inline float floatOfBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

inline float floatOfBfloat16(uint16_t bits) { return floatOfBits(uint32_t(bits) << 16); }

/// Nearest even; NaN stays NaN (quiet).
inline uint16_t bfloat16OfFloat(float value) {
  uint32_t bits = bitsOfFloat(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u)
    return uint16_t((bits >> 16) | 0x40);
  return uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

inline float floatOfHalf(uint16_t half) {
  uint32_t sign = uint32_t(half & 0x8000) << 16;
  uint32_t exponent = (half >> 10) & 0x1f, mantissa = half & 0x3ff;
  if (exponent == 0) // zero and subnormals: mantissa * 2^-24, exact
    return floatOfBits(sign | bitsOfFloat(float(mantissa) * 0x1p-24f));
  exponent = exponent == 31 ? 255 : exponent + 112;
  return floatOfBits(sign | (exponent << 23) | (mantissa << 13));
}

/// Nearest even; overflow becomes infinity, NaN stays NaN (quiet).
inline uint16_t halfOfFloat(float value) {
  uint32_t bits = bitsOfFloat(value);
  uint16_t sign = uint16_t((bits >> 16) & 0x8000);
  bits &= 0x7fffffffu;
  if (bits > 0x7f800000u)
    return uint16_t(sign | 0x7e00 | ((bits >> 13) & 0x3ff));
  if (bits >= 0x477ff000u) // rounds to 2^16 or more
    return uint16_t(sign | 0x7c00);
  if (bits < 0x38800000u) // below 2^-14: adding 0.5 leaves the rounded multiple of 2^-24
    return uint16_t(sign | (bitsOfFloat(floatOfBits(bits) + 0.5f) - bitsOfFloat(0.5f)));
  return uint16_t(sign | ((bits - 0x38000000u + 0xfff + ((bits >> 13) & 1)) >> 13));
}

} // namespace optc

#endif // OPTC_SUPPORT_HALFFLOAT_H
