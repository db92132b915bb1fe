//===- Tensor.cpp - tensors of the command line ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes, and the types that files store bit for bit.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Tensor.h"

#include <algorithm>
#include <string_view>

namespace optc::driver {

int64_t bytesOf(const std::vector<int64_t> &dims, int64_t elementSize) {
  constexpr int64_t limit = int64_t(1) << 46;
  int64_t bytes = elementSize, bound = elementSize; // bound: as if no dimension were zero
  for (int64_t dim : dims) {
    if (dim < 0 || __builtin_mul_overflow(bound, std::max<int64_t>(dim, 1), &bound) ||
        bound > limit)
      return -1;
    bytes *= dim;
  }
  return bytes;
}

bool Tensor::allocate(int newType, std::vector<int64_t> newDims) {
  const DTypeInfo *info = findDType(newType);
  int64_t size = info && info->storageSize ? bytesOf(newDims, info->storageSize) : -1;
  if (size < 0)
    return false;
  memory.reset(static_cast<uint8_t *>(std::aligned_alloc(64, (size + 64) / 64 * 64)));
  if (!memory)
    return false;
  dtype = newType;
  untyped = false;
  dims = std::move(newDims);
  bytes = size;
  return true;
}

int64_t Tensor::elements() const {
  const DTypeInfo *info = findDType(dtype);
  return info && info->storageSize ? bytes / info->storageSize : 0;
}

std::string typeText(int dtype, const std::vector<int64_t> &dims) {
  const DTypeInfo *info = findDType(dtype);
  std::string text = std::string(info ? info->name : "?") + "[";
  for (size_t i = 0; i < dims.size(); ++i)
    text += (i ? "," : "") + std::to_string(dims[i]);
  return text + "]";
}

void reinterpretAs(Tensor &tensor, int dtype) {
  const DTypeInfo *from = findDType(tensor.dtype), *to = findDType(dtype);
  if (!from || !to || from == to)
    return;
  bool sameFile = std::string_view(from->npy) == to->npy;
  bool sameSize = tensor.untyped && from->storageSize == to->storageSize;
  if (!sameFile && !sameSize)
    return;
  tensor.dtype = dtype;
  tensor.untyped = false;
  if (to->bits < 8) // the high bits must be zero; files may have them sign-extended
    for (size_t i = 0; i < tensor.bytes; ++i)
      tensor.data()[i] &= (1 << to->bits) - 1;
}

} // namespace optc::driver
