//===- SizeMaterializer.cpp - sizes as IR --------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See SizeMaterializer.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/SizeMaterializer.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace mlir;
using namespace optc::nn;

Value SizeValueCache::find(Block *block, DimExpr size) const {
  while (block) {
    if (Value value = values.lookup({block, size}))
      return value;
    Operation *parent = block->getParentOp();
    block = parent ? parent->getBlock() : nullptr;
  }
  return {};
}

OpFoldResult SizeMaterializer::materialize(DimExpr size) {
  if (std::optional<int64_t> value = getConstant(size))
    return builder.getIndexAttr(*value);
  if (const Symbol *symbol = shapes.getSymbol(size); symbol && symbol->value)
    return valueOf(*symbol);
  Block *block = builder.getInsertionBlock();
  if (Value known = values.find(block, size))
    return known;
  OpFoldResult result = build(size);
  if (auto value = dyn_cast<Value>(result))
    values.add(block, size, value);
  return result;
}

Value SizeMaterializer::materializeValue(DimExpr size) {
  return getValueOrCreateConstantIndexOp(builder, loc, materialize(size));
}

OpFoldResult SizeMaterializer::build(DimExpr size) {
  if (const Symbol *symbol = shapes.getSymbol(size))
    return buildCombined(*symbol);
  auto binary = cast<AffineBinaryOpExpr>(size);
  auto constantDivisor = getConstant(binary.getRHS());
  if (constantDivisor && *constantDivisor < 1)
    constantDivisor.reset(); // no divisor that affine ops allow
  bool isDivision =
      binary.getKind() != AffineExprKind::Add && binary.getKind() != AffineExprKind::Mul;
  if (isDivision && !constantDivisor) // affine ops divide by constants only
    return getAsOpFoldResult(buildBinary(binary.getKind(), materializeValue(binary.getLHS()),
                                         materializeValue(binary.getRHS())));
  SmallVector<OpFoldResult> operands = {materialize(binary.getLHS()), materialize(binary.getRHS())};
  AffineExpr s0 = builder.getAffineSymbolExpr(0), s1 = builder.getAffineSymbolExpr(1);
  AffineExpr combined = isDivision
                            ? getAffineBinaryOpExpr(binary.getKind(), s0,
                                                    builder.getAffineConstantExpr(*constantDivisor))
                            : getAffineBinaryOpExpr(binary.getKind(), s0, s1);
  return affine::makeComposedFoldedAffineApply(builder, loc, combined, operands);
}

/// What a symbol stands for that is computed from sizes.
OpFoldResult SizeMaterializer::buildCombined(const Symbol &symbol) {
  if (symbol.kind == Symbol::Kind::Least && symbol.parts.size() == 1)
    return buildWhole(symbol.parts.front());
  Value result = materializeValue(symbol.parts.front());
  if (symbol.kind == Symbol::Kind::Sliced) { // the last part only says what is meant
    Value start = materializeValue(symbol.parts[1]), end = materializeValue(symbol.parts[2]);
    Value step = materializeValue(symbol.parts[3]);
    return getAsOpFoldResult(countSliced(builder, loc, result, start, end, step));
  }
  if (symbol.kind == Symbol::Kind::Positive) {
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    return getAsOpFoldResult(builder.createOrFold<arith::MaxSIOp>(loc, result, zero));
  }
  for (DimExpr part : ArrayRef(symbol.parts).drop_front()) {
    Value size = materializeValue(part);
    if (symbol.kind == Symbol::Kind::Least) {
      result = builder.createOrFold<arith::MinSIOp>(loc, result, size);
      continue;
    }
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    Value isOne = builder.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, result, one);
    result = builder.createOrFold<arith::SelectOp>(loc, isOne, size, result);
  }
  return getAsOpFoldResult(result);
}

/// A size that was cut because it is long: its last step is no affine op, since those are composed
/// with the affine ops of their users.
OpFoldResult SizeMaterializer::buildWhole(DimExpr size) {
  auto binary = cast<AffineBinaryOpExpr>(size);
  return getAsOpFoldResult(buildBinary(binary.getKind(), materializeValue(binary.getLHS()),
                                       materializeValue(binary.getRHS())));
}

Value SizeMaterializer::buildBinary(AffineExprKind kind, Value lhs, Value rhs) {
  if (kind == AffineExprKind::Add)
    return builder.createOrFold<arith::AddIOp>(loc, lhs, rhs);
  if (kind == AffineExprKind::Mul)
    return builder.createOrFold<arith::MulIOp>(loc, lhs, rhs);
  // A divisor of zero only comes with empty tensors.
  if (auto divisor = getConstantIntValue(rhs); !divisor || *divisor <= 0)
    rhs =
        arith::MaxSIOp::create(builder, loc, rhs, arith::ConstantIndexOp::create(builder, loc, 1));
  if (kind == AffineExprKind::FloorDiv)
    return builder.createOrFold<arith::FloorDivSIOp>(loc, lhs, rhs);
  if (kind == AffineExprKind::CeilDiv)
    return builder.createOrFold<arith::CeilDivSIOp>(loc, lhs, rhs);
  return builder.createOrFold<arith::RemSIOp>(loc, lhs, rhs);
}
