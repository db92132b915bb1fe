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

namespace {
/// Builds each part of a size once: sizes are made of each other layer by layer.
class SizeBuilder {
public:
  explicit SizeBuilder(NNBuilder &b) : b(b) {}

  Value build(DimExpr size) {
    if (Value known = values.lookup(size))
      return known;
    Value value = buildAnew(size);
    return values[size] = value;
  }

private:
  Value buildAnew(DimExpr size);
  Value buildSymbol(const SymbolicShapes::Symbol &symbol);
  Value buildJoined(ArrayRef<DimExpr> parts);
  Value buildSliced(ArrayRef<DimExpr> parts);

  NNBuilder &b;
  llvm::DenseMap<DimExpr, Value> values;
};
} // namespace

/// The size of what tensors of these sizes have together. Only the size is asked for, so none
/// of the tensors is ever made.
Value SizeBuilder::buildJoined(ArrayRef<DimExpr> parts) {
  Value joined;
  for (DimExpr part : parts) {
    Value row = b.expand(b.scalar(b.getI64Type(), 0), build(part));
    joined = joined ? b.binary(BinaryKind::Add, joined, row) : row;
  }
  return b.sizeOf(joined, 0);
}

/// The same for a slice of a row.
Value SizeBuilder::buildSliced(ArrayRef<DimExpr> parts) {
  Value row = b.expand(b.scalar(b.getI64Type(), 0), build(parts[0]));
  Value start = build(parts[1]), end = build(parts[2]), step = build(parts[3]);
  return b.sizeOf(b.make<SliceOp>(b.getI64Type(), row, start, end, step, ArrayRef<int64_t>(0)), 0);
}

Value SizeBuilder::buildSymbol(const SymbolicShapes::Symbol &symbol) {
  using Kind = SymbolicShapes::Symbol::Kind;
  if (symbol.kind == Kind::Joined)
    return buildJoined(symbol.parts);
  if (symbol.kind == Kind::Sliced)
    return buildSliced(symbol.parts);
  if (symbol.kind == Kind::Positive)
    return b.binary(BinaryKind::Max, build(symbol.parts.front()), 0.0);
  if (symbol.kind == Kind::Least) {
    Value least = build(symbol.parts.front());
    for (DimExpr part : ArrayRef(symbol.parts).drop_front())
      least = b.binary(BinaryKind::Min, least, build(part));
    return least;
  }
  if (symbol.kind == Kind::Dim)
    return b.sizeOf(symbol.value, symbol.index);
  Value flat = b.reshape(b.convert(symbol.value, b.getI64Type()), ArrayRef<int64_t>(-1));
  return b.slice(flat, 0, symbol.index, symbol.index + 1);
}

/// Rounded down. Division rounds toward zero, so that a numerator below zero loses its remainder
/// first.
static Value buildFloorDiv(NNBuilder &b, Value lhs, Value rhs, bool isNonNegative) {
  if (!isNonNegative)
    lhs = b.binary(BinaryKind::Sub, lhs, b.binary(BinaryKind::Mod, lhs, rhs));
  return b.binary(BinaryKind::Div, lhs, rhs);
}

Value SizeBuilder::buildAnew(DimExpr size) {
  if (auto value = getConstant(size))
    return b.ints({*value});
  if (const SymbolicShapes::Symbol *symbol = b.getShapes().getSymbol(size))
    return buildSymbol(*symbol);
  auto binary = cast<AffineBinaryOpExpr>(size);
  Value lhs = build(binary.getLHS()), rhs = build(binary.getRHS());
  bool isNonNegative = b.getShapes().getLowerBound(binary.getLHS()).value_or(-1) >= 0;
  switch (binary.getKind()) {
  case AffineExprKind::Add:
    return b.binary(BinaryKind::Add, lhs, rhs);
  case AffineExprKind::Mul:
    return b.binary(BinaryKind::Mul, lhs, rhs);
  case AffineExprKind::Mod:
    return b.binary(BinaryKind::Mod, lhs, rhs);
  case AffineExprKind::CeilDiv: {
    Value less = b.binary(BinaryKind::Sub, rhs, b.ints({1}));
    return buildFloorDiv(b, b.binary(BinaryKind::Add, lhs, less), rhs, isNonNegative);
  }
  default:
    return buildFloorDiv(b, lhs, rhs, isNonNegative);
  }
}

Value optc::nn::buildSize(NNBuilder &b, DimExpr size) { return SizeBuilder(b).build(size); }

/// A size that is a product of neighbouring dimensions of `input`, as that; else from its symbols.
/// What the values say of themselves need not lead back to the expression: divisions of numbers
/// that may be negative do not.
static Value buildSizeOf(NNBuilder &b, Value input, DimExpr size) {
  Shape shape = b.getShapes().getShape(input);
  for (int64_t first = 0, rank = shape.size(); first < rank; ++first) {
    DimExpr product = b.getShapes().constant(1);
    for (int64_t last = first; last < rank; ++last) {
      product = b.getShapes().mul(product, shape[last]);
      if (product != size)
        continue;
      Value value = b.sizeOf(input, first);
      for (int64_t dim = first + 1; dim <= last; ++dim)
        value = b.binary(BinaryKind::Mul, value, b.sizeOf(input, dim));
      return value;
    }
  }
  return buildSize(b, size);
}

Value optc::nn::buildReshapeSizes(NNBuilder &b, Value input, ArrayRef<DimExpr> sizes) {
  size_t dynamic = llvm::count_if(sizes, [](DimExpr size) { return !getConstant(size); });
  bool isEmpty = llvm::any_of(sizes, [](DimExpr size) { return getConstant(size) == 0; });
  if (sizes.empty() || (dynamic <= 1 && !isEmpty))
    return b.ints(
        llvm::map_to_vector(sizes, [](DimExpr size) { return getConstant(size).value_or(-1); }));
  auto build = [&](DimExpr size) { return buildSizeOf(b, input, size); };
  return b.concat(llvm::map_to_vector(sizes, build), 0);
}

Value optc::nn::reshapeTo(NNBuilder &b, Value input, ArrayRef<DimExpr> sizes) {
  if (ArrayRef(b.getShapes().getShape(input)) == sizes)
    return input;
  while (auto inner = input.getDefiningOp<ReshapeOp>()) {
    input = inner.getInput();
    if (ArrayRef(b.getShapes().getShape(input)) == sizes)
      return input;
  }
  return b.reshape(input, buildReshapeSizes(b, input, sizes), /*allowZero=*/true);
}
