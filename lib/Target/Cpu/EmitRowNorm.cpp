//===- EmitRowNorm.cpp - kernel.row_norm as vector loops --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each row is walked two or three times while it is in the cache: statistics first, then the
// results. Lanes are neighbours in the row when the last axis is normalized, else neighbouring
// rows ("columns"), whose statistics are then vectors; `Statistic` hides the difference.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/EmitRowNorm.h"
#include "lib/Target/Cpu/VectorLoop.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;
using kernel::RowNormKind;

namespace {

/// A sum or a maximum over a row.
enum class Statistic { Sum, Maximum };

class RowNormEmitter {
public:
  RowNormEmitter(kernel::RowNormOp op, LoopNest nest, const CpuLevel &level)
      : loc(op.getLoc()), op(op), nest(std::move(nest)), compute(op.getComputeType()) {
    plan(level);
  }

  void emit(OpBuilder &builder);

private:
  using Offsets = SmallVector<Value>;
  /// What is done at one position: a value to add to the statistic, or nothing.
  using ElementBuilder =
      function_ref<Value(OpBuilder &, const Offsets &, Value position, Value mask)>;

  void plan(const CpuLevel &level);
  bool canVectorize(unsigned dim);

  Offsets advance(OpBuilder &builder, const Offsets &offsets, ArrayRef<unsigned> dims,
                  ValueRange at);
  SmallVector<OpFoldResult> sizesOf(ArrayRef<unsigned> dims) {
    return llvm::map_to_vector(dims, [&](unsigned dim) { return nest.dims[dim].size; });
  }
  LaneAccess access(OpBuilder &builder, unsigned operand, const Offsets &offsets, Value position,
                    Value mask);
  SmallVector<LaneValue> loadInputs(OpBuilder &builder, Block &block, unsigned skip,
                                    const Offsets &offsets, Value position, Value mask);
  Value prologue(OpBuilder &builder, const Offsets &offsets, Value position, Value mask);
  void finish(OpBuilder &builder, Value normalized, const Offsets &offsets, Value position,
              Value mask);

  void emitRow(OpBuilder &builder, const Offsets &offsets);
  void emitSoftmax(OpBuilder &builder, const Offsets &offsets);
  void emitLogSoftmax(OpBuilder &builder, const Offsets &offsets);
  void emitMeanVariance(OpBuilder &builder, const Offsets &offsets);
  void emitRootMeanSquare(OpBuilder &builder, const Offsets &offsets);
  LaneValue maximum(OpBuilder &builder, const Offsets &offsets);

  LaneValue reduce(OpBuilder &builder, Statistic kind, const Offsets &offsets, int64_t unroll,
                   ElementBuilder element);
  void forEach(OpBuilder &builder, const Offsets &offsets, int64_t unroll,
               function_ref<void(OpBuilder &, const Offsets &, Value, Value)> element);
  Value combine(OpBuilder &builder, Statistic kind, Value lhs, Value rhs);
  LaneValue reduceAlong(OpBuilder &builder, Statistic kind, const Offsets &offsets, int64_t unroll,
                        ElementBuilder element);

  Value constant(OpBuilder &builder, double value, Type type) {
    TypedAttr scalar = builder.getFloatAttr(compute, value);
    if (auto vector = dyn_cast<VectorType>(type))
      return arith::ConstantOp::create(builder, loc,
                                       DenseElementsAttr::get(vector, Attribute(scalar)));
    return arith::ConstantOp::create(builder, loc, scalar);
  }
  Type laneType() { return lanes == 1 ? Type(compute) : VectorType::get({lanes}, compute); }
  Value vector(OpBuilder &builder, LaneValue value) { return toVector(builder, loc, value, lanes); }
  /// value / (number of elements of a row).
  Value mean(OpBuilder &builder, Value value);
  /// 1 / sqrt(value + epsilon).
  Value inverseRoot(OpBuilder &builder, Value value);

  Location loc;
  kernel::RowNormOp op;
  LoopNest nest;
  FloatType compute;
  /// Operand of the nest that is the init.
  unsigned init() { return nest.operands.size() - 1; }

  unsigned dim = 0;  ///< the vectorized dim
  bool along = true; ///< it is normalized
  int64_t lanes = 1;
  SmallVector<unsigned> outer, normalized; ///< dims without the vectorized one
  /// With columns: the position along `dim` of the current vector, and its mask.
  Value column, columnMask;
};

} // namespace

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

RowNormEmitter::Offsets RowNormEmitter::advance(OpBuilder &builder, const Offsets &offsets,
                                                ArrayRef<unsigned> dims, ValueRange at) {
  Offsets result;
  for (auto [operand, offset] : llvm::zip_equal(nest.operands, offsets)) {
    OpFoldResult sum = offset;
    for (auto [d, position] : llvm::zip_equal(dims, at))
      sum = addIndex(builder, loc, sum, mulIndex(builder, loc, position, operand.strides[d]));
    result.push_back(indexValue(builder, loc, sum));
  }
  return result;
}

LaneAccess RowNormEmitter::access(OpBuilder &builder, unsigned index, const Offsets &offsets,
                                  Value position, Value mask) {
  const NestOperand &operand = nest.operands[index];
  OpFoldResult offset = addIndex(builder, loc, offsets[index],
                                 mulIndex(builder, loc, position, operand.strides[dim]));
  return {operand.flat, indexValue(builder, loc, offset), operand.strides[dim], lanes, mask};
}

SmallVector<LaneValue> RowNormEmitter::loadInputs(OpBuilder &builder, Block &block, unsigned skip,
                                                  const Offsets &offsets, Value position,
                                                  Value mask) {
  SmallVector<LaneValue> values;
  for (unsigned i = 0; i < init(); ++i) {
    LaneValue value;
    if (!block.getArgument(i + skip).use_empty())
      value = emitLoad(builder, loc, access(builder, i, offsets, position, mask));
    values.push_back(value);
  }
  return values;
}

Value RowNormEmitter::prologue(OpBuilder &builder, const Offsets &offsets, Value position,
                               Value mask) {
  Block &block = op.getPrologue().front();
  LaneContext context{lanes, mask, nullptr};
  auto args = loadInputs(builder, block, 0, offsets, position, mask);
  return vector(builder, vectorizeBody(builder, block, args, context).front());
}

void RowNormEmitter::finish(OpBuilder &builder, Value value, const Offsets &offsets, Value position,
                            Value mask) {
  Block &block = op.getEpilogue().front();
  LaneContext context{lanes, mask, nullptr};
  SmallVector<LaneValue> args = {lanes == 1 ? LaneValue::uniform(value) : LaneValue::vector(value)};
  llvm::append_range(args, loadInputs(builder, block, 1, offsets, position, mask));
  LaneValue result = vectorizeBody(builder, block, args, context).front();
  emitStore(builder, loc, access(builder, init(), offsets, position, mask),
            vector(builder, result));
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
        Value value = element(inner, here, position, step.mask);
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
    return {combine(b, kind, carried.front(), element(b, here, column, columnMask))};
  };
  Value sum = emitLoops(builder, loc, sizesOf(normalized), neutral, rows).front();
  return lanes == 1 ? LaneValue::uniform(sum) : LaneValue::vector(sum);
}

void RowNormEmitter::forEach(
    OpBuilder &builder, const Offsets &offsets, int64_t unroll,
    function_ref<void(OpBuilder &, const Offsets &, Value, Value)> element) {
  emitLoops(builder, loc, sizesOf(normalized), {},
            [&](OpBuilder &b, ValueRange at, ValueRange) -> SmallVector<Value> {
              Offsets here = advance(b, offsets, normalized, at);
              if (!along) {
                element(b, here, column, columnMask);
                return {};
              }
              VectorLoop loop{b.getIndexAttr(0), nest.dims[dim].size, lanes, unroll, {}, {}, {}};
              return emitVectorLoop(b, loc, loop, [&](OpBuilder &inner, const VectorStep &step) {
                for (Value position : step.positions)
                  element(inner, here, position, step.mask);
                return SmallVector<Value>();
              });
            });
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

LaneValue RowNormEmitter::maximum(OpBuilder &builder, const Offsets &offsets) {
  return reduce(builder, Statistic::Maximum, offsets, 4,
                [&](OpBuilder &b, const Offsets &here, Value position, Value mask) {
                  return prologue(b, here, position, mask);
                });
}

void RowNormEmitter::emitSoftmax(OpBuilder &builder, const Offsets &offsets) {
  Value largest = vector(builder, maximum(builder, offsets));
  // The exponentials wait in the output where it can hold them.
  bool keep = nest.operands[init()].element == compute;
  auto exponential = [&](OpBuilder &b, const Offsets &here, Value position, Value mask) -> Value {
    Value shifted = arith::SubFOp::create(b, loc, prologue(b, here, position, mask), largest);
    return math::ExpOp::create(b, loc, shifted);
  };
  LaneValue sum = reduce(builder, Statistic::Sum, offsets, 2,
                         [&](OpBuilder &b, const Offsets &here, Value position, Value mask) {
                           Value e = exponential(b, here, position, mask);
                           if (keep)
                             emitStore(b, loc, access(b, init(), here, position, mask), e);
                           return e;
                         });
  Value one = constant(builder, 1.0, sum.value.getType());
  Value inverse = arith::DivFOp::create(builder, loc, one, sum.value);
  inverse = vector(builder, {sum.kind, inverse});
  forEach(builder, offsets, keep ? 4 : 2,
          [&](OpBuilder &b, const Offsets &here, Value position, Value mask) {
            Value e = keep ? emitLoad(b, loc, access(b, init(), here, position, mask)).value
                           : exponential(b, here, position, mask);
            finish(b, arith::MulFOp::create(b, loc, e, inverse), here, position, mask);
          });
}

void RowNormEmitter::emitLogSoftmax(OpBuilder &builder, const Offsets &offsets) {
  Value largest = vector(builder, maximum(builder, offsets));
  auto shifted = [&](OpBuilder &b, const Offsets &here, Value position, Value mask) -> Value {
    return arith::SubFOp::create(b, loc, prologue(b, here, position, mask), largest);
  };
  LaneValue sum =
      reduce(builder, Statistic::Sum, offsets, 2,
             [&](OpBuilder &b, const Offsets &here, Value position, Value mask) {
               return Value(math::ExpOp::create(b, loc, shifted(b, here, position, mask)));
             });
  Value logarithm = vector(builder, {sum.kind, math::LogOp::create(builder, loc, sum.value)});
  forEach(builder, offsets, 4, [&](OpBuilder &b, const Offsets &here, Value position, Value mask) {
    Value x = shifted(b, here, position, mask);
    finish(b, arith::SubFOp::create(b, loc, x, logarithm), here, position, mask);
  });
}

void RowNormEmitter::emitMeanVariance(OpBuilder &builder, const Offsets &offsets) {
  LaneValue sum = reduce(builder, Statistic::Sum, offsets, 4,
                         [&](OpBuilder &b, const Offsets &here, Value position, Value mask) {
                           return prologue(b, here, position, mask);
                         });
  Value center = vector(builder, {sum.kind, mean(builder, sum.value)});
  auto deviation = [&](OpBuilder &b, const Offsets &here, Value position, Value mask) -> Value {
    return arith::SubFOp::create(b, loc, prologue(b, here, position, mask), center);
  };
  LaneValue squares = reduce(builder, Statistic::Sum, offsets, 4,
                             [&](OpBuilder &b, const Offsets &here, Value position, Value mask) {
                               Value d = deviation(b, here, position, mask);
                               return Value(arith::MulFOp::create(b, loc, d, d));
                             });
  Value inverse = inverseRoot(builder, mean(builder, squares.value));
  inverse = vector(builder, {squares.kind, inverse});
  forEach(builder, offsets, 4, [&](OpBuilder &b, const Offsets &here, Value position, Value mask) {
    Value d = deviation(b, here, position, mask);
    finish(b, arith::MulFOp::create(b, loc, d, inverse), here, position, mask);
  });
}

void RowNormEmitter::emitRootMeanSquare(OpBuilder &builder, const Offsets &offsets) {
  LaneValue squares = reduce(builder, Statistic::Sum, offsets, 4,
                             [&](OpBuilder &b, const Offsets &here, Value position, Value mask) {
                               Value x = prologue(b, here, position, mask);
                               return Value(arith::MulFOp::create(b, loc, x, x));
                             });
  Value inverse = inverseRoot(builder, mean(builder, squares.value));
  inverse = vector(builder, {squares.kind, inverse});
  forEach(builder, offsets, 4, [&](OpBuilder &b, const Offsets &here, Value position, Value mask) {
    Value x = prologue(b, here, position, mask);
    finish(b, arith::MulFOp::create(b, loc, x, inverse), here, position, mask);
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
    return emitRootMeanSquare(builder, offsets);
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
