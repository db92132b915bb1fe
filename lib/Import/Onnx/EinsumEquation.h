//===- EinsumEquation.h - the equation of an Einsum node -----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The text of an equation, as a label for each dimension of each operand and of the result.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_EINSUMEQUATION_H
#define OPTC_IMPORT_ONNX_EINSUMEQUATION_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace optc::onnximport {

/// What names a dimension: a letter, or for the dimensions "..." stands for a number: they are
/// counted from the last, because that is how they broadcast.
using EinsumLabel = int;
using EinsumLabels = llvm::SmallVector<EinsumLabel>;

/// The label of the dimension of "..." that is so far from its last one.
constexpr EinsumLabel ellipsisLabel(size_t fromLast) { return 256 + static_cast<int>(fromLast); }
/// How a message calls a dimension.
std::string nameOf(EinsumLabel label);

struct EinsumEquation {
  llvm::SmallVector<EinsumLabels> operands;
  EinsumLabels result;

  /// The equation for operands of these ranks. On failure `error` says what is wrong with it.
  static mlir::FailureOr<EinsumEquation> parse(llvm::StringRef text, llvm::ArrayRef<int64_t> ranks,
                                               std::string &error);
};

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_EINSUMEQUATION_H
