//===- ConstantBytes.h - constants as they lie in memory -----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Elements take whole bytes there, one after the other, little-endian.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IR_CONSTANTBYTES_H
#define OPTC_IR_CONSTANTBYTES_H

#include "mlir/IR/BuiltinAttributes.h"

#include <optional>

namespace optc {

/// The size of an element in memory.
int64_t elementBytes(mlir::Type element);

/// The bytes of all elements; nothing where they are not stored like that: of several elements that
/// one value stands for, and of resources without content.
std::optional<llvm::ArrayRef<char>> constantBytes(mlir::ElementsAttr attr);

} // namespace optc

#endif // OPTC_IR_CONSTANTBYTES_H
