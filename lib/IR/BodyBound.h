//===- BodyBound.h - how large a joined scalar body may become ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The passes that join elementwise ops stop at one bound. Beyond it a body gains nothing: what
// it computes takes far longer than to store and read a value in between, vectors no longer fit
// the registers, and code generation, which is more than linear in the size of a block, would
// rule the time of a compile.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IR_BODYBOUND_H
#define OPTC_IR_BODYBOUND_H

#include "mlir/IR/Matchers.h"
#include "mlir/IR/Operation.h"

namespace optc {

/// The most a joined body may cost, and the most tensors it may read: a sum of 96 large ones takes
/// 4 ms in bodies of 16, and 16 ms and more in bodies of 48, which are more streams than a core
/// follows.
inline constexpr int64_t mostBodyCost = 512;
inline constexpr size_t mostBodyReads = 16;

inline constexpr llvm::StringLiteral bodyTooLarge = "the joined body would be too large";
inline constexpr llvm::StringLiteral bodyReadsTooMuch =
    "the joined body would read too many tensors";

/// Instructions a scalar body becomes, roughly; at least 1. A function such as exp is a polynomial.
inline int64_t bodyCost(mlir::Region &body) {
  constexpr int64_t function = 16;
  int64_t cost = 0;
  body.walk([&](mlir::Operation *op) {
    if (op->hasTrait<mlir::OpTrait::IsTerminator>() || op->hasTrait<mlir::OpTrait::ConstantLike>())
      return;
    cost += op->getName().getDialectNamespace() == "math" ? function : 1;
  });
  return std::max<int64_t>(cost, 1);
}

} // namespace optc

#endif // OPTC_IR_BODYBOUND_H
