//===- SizeValues.cpp - sizes as nn ops ----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See SizeValues.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/SizeValues.h"

using namespace mlir;
using namespace optc::nn;

static Value buildSymbol(NNBuilder &b, unsigned index) {
  SymbolicShapes::Symbol symbol = b.getShapes().getSymbols()[index];
  if (!symbol.isElement)
    return b.sizeOf(symbol.value, symbol.index);
  Value flat = b.reshape(b.convert(symbol.value, b.getI64Type()), ArrayRef<int64_t>(-1));
  return b.slice(flat, 0, symbol.index, symbol.index + 1);
}

Value optc::nn::buildSize(NNBuilder &b, DimExpr size) {
  if (auto value = getConstant(size))
    return b.ints({*value});
  if (auto symbol = dyn_cast<AffineSymbolExpr>(size))
    return buildSymbol(b, symbol.getPosition());
  auto binary = cast<AffineBinaryOpExpr>(size);
  Value lhs = buildSize(b, binary.getLHS()), rhs = buildSize(b, binary.getRHS());
  switch (binary.getKind()) {
  case AffineExprKind::Add: return b.binary(BinaryKind::Add, lhs, rhs);
  case AffineExprKind::Mul: return b.binary(BinaryKind::Mul, lhs, rhs);
  case AffineExprKind::Mod: return b.binary(BinaryKind::Mod, lhs, rhs);
  case AffineExprKind::CeilDiv: {
    Value less = b.binary(BinaryKind::Sub, rhs, b.ints({1}));
    return b.binary(BinaryKind::Div, b.binary(BinaryKind::Add, lhs, less), rhs);
  }
  default: return b.binary(BinaryKind::Div, lhs, rhs); // sizes are not negative
  }
}

Value optc::nn::buildReshapeSizes(NNBuilder &b, ArrayRef<DimExpr> sizes) {
  size_t dynamic = llvm::count_if(sizes, [](DimExpr size) { return !getConstant(size); });
  bool isEmpty = llvm::any_of(sizes, [](DimExpr size) { return getConstant(size) == 0; });
  if (sizes.empty() || (dynamic <= 1 && !isEmpty))
    return b.ints(llvm::map_to_vector(
        sizes, [](DimExpr size) { return getConstant(size).value_or(-1); }));
  return b.concat(llvm::map_to_vector(sizes, [&](DimExpr size) { return buildSize(b, size); }), 0);
}

Value optc::nn::reshapeTo(NNBuilder &b, Value input, ArrayRef<DimExpr> sizes) {
  if (ArrayRef(b.getShapes().getShape(input)) == sizes)
    return input;
  while (auto inner = input.getDefiningOp<ReshapeOp>()) {
    input = inner.getInput();
    if (ArrayRef(b.getShapes().getShape(input)) == sizes)
      return input;
  }
  return b.reshape(input, buildReshapeSizes(b, sizes), /*allowZero=*/true);
}
