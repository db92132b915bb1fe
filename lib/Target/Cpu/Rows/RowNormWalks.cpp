//===- RowNormWalks.cpp - loops over the elements of a row ------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of RowNormEmitter that loads, stores, and walks a row for a statistic or a result.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Rows/RowNormEmitter.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

SmallVector<LaneValue> RowNormEmitter::loadInputs(OpBuilder &builder, Block &block, unsigned skip,
                                                  const Place &place) {
  SmallVector<LaneValue> values;
  for (unsigned i = 0; i < init(); ++i) {
    LaneValue value;
    if (!block.getArgument(i + skip).use_empty())
      value = emitLoad(builder, loc, access(builder, i, place));
    values.push_back(value);
  }
  return values;
}

Value RowNormEmitter::prologue(OpBuilder &builder, const Place &place) {
  Block &block = op.getPrologue().front();
  LaneContext context{lanes, place.mask, nullptr};
  auto args = loadInputs(builder, block, 0, place);
  return vector(builder, vectorizeBody(builder, block, args, context).front());
}

void RowNormEmitter::finish(OpBuilder &builder, Value value, const Place &place) {
  Block &block = op.getEpilogue().front();
  LaneContext context{lanes, place.mask, nullptr};
  SmallVector<LaneValue> args = {lanes == 1 ? LaneValue::uniform(value) : LaneValue::vector(value)};
  llvm::append_range(args, loadInputs(builder, block, 1, place));
  LaneValue result = vectorizeBody(builder, block, args, context).front();
  emitStore(builder, loc, access(builder, init(), place), vector(builder, result));
}

Value RowNormEmitter::combine(OpBuilder &builder, Statistic kind, Value lhs, Value rhs) {
  if (kind == Statistic::Sum)
    return arith::AddFOp::create(builder, loc, lhs, rhs);
  // One instruction; a NaN in rhs is passed over, and shows in the sum.
  Value larger = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, rhs, lhs);
  return arith::SelectOp::create(builder, loc, larger, rhs, lhs);
}

LaneValue RowNormEmitter::reduceAlong(OpBuilder &builder, Statistic kind, const Offsets &offsets,
                                      int64_t unroll, ElementBuilder element) {
  Value neutral = constant(builder, kind == Statistic::Sum ? 0.0 : -INFINITY, laneType());
  VectorLoop loop{builder.getIndexAttr(0), nest.dims[dim].size, lanes, unroll, {}, {neutral}, {}};
  auto combineGroups = [&](OpBuilder &b, unsigned, Value lhs, Value rhs) {
    return combine(b, kind, lhs, rhs);
  };
  loop.combine = combineGroups;
  auto rows = [&](OpBuilder &b, ValueRange at, ValueRange carried) {
    Offsets here = advance(b, offsets, normalized, at);
    loop.inits.assign(carried.begin(), carried.end());
    return emitVectorLoop(b, loc, loop, [&](OpBuilder &inner, const VectorStep &step) {
      SmallVector<Value> next;
      for (auto [position, old] : llvm::zip_equal(step.positions, step.accumulators)) {
        Value value = element(inner, {here, position, step.mask});
        Value sum = combine(inner, kind, old, value);
        if (step.mask)
          sum = arith::SelectOp::create(inner, loc, step.mask, sum, old);
        next.push_back(sum);
      }
      return next;
    });
  };
  Value sum = emitLoops(builder, loc, sizesOf(normalized), neutral, rows).front();
  if (lanes == 1)
    return LaneValue::uniform(sum);
  bool isSum = kind == Statistic::Sum;
  return LaneValue::uniform(vector::ReductionOp::create(
      builder, loc, isSum ? vector::CombiningKind::ADD : vector::CombiningKind::MAXNUMF, sum,
      isSum ? arith::FastMathFlags::reassoc : arith::FastMathFlags::nnan));
}

LaneValue RowNormEmitter::reduce(OpBuilder &builder, Statistic kind, const Offsets &offsets,
                                 int64_t unroll, ElementBuilder element) {
  if (along)
    return reduceAlong(builder, kind, offsets, unroll, element);
  Value neutral = constant(builder, kind == Statistic::Sum ? 0.0 : -INFINITY, laneType());
  auto rows = [&](OpBuilder &b, ValueRange at, ValueRange carried) -> SmallVector<Value> {
    Offsets here = advance(b, offsets, normalized, at);
    return {combine(b, kind, carried.front(), element(b, {here, column, columnMask}))};
  };
  Value sum = emitLoops(builder, loc, sizesOf(normalized), neutral, rows).front();
  return lanes == 1 ? LaneValue::uniform(sum) : LaneValue::vector(sum);
}

void RowNormEmitter::forEach(OpBuilder &builder, const Offsets &offsets, int64_t unroll,
                             function_ref<void(OpBuilder &, const Place &)> element) {
  emitLoops(builder, loc, sizesOf(normalized), {},
            [&](OpBuilder &b, ValueRange at, ValueRange) -> SmallVector<Value> {
              Offsets here = advance(b, offsets, normalized, at);
              if (!along) {
                element(b, {here, column, columnMask});
                return {};
              }
              VectorLoop loop{b.getIndexAttr(0), nest.dims[dim].size, lanes, unroll, {}, {}, {}};
              return emitVectorLoop(b, loc, loop, [&](OpBuilder &inner, const VectorStep &step) {
                for (Value position : step.positions)
                  element(inner, {here, position, step.mask});
                return SmallVector<Value>();
              });
            });
}
