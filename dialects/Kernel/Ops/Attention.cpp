//===- Attention.cpp - attention ------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rules and work of kernel.attention.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Kernel.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace optc::kernel;

using Dims = llvm::SmallBitVector;

static Dims dimsOf(AffineMap map) {
  Dims dims(AttentionOp::NumDims);
  for (AffineExpr expr : map.getResults())
    dims.set(cast<AffineDimExpr>(expr).getPosition());
  return dims;
}

static Dims makeDims(std::initializer_list<unsigned> positions) {
  Dims dims(AttentionOp::NumDims);
  for (unsigned position : positions)
    dims.set(position);
  return dims;
}

/// What a map must have, and what it may have beyond that.
static bool hasOnly(AffineMap map, const Dims &needed, Dims allowed) {
  Dims dims = dimsOf(map);
  allowed |= needed;
  return !needed.test(dims) && !dims.test(allowed); // test: has bits the other lacks
}

/// Rule `kernel.attention.R1`.
static LogicalResult verifyMaps(AttentionOp op) {
  using Op = AttentionOp;
  if (op.getMaps().size() != op->getNumOperands())
    return op.emitOpError("[kernel.attention.R1] has ")
           << op.getMaps().size() << " maps for " << op->getNumOperands() << " operands";
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    AffineMap map = op.getMap(i);
    if (map.getNumDims() != Op::NumDims || map.getNumSymbols() != 0 ||
        map.getNumResults() != cast<ShapedType>(operand.getType()).getRank() ||
        !map.isProjectedPermutation())
      return op.emitOpError("[kernel.attention.R1] map ")
             << i << " is no projected permutation to the dims of its operand: "
             << AffineMapAttr::get(map);
  }
  Dims leading = dimsOf(op.getInitMap()) & makeDims({Op::Batch, Op::Head, Op::Group});
  Dims shared = leading & makeDims({Op::Batch, Op::Head}), batch = leading & makeDims({Op::Batch});
  Dims none = makeDims({});
  bool fits = hasOnly(op.getMap(0), leading | makeDims({Op::Query, Op::Inner}), none) &&
              hasOnly(op.getMap(1), makeDims({Op::Key, Op::Inner}), shared) &&
              hasOnly(op.getMap(2), makeDims({Op::Key, Op::Outer}), shared) &&
              hasOnly(op.getInitMap(), leading | makeDims({Op::Query, Op::Outer}), none);
  for (unsigned i = 3, e = op->getNumOperands() - 1; i < e; ++i) {
    bool isExtra = i >= op.getFirstExtra();
    fits &= hasOnly(op.getMap(i), none, isExtra ? leading | makeDims({Op::Query, Op::Key}) : batch);
  }
  if (!fits)
    return op.emitOpError(
        "[kernel.attention.R1] an operand has dims it must not have, or lacks one");
  return success();
}

/// Rule `kernel.attention.R2`.
static LogicalResult verifySizes(AttentionOp op) {
  SmallVector<int64_t> sizes(AttentionOp::NumDims, ShapedType::kDynamic);
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    ArrayRef<int64_t> shape = cast<ShapedType>(operand.getType()).getShape();
    for (auto [expr, size] : llvm::zip_equal(op.getMap(i).getResults(), shape)) {
      int64_t &known = sizes[cast<AffineDimExpr>(expr).getPosition()];
      if (ShapedType::isDynamic(size))
        continue;
      if (!ShapedType::isDynamic(known) && known != size)
        return op.emitOpError("[kernel.attention.R2] dim ")
               << cast<AffineDimExpr>(expr).getPosition() << " is " << known << " and " << size;
      known = size;
    }
  }
  return success();
}

LogicalResult AttentionOp::verify() {
  if (failed(verifyDestinationForm(*this)) || failed(verifyMaps(*this)) ||
      failed(verifySizes(*this)))
    return failure();
  if (int64_t(getBefore().value_or(0)) < 0 || int64_t(getAfter().value_or(0)) < 0)
    return emitOpError("[kernel.attention.R4] before and after must not be negative");
  for (Value bound : {getOffset(), getLengths()})
    if (bound && !cast<ShapedType>(bound.getType()).getElementType().isInteger(64))
      return emitOpError("[kernel.attention.R4] offset and lengths must be i64, one is ")
             << bound.getType();
  auto isF32 = [](Value value) {
    return cast<ShapedType>(value.getType()).getElementType().isF32();
  };
  if (getNarrow() && !(isa<BFloat16Type, Float16Type>(*getNarrow()) &&
                       llvm::all_of(ValueRange{getQuery(), getKey(), getValue()}, isF32)))
    return emitOpError("[kernel.attention.R5] can not round operands of type ")
           << getQuery().getType() << " to " << *getNarrow();
  return success();
}

LogicalResult AttentionOp::verifyRegions() {
  Block &body = getScore().front();
  bool fits = body.getNumArguments() == getExtras().size() + 1 &&
              isa<Float32Type, Float64Type>(body.getArgument(0).getType());
  for (auto [i, extra] : llvm::enumerate(getExtras()))
    fits = fits &&
           body.getArgument(i + 1).getType() == cast<ShapedType>(extra.getType()).getElementType();
  auto yield = body.empty() ? YieldOp() : dyn_cast<YieldOp>(body.back());
  if (!fits || !yield || yield->getNumOperands() != 1 ||
      yield->getOperand(0).getType() != body.getArgument(0).getType())
    return emitOpError(
        "[kernel.attention.R3] the region must take an f32 or f64 and one element per "
        "extra operand, and yield the type of its first argument");
  return success();
}

int64_t AttentionOp::getOperandSize(unsigned operand, Dim dim) {
  auto at = getMap(operand).getResultPosition(getAffineDimExpr(dim, getContext()));
  return at ? cast<ShapedType>(getOperand(operand).getType()).getDimSize(*at) : 1;
}

/// Bounds may save a part of it.
OpWork AttentionOp::getWork() {
  int64_t inner = getOperandSize(0, Inner), outer = getOperandSize(2, Outer);
  bool isKnown = !ShapedType::isDynamic(inner) && !ShapedType::isDynamic(outer) && inner > 0;
  unsigned keys = *getMap(1).getResultPosition(getAffineDimExpr(Key, getContext()));
  OpWork work;
  work.multiplyAdds = countElements(getQuery(), isKnown ? double(inner + outer) / inner : 2);
  work.multiplyAdds.multiply(getKey(), keys);
  // Of one score: its region, the largest one, a difference, an exponential and a sum.
  if (isKnown) {
    work.operations = countElements(getQuery(), (countOperations(getScore()) + 4) / inner);
    work.operations.multiply(getKey(), keys);
  }
  return work;
}
