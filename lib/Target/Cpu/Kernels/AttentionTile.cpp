//===- AttentionTile.cpp - some queries against all keys --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Softmax and the sum of values; the scores are in AttentionScores.cpp.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/AttentionTile.h"
#include "lib/Target/Cpu/Kernels/RowTiles.h"
#include "lib/Target/Cpu/Kernels/Tile.h"
#include "lib/Target/Cpu/Kernels/TransposedPanel.h"
#include "lib/Target/Cpu/Vector/VectorLoop.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;
using kernel::AttentionOp;

/// Larger blocks need fewer corrections of the sums, but the scores of all rows have to stay in the
/// second-level cache.
int64_t AttentionTile::blockKeys(const CpuLevel &level) { return 4 * panelKeys(level); }

AttentionTile::AttentionTile(AttentionOp op, const CpuLevel &level, const LoopNest &nest,
                             ArrayRef<OpFoldResult> bases, const QueryRows &rows)
    : op(op), level(level), nest(nest), loc(op.getLoc()), bases(bases), rows(rows),
      lanes(level.f32Lanes()), headSize(*nest.staticSize(AttentionOp::Inner)),
      valueSize(*nest.staticSize(AttentionOp::Outer)), valueWidth(llvm::alignTo(valueSize, 8)),
      init(nest.operands.size() - 1),
      isPaired(op.getNarrow() && op.getNarrow()->isBF16() && level.can(MultipliesBf16Pairs) &&
               headSize % 2 == 0 && rows.dim == AttentionOp::Query) {}

//===----------------------------------------------------------------------===//
// Scratch memory
//===----------------------------------------------------------------------===//

Value AttentionTile::allocate(OpBuilder &b, int64_t elements, Type element) {
  auto type = MemRefType::get({elements}, element);
  return memref::AllocaOp::create(b, loc, type, b.getI64IntegerAttr(64));
}

Value AttentionTile::constant(OpBuilder &b, double value, int64_t count) {
  auto scalar = b.getF32FloatAttr(value);
  if (count == 1)
    return arith::ConstantOp::create(b, loc, scalar);
  auto type = VectorType::get({count}, b.getF32Type());
  return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, Attribute(scalar)));
}

Value AttentionTile::load(OpBuilder &b, Value memory, OpFoldResult at, int64_t count) {
  LaneAccess access{memory, indexValue(b, loc, at), attr(b, 1), count, Value()};
  return emitLoad(b, loc, access).value;
}

void AttentionTile::store(OpBuilder &b, Value value, Value memory, OpFoldResult at) {
  auto type = dyn_cast<VectorType>(value.getType());
  LaneAccess access{memory, indexValue(b, loc, at), attr(b, 1), type ? type.getDimSize(0) : 1,
                    Value()};
  emitStore(b, loc, access, value);
}

void AttentionTile::fill(OpBuilder &b, Value memory, OpFoldResult from, OpFoldResult to,
                         double value) {
  VectorLoop loop{from, to, lanes, 1, {}, {}, nullptr};
  Value constants = constant(b, value, lanes);
  if (cast<MemRefType>(memory.getType()).getElementType().isBF16())
    constants = rounded(b, constants);
  emitVectorLoop(b, loc, loop, [&](OpBuilder &inner, const VectorStep &step) {
    LaneAccess access{memory, step.positions.front(), attr(inner, 1), lanes, step.mask};
    emitStore(inner, loc, access, constants);
    return SmallVector<Value>();
  });
}

void AttentionTile::begin(OpBuilder &b) {
  int64_t wholeRows = llvm::alignTo(rows.most, lanes), block = blockKeys(level);
  Type f32 = b.getF32Type();
  scores = weights = allocate(b, rows.most * block, f32);
  sums = allocate(b, rows.most * valueWidth, f32);
  for (Value *each : {&maxima, &totals, &shifts, &factors})
    *each = allocate(b, wholeRows, f32);
  partials = allocate(b, wholeRows * lanes, f32);
  if (isPaired) {
    weights = allocate(b, rows.most * block, b.getBF16Type());
    pairedValues = allocate(b, block * pairedWidth(), b.getBF16Type());
    emitQueries(b);
  }
  fill(b, maxima, attr(b, 0), attr(b, wholeRows), -INFINITY);
  fill(b, totals, attr(b, 0), attr(b, wholeRows), 0);
  fill(b, sums, attr(b, 0), mul(b, rows.count, attr(b, valueWidth)), 0);
}

OpFoldResult AttentionTile::rowBase(OpBuilder &b, unsigned operand, OpFoldResult row) {
  OpFoldResult at = add(b, rows.first, row);
  return add(b, bases[operand], mul(b, at, stride(operand, rows.dim)));
}

void AttentionTile::addKeys(OpBuilder &b, const KeyBlock &keys) {
  if (rows.dim == AttentionOp::Query)
    emitPanels(b, keys);
  else
    emitDots(b, keys);
  emitMaxima(b, keys);
  emitFactors(b);
  emitExponentials(b, keys);
  emitValues(b, keys);
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

/// exp(x) of x <= 0.
Value AttentionTile::exponential(OpBuilder &b, Value x, bool isCoarse) {
  constexpr double log2e = 1.44269504088896341;
  Value scaled = arith::MulFOp::create(b, loc, x, constant(b, log2e, lanes));
  return math::Exp2Op::create(b, loc, scaled,
                              isCoarse ? arith::FastMathFlags::afn : arith::FastMathFlags::none);
}

OpFoldResult AttentionTile::placeInBlock(OpBuilder &b, const KeyBlock &keys, OpFoldResult row,
                                         int64_t distance) {
  OpFoldResult place = add(b, rows.place, mul(b, keys.first, attr(b, -1)));
  if (rows.dim == AttentionOp::Query)
    place = add(b, place, row);
  place = add(b, place, attr(b, distance));
  Value lower =
      arith::MaxSIOp::create(b, loc, indexValue(b, loc, place), indexValue(b, loc, attr(b, 0)));
  return arith::MinSIOp::create(b, loc, lower, indexValue(b, loc, keys.count)).getResult();
}

/// The positions in the block that a row may see.
std::pair<OpFoldResult, OpFoldResult> AttentionTile::rowRange(OpBuilder &b, const KeyBlock &keys,
                                                              Value row) {
  OpFoldResult from = attr(b, 0), to = keys.count;
  if (op.getAfter())
    to = placeInBlock(b, keys, row, *op.getAfter() + 1);
  if (op.getBefore()) {
    from = placeInBlock(b, keys, row, -int64_t(*op.getBefore()));
    from = arith::MinSIOp::create(b, loc, indexValue(b, loc, from), indexValue(b, loc, to))
               .getResult();
  }
  return {from, to};
}

OpFoldResult AttentionTile::seenKeys(OpBuilder &b, const KeyBlock &keys, OpFoldResult row) {
  if (!op.getAfter() || rows.dim != AttentionOp::Query)
    return keys.count;
  return placeInBlock(b, keys, row, *op.getAfter() + 1);
}

/// y if it is larger than x. One instruction; a NaN in y is passed over, and shows in the sum.
Value AttentionTile::larger(OpBuilder &b, Value x, Value y) {
  Value isLarger = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, y, x);
  return arith::SelectOp::create(b, loc, isLarger, y, x);
}

/// Of each row, as many of its largest scores as there are lanes go to `partials`, which
/// emitFactors takes together: rows side by side cost less than the lanes of one row.
void AttentionTile::emitMaxima(OpBuilder &b, const KeyBlock &keys) {
  auto combine = [&](OpBuilder &in, unsigned, Value x, Value y) { return larger(in, x, y); };
  Value lowest = constant(b, -INFINITY, lanes);
  emitLoops(b, loc, {rows.count}, {}, [&](OpBuilder &in, ValueRange row, ValueRange) {
    auto [from, to] = rowRange(in, keys, row[0]);
    OpFoldResult base = mul(in, row[0], attr(in, blockKeys(level)));
    VectorLoop loop{from, to, lanes, 4, {lowest}, {lowest}, combine};
    Value partial =
        emitVectorLoop(in, loc, loop, [&](OpBuilder &at, const VectorStep &step) {
          SmallVector<Value> next;
          for (auto [position, old] : llvm::zip_equal(step.positions, step.accumulators)) {
            OpFoldResult offset = add(at, base, position);
            LaneAccess access{scores, indexValue(at, loc, offset), attr(at, 1), lanes, step.mask};
            Value score = emitLoad(at, loc, access).value;
            if (step.mask)
              score = arith::SelectOp::create(at, loc, step.mask, score, lowest);
            next.push_back(larger(at, old, score));
          }
          return next;
        }).front();
    store(in, partial, partials, mul(in, row[0], attr(in, lanes)));
    return SmallVector<Value>();
  });
}

/// For `lanes` rows from `first` on, what is in their partials combined. Rows that are not there
/// have memory.
Value AttentionTile::joinPartials(OpBuilder &b, OpFoldResult first,
                                  llvm::function_ref<Value(Value, Value)> combine) {
  SmallVector<Value> vectors;
  for (int64_t i = 0; i < lanes; ++i)
    vectors.push_back(load(b, partials, mul(b, add(b, first, attr(b, i)), attr(b, lanes)), lanes));
  return combineLanes(b, loc, vectors, combine);
}

/// The new maxima; shifts are what scores are to be reduced by, factors what the sums so far are
/// to be multiplied by.
void AttentionTile::emitFactors(OpBuilder &b) {
  OpFoldResult vectors = ceilDivIndex(b, loc, rows.count, lanes);
  emitLoops(b, loc, {vectors}, {}, [&](OpBuilder &in, ValueRange position, ValueRange) {
    OpFoldResult at = mul(in, position[0], attr(in, lanes));
    Value block = joinPartials(in, at, [&](Value x, Value y) { return larger(in, x, y); });
    Value before = load(in, maxima, at, lanes), largest = larger(in, before, block);
    // Without any score above -inf, any finite number does: exp(-inf - 0) = 0.
    Value isNone = arith::CmpFOp::create(in, loc, arith::CmpFPredicate::OEQ, largest,
                                         constant(in, -INFINITY, lanes));
    Value shift = arith::SelectOp::create(in, loc, isNone, constant(in, 0, lanes), largest);
    Value factor = exponential(in, arith::SubFOp::create(in, loc, before, shift));
    store(in, largest, maxima, at);
    store(in, shift, shifts, at);
    store(in, factor, factors, at);
    return SmallVector<Value>();
  });
}

/// weights = exp(scores - shift), 0 where a row must not look; totals = totals * factors + their
/// sums.
void AttentionTile::emitExponentials(OpBuilder &b, const KeyBlock &keys) {
  auto plus = [&](OpBuilder &in, unsigned, Value x, Value y) -> Value {
    return arith::AddFOp::create(in, loc, x, y);
  };
  // -0 + x is x for all x, so that these sums cost nothing.
  Value zero = constant(b, 0, lanes), none = constant(b, -0.0, lanes);
  auto type = cast<VectorType>(zero.getType());
  emitLoops(b, loc, {rows.count}, {}, [&](OpBuilder &in, ValueRange row, ValueRange) {
    auto [from, to] = rowRange(in, keys, row[0]);
    OpFoldResult base = mul(in, row[0], attr(in, blockKeys(level)));
    Value shift = vector::BroadcastOp::create(in, loc, type, load(in, shifts, row[0], 1));
    VectorLoop loop{from, to, lanes, 4, {none}, {none}, plus};
    Value partial =
        emitVectorLoop(in, loc, loop, [&](OpBuilder &at, const VectorStep &step) {
          SmallVector<Value> next;
          for (auto [position, old] : llvm::zip_equal(step.positions, step.accumulators)) {
            OpFoldResult offset = add(at, base, position);
            LaneAccess access{scores, indexValue(at, loc, offset), attr(at, 1), lanes, step.mask};
            Value score = emitLoad(at, loc, access).value;
            Value weight = exponential(at, arith::SubFOp::create(at, loc, score, shift), isPaired);
            access.flat = weights;
            emitStore(at, loc, access, isPaired ? rounded(at, weight) : weight);
            if (step.mask)
              weight = arith::SelectOp::create(at, loc, step.mask, weight, zero);
            next.push_back(plus(at, 0, old, weight));
          }
          return next;
        }).front();
    store(in, partial, partials, mul(in, row[0], attr(in, lanes)));
    if (op.getBefore())
      fill(in, weights, base, add(in, base, from), 0);
    // Pairs are whole.
    bool mayBeOdd = isPaired && getConstantIntValue(keys.count).value_or(1) % 2;
    OpFoldResult end =
        mayBeOdd ? mul(in, ceilDivIndex(in, loc, keys.count, 2), attr(in, 2)) : keys.count;
    if (op.getAfter() || mayBeOdd)
      fill(in, weights, add(in, base, to), add(in, base, end), 0);
    return SmallVector<Value>();
  });
  OpFoldResult vectors = ceilDivIndex(b, loc, rows.count, lanes);
  emitLoops(b, loc, {vectors}, {}, [&](OpBuilder &in, ValueRange position, ValueRange) {
    OpFoldResult at = mul(in, position[0], attr(in, lanes));
    Value sum = joinPartials(in, at, [&](Value x, Value y) { return plus(in, 0, x, y); });
    Value before = load(in, totals, at, lanes), factor = load(in, factors, at, lanes);
    store(in, math::FmaOp::create(in, loc, before, factor, sum), totals, at);
    return SmallVector<Value>();
  });
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// sums = sums * factors + weights * values.
void AttentionTile::emitValues(OpBuilder &b, const KeyBlock &keys) {
  Block update;
  Type f32 = b.getF32Type();
  update.addArguments({f32, f32, f32}, {loc, loc, loc});
  OpBuilder body(b.getContext());
  body.setInsertionPointToStart(&update);
  Value sum = math::FmaOp::create(body, loc, update.getArgument(1), update.getArgument(2),
                                  update.getArgument(0));
  kernel::YieldOp::create(body, loc, sum);

  RegisterTile tile{};
  tile.epilogue = &update;
  OpFoldResult first, columnStride;
  if (isPaired) {
    emitPairedValues(b, keys);
    first = attr(b, 0), columnStride = attr(b, 2);
    tile.reductions = {
        {ceilDivIndex(b, loc, keys.count, 2), columnStride, attr(b, 2 * pairedWidth())}};
    tile.rhs.flat = pairedValues;
  } else {
    first = add(b, bases[2], mul(b, keys.first, stride(2, AttentionOp::Key)));
    columnStride = stride(2, AttentionOp::Outer);
    tile.maskRhs = true;
    tile.reductions = {{keys.count, attr(b, 1), stride(2, AttentionOp::Key)}};
    tile.rhs.flat = nest.operands[2].flat;
  }
  for (const ColumnGroup &group : coverColumns(valueWidth, level)) {
    emitLoops(b, loc, {attr(b, group.count)}, {}, [&](OpBuilder &in, ValueRange at, ValueRange) {
      OpFoldResult column =
          add(in, mul(in, at[0], attr(in, group.width())), attr(in, group.offset));
      RegisterTile one = tile;
      one.vectors = group.vectors;
      one.lanes = group.lanes;
      if (isPaired)
        one.product = std::make_shared<PairProduct>(loc, level, group.lanes);
      else if (group.end() > valueSize)
        one.validColumns = add(in, mul(in, column, attr(in, -1)), attr(in, valueSize));
      one.rhs.base = indexValue(in, loc, add(in, first, mul(in, column, columnStride)));
      one.rhs.columnStride = columnStride;
      emitRowTiles(
          in, loc, attr(in, 0), rows.count, group.maxRows(level), rows.counts,
          [&](OpBuilder &inner, OpFoldResult row, int64_t count) {
            RegisterTile placed = one;
            placed.rows = count;
            // Weights behind what these rows see are zero.
            OpFoldResult seen = seenKeys(inner, keys, add(inner, row, attr(inner, count - 1)));
            placed.reductions.front().size = isPaired ? ceilDivIndex(inner, loc, seen, 2) : seen;
            Value lhs = indexValue(inner, loc, mul(inner, row, attr(inner, blockKeys(level))));
            placed.lhs = {weights, lhs, attr(inner, blockKeys(level)), attr(inner, 0)};
            Value at = indexValue(inner, loc,
                                  add(inner, mul(inner, row, attr(inner, valueWidth)), column));
            placed.result = {sums, at, attr(inner, valueWidth), attr(inner, 1)};
            placed.extras = {
                placed.result,
                {factors, indexValue(inner, loc, row), attr(inner, 1), attr(inner, 0)}};
            emitTile(inner, loc, placed);
          });
      return SmallVector<Value>();
    });
  }
}

/// The result: sums / totals.
void AttentionTile::finish(OpBuilder &b) {
  emitLoops(b, loc, {rows.count}, {}, [&](OpBuilder &in, ValueRange row, ValueRange) {
    Value total = load(in, totals, row[0], 1), zero = constant(in, 0, 1);
    Value inverse = arith::DivFOp::create(in, loc, constant(in, 1, 1), total);
    // Without keys there is nothing to sum; with keys that all count nothing, 0 / 0 is NaN.
    Value isZero = arith::CmpFOp::create(in, loc, arith::CmpFPredicate::OEQ, total, zero);
    if (!op.getGuarded()) {
      Value keys = indexValue(in, loc, nest.dims[AttentionOp::Key].size);
      Value none = arith::CmpIOp::create(in, loc, arith::CmpIPredicate::eq, keys,
                                         indexValue(in, loc, attr(in, 0)));
      isZero = arith::AndIOp::create(in, loc, isZero, none);
    }
    inverse = arith::SelectOp::create(in, loc, isZero, zero, inverse);
    OpFoldResult base = rowBase(in, init, row[0]), from = mul(in, row[0], attr(in, valueWidth));
    VectorLoop loop{attr(in, 0), attr(in, valueSize), lanes, 1, {}, {}, nullptr};
    emitVectorLoop(in, loc, loop, [&](OpBuilder &at, const VectorStep &step) {
      Value position = step.positions.front();
      OpFoldResult source = add(at, from, position);
      Value sum =
          emitLoad(at, loc, {sums, indexValue(at, loc, source), attr(at, 1), lanes, step.mask})
              .value;
      Value factor = vector::BroadcastOp::create(at, loc, sum.getType(), inverse);
      Value result = arith::MulFOp::create(at, loc, sum, factor);
      if (op.getInitType().getElementType().isBF16())
        result = rounded(at, result);
      OpFoldResult step1 = stride(init, AttentionOp::Outer);
      OpFoldResult target = add(at, base, mul(at, position, step1));
      emitStore(at, loc,
                {nest.operands[init].flat, indexValue(at, loc, target), step1, lanes, step.mask},
                result);
      return SmallVector<Value>();
    });
    return SmallVector<Value>();
  });
}
