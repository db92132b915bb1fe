//===- TransposeTile.h - square blocks transposed in registers --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The shuffle network of transposing copies.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_VECTOR_TRANSPOSETILE_H
#define OPTC_TARGET_CPU_VECTOR_TRANSPOSETILE_H

#include "mlir/IR/Builders.h"

namespace optc::cpu {

/// Transposes n vectors of n elements (n a power of two): element j of result i is element i
/// of row j. About log2(n) shuffles per row, all of which x86 and aarch64 have as instructions for
/// 8 to 64 bits an element.
llvm::SmallVector<mlir::Value> transposeTile(mlir::OpBuilder &builder, mlir::Location loc,
                                             llvm::ArrayRef<mlir::Value> rows);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_VECTOR_TRANSPOSETILE_H
