//===- PairProduct.h - sums of products of bf16 pairs ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The hot step of a contraction of bf16: every lane adds the products of two neighbouring
// numbers of the data with two of the weight to its f32 sum. Where the CPU has an instruction
// for it, that is one pass; elsewhere the pairs are taken apart, and a pass is made over the first
// numbers of all pairs and one over the second: a bf16 is the upper half of an f32.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_PAIRPRODUCT_H
#define OPTC_TARGET_CPU_KERNELS_PAIRPRODUCT_H

#include "lib/Target/Host/CpuLevel.h"
#include "mlir/IR/Builders.h"

namespace optc::cpu {

class PairProduct {
public:
  PairProduct(mlir::Location loc, const CpuLevel &level, int64_t lanes)
      : loc(loc), level(level), lanes(lanes) {}

  /// How often the step goes over the operands.
  unsigned getPasses() const { return isDot() ? 1 : 2; }
  /// The pair at `index` of a bf16 buffer, in every lane; of an f32 buffer the number of the pass,
  /// if there are two.
  mlir::Value broadcast(mlir::OpBuilder &builder, mlir::Value flat, mlir::Value index,
                        unsigned pass) const;
  /// One pair per lane, from `index` on.
  mlir::Value load(mlir::OpBuilder &builder, mlir::Value flat, mlir::Value index,
                   unsigned pass) const;
  /// sum + products of a pass; `sum` is a vector of f32.
  mlir::Value multiplyAdd(mlir::OpBuilder &builder, mlir::Value left, mlir::Value right,
                          mlir::Value sum) const;

private:
  mlir::Value loadPairs(mlir::OpBuilder &builder, mlir::Value flat, mlir::Value index,
                        int64_t count) const;
  /// Pairs, as i32, in the form multiplyAdd takes.
  mlir::Value prepare(mlir::OpBuilder &builder, mlir::Value pairs, unsigned pass) const;

  bool isDot() const { return level.can(MultipliesBf16Pairs); }

  mlir::Location loc;
  const CpuLevel &level;
  int64_t lanes;
};

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_PAIRPRODUCT_H
