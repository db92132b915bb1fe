//===- TensorElements.h - the elements of a tensor as numbers --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From the number of an element type to a C++ type that converts to double, for what works
// on tensors of any type: comparisons and summaries.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_TENSORELEMENTS_H
#define OPTC_DRIVER_TENSORELEMENTS_H

#include "lib/Support/HalfFloat.h"

namespace optc::driver {

/// Stands for the bits of a 16-bit float.
template <float (*toFloat)(uint16_t)> struct Float16Bits {
  uint16_t bits;
  operator double() const { return toFloat(bits); }
};

/// Calls `work` with `data` as a pointer to the elements; false for types that are no numbers
/// here (complex ones, 8-bit floats, strings).
template <typename Work> bool withElements(int dtype, const void *data, Work work) {
  switch (dtype) {
  case 1:
    return work(static_cast<const float *>(data)), true;
  case 2:  // uint8
  case 9:  // bool
  case 21: // uint4
  case 25: // uint2
    return work(static_cast<const uint8_t *>(data)), true;
  case 3:
    return work(static_cast<const int8_t *>(data)), true;
  case 4:
    return work(static_cast<const uint16_t *>(data)), true;
  case 5:
    return work(static_cast<const int16_t *>(data)), true;
  case 6:
    return work(static_cast<const int32_t *>(data)), true;
  case 7:
    return work(static_cast<const int64_t *>(data)), true;
  case 10:
    return work(static_cast<const Float16Bits<floatOfHalf> *>(data)), true;
  case 11:
    return work(static_cast<const double *>(data)), true;
  case 12:
    return work(static_cast<const uint32_t *>(data)), true;
  case 13:
    return work(static_cast<const uint64_t *>(data)), true;
  case 16:
    return work(static_cast<const Float16Bits<floatOfBfloat16> *>(data)), true;
  default:
    return false;
  }
}

} // namespace optc::driver

#endif // OPTC_DRIVER_TENSORELEMENTS_H
