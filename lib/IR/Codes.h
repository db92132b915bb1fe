//===- Codes.h - codes of few bits, one by one --------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a code is in scalar ops, for every place that does not take whole vectors of them.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IR_CODES_H
#define OPTC_IR_CODES_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace optc {

/// The code of `bits` (1, 2, 4 or 8) bits in plane `plane` (an index) of `byte` (i8), as i32; with
/// a codebook of 2^bits bytes without a sign, the one that it stands for.
mlir::Value createCode(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value byte,
                       mlir::Value plane, int64_t bits, mlir::DenseI8ArrayAttr codebook);

/// Whether there is no codebook, or one that has an entry for each code of less than 8 bits.
bool isCodebook(mlir::DenseI8ArrayAttr codebook, int64_t bits);

} // namespace optc

#endif // OPTC_IR_CODES_H
