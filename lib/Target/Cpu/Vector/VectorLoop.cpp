//===- VectorLoop.cpp - loops over rows and ranges of items -----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See VectorLoop.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Vector/VectorLoop.h"
#include "dialects/Kernel/Kernel.h"
#include "dialects/Run/Run.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

/// Below this much work (ns) a region is not worth the call.
static constexpr int64_t minParallelCost = 4000;

static Value constantIndex(OpBuilder &builder, Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

/// An scf.for that carries `inits`; none when the trip count is known to be 0, no loop when
/// it is known to be 1.
static SmallVector<Value>
emitFor(OpBuilder &builder, Location loc, OpFoldResult lower, OpFoldResult upper, int64_t step,
        ValueRange inits, function_ref<SmallVector<Value>(OpBuilder &, Value, ValueRange)> body) {
  std::optional<int64_t> lo = getConstantIntValue(lower), hi = getConstantIntValue(upper);
  if (lo && hi && *hi <= *lo)
    return inits;
  Value first = indexValue(builder, loc, lower);
  if (lo && hi && *hi - *lo <= step)
    return body(builder, first, inits);
  auto loop = scf::ForOp::create(
      builder, loc, first, indexValue(builder, loc, upper), constantIndex(builder, loc, step),
      inits, [&](OpBuilder &nested, Location, Value position, ValueRange carried) {
        scf::YieldOp::create(nested, loc, body(nested, position, carried));
      });
  return loop.getResults();
}

/// lower + floor((upper - lower) / block) * block.
static OpFoldResult lastMultiple(OpBuilder &builder, Location loc, OpFoldResult lower,
                                 OpFoldResult upper, int64_t block) {
  std::optional<int64_t> lo = getConstantIntValue(lower), hi = getConstantIntValue(upper);
  if (lo && hi)
    return builder.getIndexAttr(*lo + std::max<int64_t>(0, *hi - *lo) / block * block);
  Value first = indexValue(builder, loc, lower), last = indexValue(builder, loc, upper);
  Value size = arith::SubIOp::create(builder, loc, last, first);
  Value rest = arith::RemUIOp::create(builder, loc, size, constantIndex(builder, loc, block));
  return arith::SubIOp::create(builder, loc, last, rest).getResult();
}

namespace {

/// Emits the parts of one vector loop.
struct VectorLoopEmitter {
  Location loc;
  const VectorLoop &loop;
  StepBuilder step;

  /// One step at `count` neighbouring vectors from `position` on.
  SmallVector<Value> steps(OpBuilder &builder, Value position, int64_t count, ValueRange carried) {
    VectorStep current;
    for (int64_t u = 0; u < count; ++u) {
      Value at = position;
      if (u != 0)
        at = arith::AddIOp::create(builder, loc, position,
                                   constantIndex(builder, loc, u * loop.lanes),
                                   arith::IntegerOverflowFlags::nsw);
      current.positions.push_back(at);
    }
    llvm::append_range(current.accumulators, carried);
    return step(builder, current);
  }

  SmallVector<Value> unrolledPart(OpBuilder &builder, OpFoldResult upper) {
    unsigned groupSize = loop.inits.size();
    SmallVector<Value> carried(loop.inits);
    for (int64_t u = 1; u < loop.unroll; ++u)
      llvm::append_range(carried, loop.identities);
    carried = emitFor(builder, loc, loop.lower, upper, loop.unroll * loop.lanes, carried,
                      [&](OpBuilder &nested, Value position, ValueRange values) {
                        return steps(nested, position, loop.unroll, values);
                      });
    // A tree of combinations: the latency of a chain shows on short rows.
    for (int64_t width = loop.unroll; width > 1; width = (width + 1) / 2)
      for (int64_t u = 0; u < width / 2; ++u)
        for (unsigned k = 0; k < groupSize; ++k)
          carried[u * groupSize + k] = loop.combine(builder, k, carried[u * groupSize + k],
                                                    carried[((width + 1) / 2 + u) * groupSize + k]);
    carried.resize(groupSize);
    return carried;
  }

  SmallVector<Value> tail(OpBuilder &builder, OpFoldResult lower, ValueRange carried) {
    std::optional<int64_t> lo = getConstantIntValue(lower), hi = getConstantIntValue(loop.upper);
    if (loop.lanes == 1 || (lo && hi && *hi <= *lo))
      return carried;
    Value first = indexValue(builder, loc, lower), last = indexValue(builder, loc, loop.upper);
    auto masked = [&](OpBuilder &nested) {
      Value rest = arith::SubIOp::create(nested, loc, last, first);
      auto type = VectorType::get({loop.lanes}, nested.getI1Type());
      VectorStep current;
      current.positions.push_back(first);
      current.mask = vector::CreateMaskOp::create(nested, loc, type, rest);
      llvm::append_range(current.accumulators, carried);
      return step(nested, current);
    };
    if (lo && hi)
      return masked(builder);
    Value any = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, first, last);
    auto branch = scf::IfOp::create(builder, loc, TypeRange(carried), any,
                                    /*addThenBlock=*/true, /*addElseBlock=*/!carried.empty());
    OpBuilder nested = branch.getThenBodyBuilder();
    SmallVector<Value> results = masked(nested);
    scf::YieldOp::create(nested, loc, results);
    if (carried.empty())
      return {};
    nested = branch.getElseBodyBuilder();
    scf::YieldOp::create(nested, loc, carried);
    return branch.getResults();
  }
};

} // namespace

SmallVector<Value> cpu::emitVectorLoop(OpBuilder &builder, Location loc, const VectorLoop &loop,
                                       StepBuilder step) {
  VectorLoopEmitter emitter{loc, loop, step};
  OpFoldResult position = loop.lower;
  SmallVector<Value> carried(loop.inits);
  if (loop.unroll > 1) {
    position = lastMultiple(builder, loc, loop.lower, loop.upper, loop.unroll * loop.lanes);
    carried = emitter.unrolledPart(builder, position);
  }
  OpFoldResult last = loop.upper;
  if (loop.lanes > 1)
    last = lastMultiple(builder, loc, position, loop.upper, loop.lanes);
  carried = emitFor(builder, loc, position, last, loop.lanes, carried,
                    [&](OpBuilder &nested, Value at, ValueRange values) {
                      return emitter.steps(nested, at, 1, values);
                    });
  return emitter.tail(builder, last, carried);
}

/// The loops of dims [positions.size(), sizes.size()).
static SmallVector<Value> emitInnerLoops(OpBuilder &builder, Location loc,
                                         ArrayRef<OpFoldResult> sizes, ValueRange inits,
                                         SmallVectorImpl<Value> &positions, NestBuilder body) {
  if (positions.size() == sizes.size())
    return body(builder, positions, inits);
  return emitFor(builder, loc, builder.getIndexAttr(0), sizes[positions.size()], 1, inits,
                 [&](OpBuilder &nested, Value position, ValueRange carried) {
                   positions.push_back(position);
                   SmallVector<Value> results =
                       emitInnerLoops(nested, loc, sizes, carried, positions, body);
                   positions.pop_back();
                   return results;
                 });
}

SmallVector<Value> cpu::emitLoops(OpBuilder &builder, Location loc, ArrayRef<OpFoldResult> sizes,
                                  ValueRange inits, NestBuilder body) {
  SmallVector<Value> positions;
  return emitInnerLoops(builder, loc, sizes, inits, positions, body);
}

bool cpu::isInParallel(OpBuilder &builder) {
  Operation *parent = builder.getInsertionBlock()->getParentOp();
  return isa<run::ParallelOp>(parent) || parent->getParentOfType<run::ParallelOp>();
}

void cpu::emitRanges(OpBuilder &builder, Location loc, OpFoldResult trip, OpFoldResult cost,
                     function_ref<void(OpBuilder &, OpFoldResult, OpFoldResult)> body) {
  std::optional<int64_t> items = getConstantIntValue(trip), each = getConstantIntValue(cost);
  if (isInParallel(builder) || (items && *items <= 1) ||
      (items && each && *items * *each < minParallelCost))
    return body(builder, builder.getIndexAttr(0), trip);
  run::ParallelOp::create(
      builder, loc, indexValue(builder, loc, trip), indexValue(builder, loc, cost),
      [&](OpBuilder &inner, Location, Value lower, Value upper) { body(inner, lower, upper); });
}

void cpu::emitItems(OpBuilder &builder, Location loc, ArrayRef<OpFoldResult> sizes,
                    OpFoldResult cost, function_ref<void(OpBuilder &, ValueRange)> body) {
  // Enough leading dims become items; the others stay loops, which needs no division.
  constexpr int64_t enoughItems = 64;
  OpFoldResult trip = builder.getIndexAttr(1);
  unsigned count = 0;
  while (count < sizes.size() && getConstantIntValue(trip).value_or(0) < enoughItems)
    trip = mulIndex(builder, loc, trip, sizes[count++]);
  for (OpFoldResult size : sizes.drop_front(count))
    cost = mulIndex(builder, loc, cost, size);
  SmallVector<unsigned> varying;
  for (unsigned d = 0; d < count; ++d)
    if (getConstantIntValue(sizes[d]) != 1)
      varying.push_back(d);
  emitRanges(builder, loc, trip, cost, [&](OpBuilder &b, OpFoldResult lower, OpFoldResult upper) {
    emitFor(b, loc, lower, upper, 1, {}, [&](OpBuilder &item, Value index, ValueRange) {
      SmallVector<Value> positions(count, constantIndex(item, loc, 0));
      for (unsigned k = varying.size(); k-- > 0;) {
        positions[varying[k]] = index;
        if (k == 0)
          break;
        Value size = indexValue(item, loc, sizes[varying[k]]);
        positions[varying[k]] = arith::RemUIOp::create(item, loc, index, size);
        index = arith::DivUIOp::create(item, loc, index, size);
      }
      emitLoops(item, loc, sizes.drop_front(count), {},
                [&](OpBuilder &inner, ValueRange rest, ValueRange) -> SmallVector<Value> {
                  SmallVector<Value> all(positions);
                  llvm::append_range(all, rest);
                  body(inner, all);
                  return {};
                });
      return SmallVector<Value>();
    });
  });
}

/// [0, stride, 2 * stride, ...] as a vector of indices.
static Value laneOffsets(OpBuilder &builder, Location loc, const LaneAccess &access) {
  auto type = VectorType::get({access.lanes}, builder.getIndexType());
  Value steps = vector::StepOp::create(builder, loc, type);
  Value stride =
      vector::BroadcastOp::create(builder, loc, type, indexValue(builder, loc, access.stride));
  return arith::MulIOp::create(builder, loc, steps, stride);
}

static Value allLanes(OpBuilder &builder, Location loc, int64_t lanes) {
  auto type = VectorType::get({lanes}, builder.getI1Type());
  return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, true));
}

LaneAccess cpu::accessLanes(OpBuilder &builder, Location loc, const NestOperand &operand,
                            Value offset, unsigned dim, Value position, int64_t lanes, Value mask) {
  OpFoldResult stride = operand.strides[dim];
  OpFoldResult at = addIndex(builder, loc, offset, mulIndex(builder, loc, position, stride));
  return {operand.flat, indexValue(builder, loc, at), stride, lanes, mask};
}

LaneValue cpu::emitLoad(OpBuilder &builder, Location loc, const LaneAccess &access) {
  std::optional<int64_t> stride = getConstantIntValue(access.stride);
  if (access.lanes == 1 || stride == 0)
    return LaneValue::uniform(memref::LoadOp::create(builder, loc, access.flat, access.offset));
  Type element = cast<MemRefType>(access.flat.getType()).getElementType();
  auto type = VectorType::get({access.lanes}, element);
  if (stride == 1 && !access.mask)
    return LaneValue::vector(
        vector::LoadOp::create(builder, loc, type, access.flat, access.offset));
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  if (stride == 1)
    return LaneValue::vector(vector::MaskedLoadOp::create(builder, loc, type, access.flat,
                                                          access.offset, access.mask, zero));
  Value mask = access.mask ? access.mask : allLanes(builder, loc, access.lanes);
  return LaneValue::vector(vector::GatherOp::create(builder, loc, type, access.flat, access.offset,
                                                    laneOffsets(builder, loc, access), mask, zero));
}

void cpu::emitStore(OpBuilder &builder, Location loc, const LaneAccess &access, Value value) {
  if (access.lanes == 1) {
    memref::StoreOp::create(builder, loc, value, access.flat, access.offset);
    return;
  }
  if (getConstantIntValue(access.stride) != 1) {
    Value mask = access.mask ? access.mask : allLanes(builder, loc, access.lanes);
    vector::ScatterOp::create(builder, loc, Type(), access.flat, access.offset,
                              laneOffsets(builder, loc, access), mask, value);
    return;
  }
  if (access.mask)
    vector::MaskedStoreOp::create(builder, loc, access.flat, access.offset, access.mask, value);
  else
    vector::StoreOp::create(builder, loc, value, access.flat, access.offset);
}
