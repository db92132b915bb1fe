//===- Work.h - how much work a kernel op does ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts of operations as products of sizes, for `optc bench` and its profile. A count belongs
// to the op as written, not to how a target does it: a convolution has the multiply-adds of its
// formula, also where a target needs fewer (Winograd).
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_KERNEL_WORK_H
#define OPTC_DIALECTS_KERNEL_WORK_H

#include "mlir/IR/Region.h"
#include "mlir/IR/Value.h"

namespace optc::kernel {

/// A constant times sizes that are known later only: dims of shaped values.
struct SizeProduct {
  double constant = 0;
  llvm::SmallVector<std::pair<mlir::Value, int64_t>> dims;

  void multiply(mlir::Value shaped, int64_t dim);
};

/// The elements of a shaped value, `each` counted for one.
SizeProduct countElements(mlir::Value shaped, double each = 1);

/// What an op does besides moving data.
struct OpWork {
  /// Products summed up.
  SizeProduct multiplyAdds;
  /// All other arithmetic on elements; a function such as exp counts as one.
  SizeProduct operations;
};

/// Arithmetic ops on elements in a scalar region; casts, selections and indices are none.
double countOperations(mlir::Region &body);

} // namespace optc::kernel

#endif // OPTC_DIALECTS_KERNEL_WORK_H
