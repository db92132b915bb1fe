//===- SizeMaterializer.h - sizes as IR ----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns symbolic sizes into IR, each part of them once. Sizes are made of each other layer by
// layer: written out anew wherever one is needed they would take 2^n ops for n layers, where
// every size is made of the one before twice.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_NN_SIZEMATERIALIZER_H
#define OPTC_DIALECTS_NN_SIZEMATERIALIZER_H

#include "dialects/NN/Shapes.h"
#include "mlir/IR/Builders.h"

namespace optc::nn {

/// The values that sizes have got so far, per block. Whoever keeps one for several ops builds
/// them in the order of the program.
class SizeValueCache {
public:
  /// The value of a size in a block, or in one around it; null if there is none.
  mlir::Value find(mlir::Block *block, DimExpr size) const;
  void add(mlir::Block *block, DimExpr size, mlir::Value value) { values[{block, size}] = value; }

private:
  llvm::DenseMap<std::pair<mlir::Block *, DimExpr>, mlir::Value> values;
};

class SizeMaterializer {
public:
  using Symbol = SymbolicShapes::Symbol;
  using ValueOf = llvm::function_ref<mlir::OpFoldResult(const Symbol &)>;

  /// `valueOf` gives what a symbol of a value stands for.
  SizeMaterializer(const SymbolicShapes &shapes, mlir::OpBuilder &builder, mlir::Location loc,
                   ValueOf valueOf, SizeValueCache &values)
      : shapes(shapes), builder(builder), loc(loc), valueOf(valueOf), values(values) {}

  mlir::OpFoldResult materialize(DimExpr size);

private:
  mlir::Value materializeValue(DimExpr size);
  mlir::OpFoldResult build(DimExpr size);
  mlir::OpFoldResult buildCombined(const Symbol &symbol);
  mlir::OpFoldResult buildWhole(DimExpr size);
  mlir::Value buildBinary(mlir::AffineExprKind kind, mlir::Value lhs, mlir::Value rhs);

  const SymbolicShapes &shapes;
  mlir::OpBuilder &builder;
  mlir::Location loc;
  ValueOf valueOf;
  SizeValueCache &values;
};

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_SIZEMATERIALIZER_H
