//===- Argsort.cpp - sorting for TopK and friends -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Keys of every type become unsigned integers in the same order, equal keys equal (both
// zeros, all NaNs); pairs of key and position then have one order, whatever the algorithm,
// which makes the sort stable.
//
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Argsort.h"
#include "lib/Support/HalfFloat.h"

#include <algorithm>
#include <memory>
#include <new>

namespace optc::runtime {

int64_t argsortKeySize(int64_t type) {
  static const int8_t sizes[] = {4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 2};
  return type >= 0 && type < 12 ? sizes[type] : 0;
}

static uint64_t orderOfSigned(int64_t value) { return uint64_t(value) ^ (uint64_t(1) << 63); }

/// Positive floats grow with their bits, negative ones against them; NaN is largest.
static uint64_t orderOfDouble(double value) {
  if (value != value)
    return ~uint64_t(0);
  if (value == 0)
    value = 0; // -0 and +0 are equal
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits >> 63 ? ~bits : bits | (uint64_t(1) << 63);
}

template <typename T> static T load(const void *keys, int64_t i) {
  T value;
  std::memcpy(&value, static_cast<const char *>(keys) + i * sizeof(T), sizeof(T));
  return value;
}

static uint64_t orderOf(const void *keys, int64_t i, int64_t type) {
  switch (type) {
  case 0:
    return orderOfDouble(load<float>(keys, i));
  case 1:
    return orderOfDouble(load<double>(keys, i));
  case 2:
    return orderOfSigned(load<int8_t>(keys, i));
  case 3:
    return orderOfSigned(load<int16_t>(keys, i));
  case 4:
    return orderOfSigned(load<int32_t>(keys, i));
  case 5:
    return orderOfSigned(load<int64_t>(keys, i));
  case 6:
    return load<uint8_t>(keys, i);
  case 7:
    return load<uint16_t>(keys, i);
  case 8:
    return load<uint32_t>(keys, i);
  case 9:
    return load<uint64_t>(keys, i);
  case 10:
    return orderOfDouble(floatOfHalf(load<uint16_t>(keys, i)));
  default:
    return orderOfDouble(floatOfBfloat16(load<uint16_t>(keys, i)));
  }
}

namespace {
struct Pair {
  uint64_t key;
  int64_t position;
  bool operator<(const Pair &other) const {
    return key < other.key || (key == other.key && position < other.position);
  }
};
} // namespace

bool argsortRow(const void *keys, int64_t *order, int64_t count, int64_t k, int64_t type,
                bool descending) {
  std::unique_ptr<Pair[]> pairs(new (std::nothrow) Pair[count]);
  if (!pairs)
    return false;
  for (int64_t i = 0; i < count; ++i) {
    uint64_t key = orderOf(keys, i, type);
    pairs[i] = {descending ? ~key : key, i};
  }
  if (k < count) // the k smallest to the front, in any order
    std::nth_element(pairs.get(), pairs.get() + k, pairs.get() + count);
  std::sort(pairs.get(), pairs.get() + k);
  for (int64_t i = 0; i < k; ++i)
    order[i] = pairs[i].position;
  return true;
}

} // namespace optc::runtime
