//===- Quantization.h - scales and zero points --------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Questions about what integers stand for.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_QNN_QUANTIZATION_H
#define OPTC_DIALECTS_QNN_QUANTIZATION_H

#include "dialects/QNN/QNN.h"
#include <optional>

namespace optc::qnn {

/// The least and the largest number of an integer type.
std::pair<int64_t, int64_t> boundsOf(mlir::Type type);

/// Whether the elements are integers of 8 bits.
bool isByte(mlir::Value value);

/// Whether two scales or zero points (null: 0) are the same value, or equal constants. Others may
/// be equal, too.
bool areEqual(mlir::Value a, mlir::Value b);

/// The elements of a constant of floats or integers; nothing for others.
std::optional<llvm::SmallVector<double>> numbersOf(mlir::ElementsAttr constant);

/// The number that a constant scale or zero point (null: 0) of a whole tensor is.
std::optional<double> numberOf(mlir::Value parameter);

/// Whether a scale or zero point is one number for the whole tensor.
bool isPerTensor(mlir::Value parameter);

} // namespace optc::qnn

#endif // OPTC_DIALECTS_QNN_QUANTIZATION_H
