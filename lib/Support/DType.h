//===- DType.h - element types ------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The ONNX element types once for everything that reads or writes tensors: names, numbers,
// storage. The number of a type is its number in onnx.TensorProto.DataType.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_SUPPORT_DTYPE_H
#define OPTC_SUPPORT_DTYPE_H

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace optc {

enum class DTypeKind : uint8_t { Float, SignedInt, UnsignedInt, Bool, Complex, String };

/// Types narrower than a byte are stored one element per byte, in the low bits, the high
/// bits zero, in tensors of the runtime and of files; `bits` is the width of the value.
struct DTypeInfo {
  int number;       ///< onnx.TensorProto.DataType
  const char *name; ///< ONNX name in lower case: "float", "bfloat16"
  DTypeKind kind;
  uint16_t bits;
  uint16_t storageSize; ///< bytes per stored element, 0 for strings
  const char *npy;      ///< numpy descr the bytes are stored as: "<f4", "<u2" for bfloat16
};

/// All types, ascending by number.
const DTypeInfo *dtypeTable(size_t &count);
/// The row of an ONNX number, or null.
const DTypeInfo *findDType(int number);
/// The row of a lower-case ONNX name ("float"; also numpy's "float32" and "float64"), or null.
const DTypeInfo *findDType(std::string_view name);

} // namespace optc

#endif // OPTC_SUPPORT_DTYPE_H
