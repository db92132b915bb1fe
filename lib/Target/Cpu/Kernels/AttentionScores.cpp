//===- AttentionScores.cpp - scores of a block of keys ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Many rows: keys are transposed into panels that all rows share, and register tiles do the
// rest. Rows of a single query: a panel would cost more than it serves, so that one vector
// per key holds partial sums of query * key, and the vectors of `lanes` keys are summed up
// together.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/AttentionTile.h"
#include "lib/Target/Cpu/Kernels/RowTiles.h"
#include "lib/Target/Cpu/Kernels/Tile.h"
#include "lib/Target/Cpu/Kernels/TransposedPanel.h"
#include "lib/Target/Cpu/Vector/VectorLoop.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;
using kernel::AttentionOp;

//===----------------------------------------------------------------------===//
// Panels
//===----------------------------------------------------------------------===//

void AttentionTile::emitPanels(OpBuilder &b, const KeyBlock &keys) {
  int64_t width = panelKeys(level);
  std::optional<int64_t> known = getConstantIntValue(keys.count);
  Value columns = indexValue(b, loc, keys.count), size = indexValue(b, loc, attr(b, width));
  OpFoldResult full =
      known ? attr(b, *known / width) : arith::DivUIOp::create(b, loc, columns, size).getResult();
  emitLoops(b, loc, {full}, {}, [&](OpBuilder &in, ValueRange at, ValueRange) {
    emitPanel(in, keys, mul(in, at[0], attr(in, width)), {});
    return SmallVector<Value>();
  });
  OpFoldResult done = mul(b, full, attr(b, width));
  if (known) {
    if (*known % width)
      emitPanel(b, keys, done, attr(b, *known % width));
    return;
  }
  Value rest = arith::SubIOp::create(b, loc, columns, indexValue(b, loc, done));
  Value any =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, rest, indexValue(b, loc, attr(b, 0)));
  auto branch = scf::IfOp::create(b, loc, any, /*withElseRegion=*/false);
  OpBuilder inner = branch.getThenBodyBuilder();
  emitPanel(inner, keys, done, OpFoldResult(rest));
}

/// Scores of the keys [column, column + valid) of the block; of a whole panel without `valid`.
void AttentionTile::emitPanel(OpBuilder &b, const KeyBlock &keys, OpFoldResult column,
                              OpFoldResult valid) {
  int64_t width = panelKeys(level);
  Value first = indexValue(b, loc, add(b, keys.first, column));
  TransposedPanel panel{nest.operands[1].flat,
                        bases[1],
                        stride(1, AttentionOp::Key),
                        stride(1, AttentionOp::Inner),
                        first,
                        keys.end,
                        width,
                        headSize,
                        lanes,
                        valid,
                        isPaired};
  RegisterTile tile{};
  tile.epilogue = &op.getScore().front();
  tile.rhs.columnStride = attr(b, isPaired ? 2 : 1);
  if (isPaired)
    tile.reductions = {{attr(b, headSize / 2), attr(b, 2), attr(b, 2 * width)}};
  else
    tile.reductions = {{attr(b, headSize), stride(0, AttentionOp::Inner), attr(b, width)}};
  Value packed = emitTransposedPanel(b, loc, panel);
  // Of the last panel only the vectors that have columns.
  SmallVector<ColumnGroup> groups = {{0, width / lanes, 1, lanes}};
  if (!valid)
    groups = coverColumns(width, level);
  for (const ColumnGroup &group : groups) {
    OpFoldResult count = attr(b, group.count);
    if (valid)
      count = ceilDivIndex(b, loc, valid, lanes);
    emitLoops(b, loc, {count}, {}, [&](OpBuilder &in, ValueRange at, ValueRange) {
      OpFoldResult offset =
          add(in, mul(in, at[0], attr(in, group.width())), attr(in, group.offset));
      RegisterTile one = tile;
      one.rhs.flat = packed;
      one.rhs.base = indexValue(in, loc, mul(in, offset, tile.rhs.columnStride));
      if (valid)
        one.validColumns = add(in, valid, mul(in, offset, attr(in, -1)));
      emitScoreRows(in, keys, group, add(in, column, offset), one);
      return SmallVector<Value>();
    });
  }
}

/// Where code belongs that is needed only if one of the rows up to `last` sees the column.
OpBuilder AttentionTile::ifSeen(OpBuilder &b, const KeyBlock &keys, OpFoldResult last,
                                OpFoldResult column) {
  OpFoldResult seen = seenKeys(b, keys, last);
  if (seen == keys.count)
    return b;
  Value isSeen = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, indexValue(b, loc, seen),
                                       indexValue(b, loc, column));
  return scf::IfOp::create(b, loc, isSeen, /*withElseRegion=*/false).getThenBodyBuilder();
}

void AttentionTile::emitScoreRows(OpBuilder &b, const KeyBlock &keys, const ColumnGroup &group,
                                  OpFoldResult column, RegisterTile tile) {
  tile.vectors = group.vectors;
  tile.lanes = group.lanes;
  if (isPaired)
    tile.product = std::make_shared<PairProduct>(loc, level, group.lanes);
  int64_t blockRow = blockKeys(level);
  OpFoldResult key = add(b, keys.first, column);
  emitRowTiles(b, loc, attr(b, 0), rows.count, group.maxRows(level), rows.counts,
               [&](OpBuilder &outer, OpFoldResult row, int64_t count) {
                 OpBuilder in =
                     ifSeen(outer, keys, add(outer, row, attr(outer, count - 1)), column);
                 RegisterTile placed = tile;
                 placed.rows = count;
                 if (isPaired)
                   placed.lhs = {queries, indexValue(in, loc, mul(in, row, attr(in, headSize))),
                                 attr(in, headSize), attr(in, 0)};
                 else
                   placed.lhs = {nest.operands[0].flat, indexValue(in, loc, rowBase(in, 0, row)),
                                 stride(0, rows.dim), attr(in, 0)};
                 OpFoldResult at = add(in, mul(in, row, attr(in, blockRow)), column);
                 placed.result = {scores, indexValue(in, loc, at), attr(in, blockRow), attr(in, 1)};
                 for (unsigned i = op.getFirstExtra(); i < init; ++i) {
                   OpFoldResult base =
                       add(in, rowBase(in, i, row), mul(in, key, stride(i, AttentionOp::Key)));
                   placed.extras.push_back({nest.operands[i].flat, indexValue(in, loc, base),
                                            stride(i, rows.dim), stride(i, AttentionOp::Key)});
                 }
                 emitTile(in, loc, placed);
               });
}

//===----------------------------------------------------------------------===//
// Dot products
//===----------------------------------------------------------------------===//

/// Elements [part * lanes, ..) of a head of query or key.
Value AttentionTile::loadHead(OpBuilder &b, unsigned operand, OpFoldResult base, int64_t part) {
  OpFoldResult step = stride(operand, AttentionOp::Inner), first = attr(b, part * lanes);
  Value mask;
  if ((part + 1) * lanes > headSize)
    mask = vector::ConstantMaskOp::create(b, loc, VectorType::get({lanes}, b.getI1Type()),
                                          ArrayRef<int64_t>(headSize - part * lanes));
  Value at = indexValue(b, loc, add(b, base, mul(b, first, step)));
  LaneValue loaded = emitLoad(b, loc, {nest.operands[operand].flat, at, step, lanes, mask});
  return toVector(b, loc, loaded, lanes);
}

/// Lane i: the product of the query and key `position` + i of the block.
Value AttentionTile::dotProducts(OpBuilder &b, const KeyBlock &keys, ArrayRef<Value> query,
                                 Value position, Value mask) {
  SmallVector<Value> products;
  for (int64_t i = 0; i < lanes; ++i) {
    OpFoldResult key = add(b, add(b, keys.first, position), attr(b, i));
    if (mask) { // keys that are not there: the last one again
      Value last = indexValue(b, loc, add(b, keys.end, attr(b, -1)));
      key = arith::MinSIOp::create(b, loc, indexValue(b, loc, key), last).getResult();
    }
    OpFoldResult base = add(b, bases[1], mul(b, key, stride(1, AttentionOp::Key)));
    Value sum = constant(b, 0, lanes);
    for (auto [part, element] : llvm::enumerate(query))
      sum = vector::FMAOp::create(b, loc, element, loadHead(b, 1, base, part), sum);
    products.push_back(sum);
  }
  return emitLaneSums(b, loc, products);
}

void AttentionTile::emitDots(OpBuilder &b, const KeyBlock &keys) {
  emitLoops(b, loc, {rows.count}, {}, [&](OpBuilder &in, ValueRange row, ValueRange) {
    SmallVector<Value> query;
    OpFoldResult base = rowBase(in, 0, row[0]);
    for (int64_t part = 0; part * lanes < headSize; ++part)
      query.push_back(loadHead(in, 0, base, part));
    VectorLoop loop{attr(in, 0), keys.count, lanes, 1, {}, {}, nullptr};
    emitVectorLoop(in, loc, loop, [&](OpBuilder &at, const VectorStep &step) {
      Value position = step.positions.front();
      Value product = dotProducts(at, keys, query, position, step.mask);
      SmallVector<LaneValue> args = {LaneValue::vector(product)};
      for (unsigned i = op.getFirstExtra(); i < init; ++i) {
        OpFoldResult key = add(at, keys.first, position), step1 = stride(i, AttentionOp::Key);
        Value offset = indexValue(at, loc, add(at, rowBase(at, i, row[0]), mul(at, key, step1)));
        args.push_back(emitLoad(at, loc, {nest.operands[i].flat, offset, step1, lanes, step.mask}));
      }
      LaneContext context{lanes, step.mask, nullptr};
      LaneValue score = vectorizeBody(at, op.getScore().front(), args, context).front();
      // The block's rows are whole vectors: no mask is needed here.
      store(at, toVector(at, loc, score, lanes), scores,
            add(at, mul(at, row[0], attr(at, blockKeys(level))), position));
      return SmallVector<Value>();
    });
    return SmallVector<Value>();
  });
}
