//===- KernelVariant.h - sizes that a benchmark prescribes ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emitters choose the sizes of tiles and blocks by rules. To check the rules against what could
// have been chosen, tests and test/bench/VariantBench.cpp prescribe sizes in a dictionary on the
// op, as in `{optc.variant = {block_rows = 48}}`. No pass of the compiler sets it.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_KERNELVARIANT_H
#define OPTC_TARGET_CPU_KERNELS_KERNELVARIANT_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"

namespace optc::cpu {

inline constexpr llvm::StringLiteral variantAttr = "optc.variant";

/// The size prescribed under this name, else `chosen`. What is not positive is no size.
inline int64_t prescribedOr(mlir::Operation *op, llvm::StringRef name, int64_t chosen) {
  auto sizes = op->getAttrOfType<mlir::DictionaryAttr>(variantAttr);
  auto size = sizes ? sizes.getAs<mlir::IntegerAttr>(name) : nullptr;
  return size && size.getInt() > 0 ? size.getInt() : chosen;
}

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_KERNELVARIANT_H
