//===- RowTiles.cpp - rows cut into tiles ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See RowTiles.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/RowTiles.h"
#include "lib/Target/Cpu/Vector/LoopNest.h"
#include "lib/Target/Cpu/Vector/VectorLoop.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

RowSplit RowSplit::get(int64_t count, int64_t maxRows) {
  int64_t tiles = std::max<int64_t>(1, llvm::divideCeil(count, maxRows));
  return {tiles, count / tiles, count % tiles};
}

RowPart RowPart::get(OpBuilder &builder, Location loc, OpFoldResult rows, int64_t size,
                     Value index) {
  OpFoldResult each = builder.getIndexAttr(size), first = mulIndex(builder, loc, index, each);
  std::optional<int64_t> known = getConstantIntValue(rows);
  if (known && *known % size == 0)
    return {first, each, {}};
  Value left = arith::SubIOp::create(builder, loc, indexValue(builder, loc, rows),
                                     indexValue(builder, loc, first));
  Value most = indexValue(builder, loc, each);
  RowPart part{first, arith::MinUIOp::create(builder, loc, left, most).getResult(), {}};
  if (known)
    part.possibleCounts = {size, *known % size};
  return part;
}

namespace {

class RowTileEmitter {
public:
  RowTileEmitter(Location loc, int64_t maxRows, TileBuilder tile)
      : loc(loc), maxRows(maxRows), tile(tile) {}

  void emitKnown(OpBuilder &builder, OpFoldResult first, int64_t count);
  void emitEven(OpBuilder &builder, Value first, Value count, ArrayRef<int64_t> counts);
  void emitAny(OpBuilder &builder, Value first, Value count);

private:
  Value constant(OpBuilder &b, int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value isLess(OpBuilder &b, Value x, Value y) {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, x, y);
  }
  /// The code of one of `heights`, as `rows` says.
  void emitSwitch(OpBuilder &builder, Value first, Value rows, ArrayRef<int64_t> heights);
  Value chooseHeight(OpBuilder &builder, Value left, ArrayRef<int64_t> heights);

  Location loc;
  int64_t maxRows;
  TileBuilder tile;
};

} // namespace

void RowTileEmitter::emitKnown(OpBuilder &builder, OpFoldResult first, int64_t count) {
  RowSplit split = RowSplit::get(count, maxRows);
  auto emitPart = [&](int64_t tiles, int64_t rows, int64_t start) {
    emitLoops(builder, loc, {builder.getIndexAttr(rows > 0 ? tiles : 0)}, {},
              [&](OpBuilder &b, ValueRange at, ValueRange) -> SmallVector<Value> {
                OpFoldResult row = mulIndex(b, loc, at[0], b.getIndexAttr(rows));
                row = addIndex(b, loc, row, b.getIndexAttr(start));
                tile(b, addIndex(b, loc, first, row), rows);
                return {};
              });
  };
  emitPart(split.longer, split.rows + 1, 0);
  emitPart(split.tiles - split.longer, split.rows, split.longer * (split.rows + 1));
}

void RowTileEmitter::emitSwitch(OpBuilder &builder, Value first, Value rows,
                                ArrayRef<int64_t> heights) {
  auto branch =
      scf::IndexSwitchOp::create(builder, loc, TypeRange(), rows, heights, heights.size());
  auto fill = [&](Region &region, int64_t height) {
    OpBuilder inner = OpBuilder::atBlockBegin(&region.emplaceBlock());
    if (height > 0)
      tile(inner, first, height);
    scf::YieldOp::create(inner, loc);
  };
  for (auto [region, height] : llvm::zip_equal(branch.getCaseRegions(), heights))
    fill(region, height);
  fill(branch.getDefaultRegion(), 0);
}

void RowTileEmitter::emitEven(OpBuilder &builder, Value first, Value count,
                              ArrayRef<int64_t> counts) {
  llvm::SmallSetVector<int64_t, 4> heights;
  for (int64_t one : counts) {
    RowSplit split = RowSplit::get(one, maxRows);
    if (split.rows > 0)
      heights.insert(split.rows);
    if (split.longer > 0)
      heights.insert(split.rows + 1);
  }
  bool isOneHeight = heights.size() == 1 && !llvm::is_contained(counts, 0);
  Value most = constant(builder, maxRows), one = constant(builder, 1);
  Value tiles = arith::CeilDivUIOp::create(builder, loc, count, most);
  tiles = arith::MaxUIOp::create(builder, loc, tiles, one);
  Value size = arith::DivUIOp::create(builder, loc, count, tiles);
  Value longer = arith::RemUIOp::create(builder, loc, count, tiles);
  // The row is carried from tile to tile: were it computed from the tile's number, LLVM
  // would repeat that in the hot loop.
  emitLoops(builder, loc, {OpFoldResult(tiles)}, first,
            [&](OpBuilder &b, ValueRange at, ValueRange row) -> SmallVector<Value> {
              Value isLonger = isLess(b, at[0], longer);
              Value more = arith::IndexCastUIOp::create(b, loc, b.getIndexType(), isLonger);
              Value rows = arith::AddIOp::create(b, loc, size, more);
              if (isOneHeight)
                tile(b, row.front(), heights.front());
              else
                emitSwitch(b, row.front(), rows, heights.getArrayRef());
              return {arith::AddIOp::create(b, loc, row.front(), rows)};
            });
}

/// The highest tile while two of them fit; then the lowest that covers half of the rest,
/// so that no tiny tile follows; for the last rows the highest that fits.
Value RowTileEmitter::chooseHeight(OpBuilder &builder, Value left, ArrayRef<int64_t> heights) {
  Value most = constant(builder, maxRows);
  Value one = constant(builder, 1);
  Value half =
      arith::ShRUIOp::create(builder, loc, arith::AddIOp::create(builder, loc, left, one), one);
  Value covering = most, fitting = one;
  for (int64_t height : heights.drop_front()) {
    Value rows = constant(builder, height);
    Value tooLow = isLess(builder, rows, half);
    covering = arith::SelectOp::create(builder, loc, tooLow, covering, rows);
  }
  for (int64_t height : llvm::reverse(heights)) {
    Value rows = constant(builder, height);
    Value tooHigh = isLess(builder, left, rows);
    fitting = arith::SelectOp::create(builder, loc, tooHigh, fitting, rows);
  }
  Value fewer = isLess(builder, left, constant(builder, 2 * maxRows));
  Value atMost = isLess(builder, left, constant(builder, maxRows + 1));
  Value last = arith::SelectOp::create(builder, loc, atMost, fitting, covering);
  return arith::SelectOp::create(builder, loc, fewer, last, most);
}

void RowTileEmitter::emitAny(OpBuilder &builder, Value first, Value count) {
  llvm::SmallSetVector<int64_t, 4> heights;
  for (int64_t height : {maxRows, 2 * maxRows / 3, maxRows / 3, int64_t(2), int64_t(1)})
    if (height > 0 && height <= maxRows)
      heights.insert(height);
  Type index = builder.getIndexType();
  scf::WhileOp::create(
      builder, loc, TypeRange{index, index}, ValueRange{first, count},
      [&](OpBuilder &b, Location, ValueRange state) {
        Value any = isLess(b, constant(b, 0), state[1]);
        scf::ConditionOp::create(b, loc, any, state);
      },
      [&](OpBuilder &b, Location, ValueRange state) {
        Value rows = chooseHeight(b, state[1], heights.getArrayRef());
        emitSwitch(b, state[0], rows, heights.getArrayRef());
        Value next = arith::AddIOp::create(b, loc, state[0], rows);
        Value left = arith::SubIOp::create(b, loc, state[1], rows);
        scf::YieldOp::create(b, loc, ValueRange{next, left});
      });
}

void cpu::emitRowTiles(OpBuilder &builder, Location loc, OpFoldResult first, OpFoldResult count,
                       int64_t maxRows, ArrayRef<int64_t> possibleCounts, TileBuilder tile) {
  RowTileEmitter emitter(loc, maxRows, tile);
  if (std::optional<int64_t> known = getConstantIntValue(count))
    return emitter.emitKnown(builder, first, *known);
  Value from = indexValue(builder, loc, first), rows = indexValue(builder, loc, count);
  if (possibleCounts.empty())
    return emitter.emitAny(builder, from, rows);
  emitter.emitEven(builder, from, rows, possibleCounts);
}
