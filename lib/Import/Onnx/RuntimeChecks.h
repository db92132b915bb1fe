//===- RuntimeChecks.h - what a node needs of its operands ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Conditions on sizes and values that are judged at import where they are known, else when the
// model runs, for ops that the import builds of loops, which check nothing themselves.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_RUNTIMECHECKS_H
#define OPTC_IMPORT_ONNX_RUNTIMECHECKS_H

#include "lib/Import/Onnx/Importer.h"

namespace optc::onnximport {

/// A size of an operand and what messages call the operand.
struct OperandSize {
  mlir::Value value;
  int64_t dim;
  llvm::StringRef name;
};

/// The two sizes are equal.
mlir::LogicalResult requireSameSize(NodeImport &n, const OperandSize &a, const OperandSize &b);
/// The dimension has this size.
mlir::LogicalResult requireSize(NodeImport &n, mlir::Value value, int64_t dim, int64_t size,
                                llvm::StringRef name);
/// The dimension is not empty.
mlir::LogicalResult requireElements(NodeImport &n, mlir::Value value, int64_t dim,
                                    llvm::StringRef name);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_RUNTIMECHECKS_H
