//===- Tensor.h - tensors of the command line -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tensor in memory, as the verbs read it from files and give it to the runtime: row-
// major, 64-byte aligned, types below a byte one element per byte.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_TENSOR_H
#define OPTC_DRIVER_TENSOR_H

#include "lib/Support/DType.h"
#include "lib/Support/Errors.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace optc::driver {

struct Tensor {
  int dtype = 0; ///< number of lib/Support/DType.h
  /// Read from the void type of numpy, as uint8 or uint16: the bits of some other type.
  bool untyped = false;
  std::vector<int64_t> dims;
  size_t bytes = 0;

  uint8_t *data() { return memory.get(); }
  const uint8_t *data() const { return memory.get(); }
  int64_t elements() const;

  /// Sets type and shape and gets memory for it; false when there is none, or the shape is out of
  /// range.
  bool allocate(int dtype, std::vector<int64_t> dims);

private:
  struct Free {
    void operator()(uint8_t *memory) const { std::free(memory); }
  };
  std::unique_ptr<uint8_t[], Free> memory;
};

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

/// Bytes of a tensor of this shape, or -1 when out of range.
int64_t bytesOf(const std::vector<int64_t> &dims, int64_t elementSize);

/// "float[2,3]"
std::string typeText(int dtype, const std::vector<int64_t> &dims);

/// Gives the bits the type `dtype`, if they were stored bit for bit in the way files do it
/// (bfloat16 as uint16, 8-bit floats and narrower types as uint8). Otherwise changes nothing.
void reinterpretAs(Tensor &tensor, int dtype);

} // namespace optc::driver

#endif // OPTC_DRIVER_TENSOR_H
