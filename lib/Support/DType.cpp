//===- DType.cpp - element types ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table of element types.
//
//===----------------------------------------------------------------------===//
#include "lib/Support/DType.h"

namespace optc {

static const DTypeInfo table[] = {
    {1, "float", DTypeKind::Float, 32, 4, "<f4"},
    {2, "uint8", DTypeKind::UnsignedInt, 8, 1, "|u1"},
    {3, "int8", DTypeKind::SignedInt, 8, 1, "|i1"},
    {4, "uint16", DTypeKind::UnsignedInt, 16, 2, "<u2"},
    {5, "int16", DTypeKind::SignedInt, 16, 2, "<i2"},
    {6, "int32", DTypeKind::SignedInt, 32, 4, "<i4"},
    {7, "int64", DTypeKind::SignedInt, 64, 8, "<i8"},
    {8, "string", DTypeKind::String, 0, 0, ""},
    {9, "bool", DTypeKind::Bool, 8, 1, "|b1"},
    {10, "float16", DTypeKind::Float, 16, 2, "<f2"},
    {11, "double", DTypeKind::Float, 64, 8, "<f8"},
    {12, "uint32", DTypeKind::UnsignedInt, 32, 4, "<u4"},
    {13, "uint64", DTypeKind::UnsignedInt, 64, 8, "<u8"},
    {14, "complex64", DTypeKind::Complex, 64, 8, "<c8"},
    {15, "complex128", DTypeKind::Complex, 128, 16, "<c16"},
    {16, "bfloat16", DTypeKind::Float, 16, 2, "<u2"},
    {17, "float8e4m3fn", DTypeKind::Float, 8, 1, "|u1"},
    {18, "float8e4m3fnuz", DTypeKind::Float, 8, 1, "|u1"},
    {19, "float8e5m2", DTypeKind::Float, 8, 1, "|u1"},
    {20, "float8e5m2fnuz", DTypeKind::Float, 8, 1, "|u1"},
    {21, "uint4", DTypeKind::UnsignedInt, 4, 1, "|u1"},
    {22, "int4", DTypeKind::SignedInt, 4, 1, "|u1"},
    {23, "float4e2m1", DTypeKind::Float, 4, 1, "|u1"},
    {24, "float8e8m0", DTypeKind::Float, 8, 1, "|u1"},
    {25, "uint2", DTypeKind::UnsignedInt, 2, 1, "|u1"},
    {26, "int2", DTypeKind::SignedInt, 2, 1, "|u1"},
    {27, "float6e2m3", DTypeKind::Float, 6, 1, "|u1"},
    {28, "float6e3m2", DTypeKind::Float, 6, 1, "|u1"},
};

const DTypeInfo *dtypeTable(size_t &count) {
  count = sizeof(table) / sizeof(table[0]);
  return table;
}

const DTypeInfo *findDType(int number) {
  for (const DTypeInfo &info : table)
    if (info.number == number)
      return &info;
  return nullptr;
}

const DTypeInfo *findDType(std::string_view name) {
  if (name == "float32")
    name = "float";
  if (name == "float64")
    name = "double";
  for (const DTypeInfo &info : table)
    if (name == info.name)
      return &info;
  return nullptr;
}

} // namespace optc
