//===- Weights.h - the bytes of constants --------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constants of any size as bytes, and new ones as resource blobs, for passes that
// rearrange or scale weights.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_NN_WEIGHTS_H
#define OPTC_DIALECTS_NN_WEIGHTS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Value.h"
#include <optional>

namespace optc::nn {

/// The row-major bytes of a constant; nothing for splats and types that are not whole bytes.
std::optional<llvm::ArrayRef<char>> getConstantBytes(mlir::ElementsAttr value);

/// The same as a copy, in which splats are repeated.
std::optional<llvm::SmallVector<char, 0>> copyConstantBytes(mlir::ElementsAttr value);

/// The bits of elements of at most 8 bits, a byte each; nothing for others.
std::optional<llvm::SmallVector<uint8_t, 0>> readBytes(mlir::ElementsAttr value);

/// The attribute of the constant that makes a value, or null.
mlir::ElementsAttr getConstantValue(mlir::Value value);

/// Whether a value is a constant, perhaps moved about.
bool isMovedConstant(mlir::Value value);

/// The constant in another shape: its bytes stay. Null if it has another number of elements, which
/// a model may declare and inference refuses, or is of another kind.
mlir::ElementsAttr reshapeConstant(mlir::ElementsAttr value, mlir::RankedTensorType type);

/// Memory for a new constant of a type, to be filled.
mlir::AsmResourceBlob allocateWeights(mlir::RankedTensorType type);
/// A constant over that memory; small ones are kept in the attribute itself. `origin` is the
/// constant it was made from, which gives it its name.
mlir::ElementsAttr makeWeights(mlir::RankedTensorType type, mlir::AsmResourceBlob blob,
                               mlir::ElementsAttr origin);

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_WEIGHTS_H
