//===- EmitRowNorm.cpp - kernel.row_norm as vector loops --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each row is walked two or three times while it is in the cache: statistics first, then the
// results. The walks are in RowNormWalks.cpp.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Rows/EmitRowNorm.h"
#include "lib/Target/Cpu/Rows/RowNormEmitter.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;
using kernel::RowNormKind;

bool RowNormEmitter::canVectorize(unsigned candidate) {
  SmallVector<LaneValue::Kind> kinds;
  for (const NestOperand &operand : nest.operands) {
    bool uniform = nest.staticStride(operand, candidate) == 0;
    if (!uniform && operand.element.isInteger(1))
      return false;
    kinds.push_back(uniform ? LaneValue::Uniform : LaneValue::Vector);
  }
  if (kinds.pop_back_val() == LaneValue::Uniform)
    return false;
  if (!canVectorizeBody(op.getPrologue().front(), kinds, nullptr))
    return false;
  kinds.insert(kinds.begin(), LaneValue::Vector);
  return canVectorizeBody(op.getEpilogue().front(), kinds, nullptr);
}

void RowNormEmitter::plan(const CpuLevel &level) {
  // The init's contiguous dim; without one, any normalized dim, scalar.
  std::optional<unsigned> best;
  for (unsigned d = 0; d < nest.dims.size(); ++d)
    if (nest.staticStride(nest.operands[init()], d) == 1 && canVectorize(d))
      best = d;
  lanes = best ? level.vectorBytes() * 8 / compute.getWidth() : 1;
  if (best && nest.staticSize(*best))
    lanes =
        std::min<int64_t>(lanes, llvm::PowerOf2Ceil(std::max<int64_t>(*nest.staticSize(*best), 2)));
  if (!best)
    for (unsigned d = 0; d < nest.dims.size(); ++d)
      if (nest.dims[d].reduction)
        best = d;
  dim = *best;
  along = nest.dims[dim].reduction;
  for (unsigned d = 0; d < nest.dims.size(); ++d)
    if (d != dim)
      (nest.dims[d].reduction ? normalized : outer).push_back(d);
}

Value RowNormEmitter::constant(OpBuilder &builder, double value, Type type) {
  TypedAttr scalar = builder.getFloatAttr(compute, value);
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(builder, loc,
                                     DenseElementsAttr::get(vector, Attribute(scalar)));
  return arith::ConstantOp::create(builder, loc, scalar);
}

Value RowNormEmitter::mean(OpBuilder &builder, Value value) {
  OpFoldResult count = builder.getIndexAttr(1);
  for (const NestDim &nestDim : nest.dims)
    if (nestDim.reduction)
      count = mulIndex(builder, loc, count, nestDim.size);
  Value integer = arith::IndexCastOp::create(builder, loc, builder.getI64Type(),
                                             indexValue(builder, loc, count));
  Value number = arith::SIToFPOp::create(builder, loc, compute, integer);
  if (auto type = dyn_cast<VectorType>(value.getType()))
    number = vector::BroadcastOp::create(builder, loc, type, number);
  return arith::DivFOp::create(builder, loc, value, number);
}

Value RowNormEmitter::inverseRoot(OpBuilder &builder, Value value) {
  Value epsilon = constant(builder, op.getEpsilon().convertToDouble(), value.getType());
  Value sum = arith::AddFOp::create(builder, loc, value, epsilon);
  return arith::DivFOp::create(builder, loc, constant(builder, 1.0, value.getType()),
                               Value(math::SqrtOp::create(builder, loc, sum)));
}

//===----------------------------------------------------------------------===//
// Formulas
//===----------------------------------------------------------------------===//

Value RowNormEmitter::maximum(OpBuilder &builder, const Offsets &offsets) {
  return vector(builder, reduce(builder, Statistic::Maximum, offsets, 4,
                                [&](OpBuilder &b, const Place &at) { return prologue(b, at); }));
}

void RowNormEmitter::emitSoftmax(OpBuilder &builder, const Offsets &offsets) {
  Value largest = maximum(builder, offsets);
  // The exponentials wait in the output where it can hold them.
  bool keep = nest.operands[init()].element == compute;
  auto exponential = [&](OpBuilder &b, const Place &at) -> Value {
    Value shifted = arith::SubFOp::create(b, loc, prologue(b, at), largest);
    return math::ExpOp::create(b, loc, shifted);
  };
  LaneValue sum = reduce(builder, Statistic::Sum, offsets, 2, [&](OpBuilder &b, const Place &at) {
    Value e = exponential(b, at);
    if (keep)
      emitStore(b, loc, access(b, init(), at), e);
    return e;
  });
  Value one = constant(builder, 1.0, sum.value.getType());
  Value inverse = arith::DivFOp::create(builder, loc, one, sum.value);
  inverse = vector(builder, {sum.kind, inverse});
  forEach(builder, offsets, keep ? 4 : 2, [&](OpBuilder &b, const Place &at) {
    Value e = keep ? emitLoad(b, loc, access(b, init(), at)).value : exponential(b, at);
    finish(b, arith::MulFOp::create(b, loc, e, inverse), at);
  });
}

void RowNormEmitter::emitLogSoftmax(OpBuilder &builder, const Offsets &offsets) {
  Value largest = maximum(builder, offsets);
  auto shifted = [&](OpBuilder &b, const Place &at) -> Value {
    return arith::SubFOp::create(b, loc, prologue(b, at), largest);
  };
  LaneValue sum =
      reduce(builder, Statistic::Sum, offsets, 2, [&](OpBuilder &b, const Place &at) -> Value {
        return math::ExpOp::create(b, loc, shifted(b, at));
      });
  Value logarithm = vector(builder, {sum.kind, math::LogOp::create(builder, loc, sum.value)});
  forEach(builder, offsets, 4, [&](OpBuilder &b, const Place &at) {
    finish(b, arith::SubFOp::create(b, loc, shifted(b, at), logarithm), at);
  });
}

/// x / sqrt(mean(x * x) + epsilon), where `element` gives x.
void RowNormEmitter::emitOverRoot(OpBuilder &builder, const Offsets &offsets,
                                  ElementBuilder element) {
  LaneValue squares =
      reduce(builder, Statistic::Sum, offsets, 4, [&](OpBuilder &b, const Place &at) -> Value {
        Value x = element(b, at);
        return arith::MulFOp::create(b, loc, x, x);
      });
  Value inverse = inverseRoot(builder, mean(builder, squares.value));
  inverse = vector(builder, {squares.kind, inverse});
  forEach(builder, offsets, 4, [&](OpBuilder &b, const Place &at) {
    Value x = element(b, at);
    finish(b, arith::MulFOp::create(b, loc, x, inverse), at);
  });
}

void RowNormEmitter::emitMeanVariance(OpBuilder &builder, const Offsets &offsets) {
  LaneValue sum = reduce(builder, Statistic::Sum, offsets, 4,
                         [&](OpBuilder &b, const Place &at) { return prologue(b, at); });
  Value center = vector(builder, {sum.kind, mean(builder, sum.value)});
  emitOverRoot(builder, offsets, [&](OpBuilder &b, const Place &at) -> Value {
    return arith::SubFOp::create(b, loc, prologue(b, at), center);
  });
}

void RowNormEmitter::emitRow(OpBuilder &builder, const Offsets &offsets) {
  switch (op.getKind()) {
  case RowNormKind::Softmax:
    return emitSoftmax(builder, offsets);
  case RowNormKind::LogSoftmax:
    return emitLogSoftmax(builder, offsets);
  case RowNormKind::MeanVariance:
    return emitMeanVariance(builder, offsets);
  case RowNormKind::RootMeanSquare:
    return emitOverRoot(builder, offsets,
                        [&](OpBuilder &b, const Place &at) { return prologue(b, at); });
  }
}

void RowNormEmitter::emit(OpBuilder &builder) {
  bool exponential =
      op.getKind() == RowNormKind::Softmax || op.getKind() == RowNormKind::LogSoftmax;
  int64_t picoseconds = (exponential ? 6400 : 3200) / lanes;
  OpFoldResult cost = builder.getIndexAttr(picoseconds);
  for (unsigned d : normalized)
    cost = mulIndex(builder, loc, cost, nest.dims[d].size);
  OpFoldResult size = nest.dims[dim].size;
  cost = mulIndex(builder, loc, cost, along ? size : builder.getIndexAttr(lanes));
  cost = ceilDivIndex(builder, loc, cost, 1024);
  Offsets start(nest.operands.size(), arith::ConstantIndexOp::create(builder, loc, 0));
  SmallVector<OpFoldResult> sizes = sizesOf(outer);
  if (along) {
    emitItems(builder, loc, sizes, cost,
              [&](OpBuilder &b, ValueRange at) { emitRow(b, advance(b, start, outer, at)); });
    return;
  }
  sizes.push_back(ceilDivIndex(builder, loc, size, lanes));
  emitItems(builder, loc, sizes, cost, [&](OpBuilder &b, ValueRange at) {
    Offsets offsets = advance(b, start, outer, at.drop_back());
    Value first = indexValue(b, loc, mulIndex(b, loc, at.back(), b.getIndexAttr(lanes)));
    Value next = indexValue(b, loc, addIndex(b, loc, first, b.getIndexAttr(lanes)));
    Value last = arith::MinUIOp::create(b, loc, next, indexValue(b, loc, size));
    VectorLoop loop{first, last, lanes, 1, {}, {}, {}};
    emitVectorLoop(b, loc, loop, [&](OpBuilder &inner, const VectorStep &step) {
      column = step.positions.front();
      columnMask = step.mask;
      emitRow(inner, offsets);
      return SmallVector<Value>();
    });
  });
}

LogicalResult cpu::emitRowNorm(kernel::RowNormOp op, const CpuLevel &level) {
  OpBuilder builder(op);
  SmallVector<NestOperandSpec> specs;
  for (auto [i, input] : llvm::enumerate(op.getInputs()))
    specs.push_back({input, op.getMap(i), false});
  int64_t rank = cast<ShapedType>(op.getInit().getType()).getRank();
  specs.push_back({op.getInit(), builder.getMultiDimIdentityMap(rank), true});
  llvm::SmallBitVector reductions(rank), fixed(rank);
  for (int64_t d : op.getDims())
    reductions.set(d);
  FailureOr<LoopNest> nest = LoopNest::get(builder, op.getLoc(), specs, reductions);
  if (failed(nest))
    return op.emitError("[row_norm] operands must have strided layouts");
  nest->simplify(builder, op.getLoc(), fixed);
  if (llvm::none_of(nest->dims, [](const NestDim &dim) { return dim.reduction; })) {
    nest->dims.push_back({builder.getIndexAttr(1), true, -1}); // rows of one element
    for (NestOperand &operand : nest->operands)
      operand.strides.push_back(builder.getIndexAttr(0));
  }
  RowNormEmitter(op, std::move(*nest), level).emit(builder);
  op.erase();
  return success();
}
