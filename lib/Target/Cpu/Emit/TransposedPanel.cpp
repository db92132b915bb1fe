//===- TransposedPanel.cpp - a panel copied from a transposed rhs ---------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See TransposedPanel.h. Squares of lanes x lanes elements are transposed in registers: at
// distance d = 1, 2, 4.. the off-diagonal d x d blocks of each pair of rows swap places.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Emit/TransposedPanel.h"
#include "lib/Target/Cpu/LoopNest.h"
#include "lib/Target/Cpu/VectorLoop.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

/// Stack memory; the pass moves it out of the loops, which do not exist yet.
static Value createScratch(OpBuilder &builder, Location loc, int64_t elements) {
  auto type = MemRefType::get({elements}, builder.getF32Type());
  return memref::AllocaOp::create(builder, loc, type, builder.getI64IntegerAttr(64));
}

/// Of vectors a and b, rows i and i + d of blocks of 2d rows: the two rows of these blocks'
/// transposes, for every pair of columns c and c + d.
static std::pair<Value, Value> exchange(OpBuilder &builder, Location loc, Value a, Value b,
                                        int64_t d) {
  int64_t lanes = cast<VectorType>(a.getType()).getDimSize(0);
  SmallVector<int64_t> low, high;
  for (int64_t l = 0; l < lanes; ++l) {
    low.push_back(l & d ? lanes + l - d : l);
    high.push_back(l & d ? lanes + l : l + d);
  }
  return {vector::ShuffleOp::create(builder, loc, a, b, low),
          vector::ShuffleOp::create(builder, loc, a, b, high)};
}

/// Transposes rows.size() vectors of as many lanes.
static void transposeSquare(OpBuilder &builder, Location loc, SmallVectorImpl<Value> &rows) {
  int64_t lanes = rows.size();
  for (int64_t d = 1; d < lanes; d *= 2)
    for (int64_t i = 0; i < lanes; ++i)
      if (!(i & d))
        std::tie(rows[i], rows[i + d]) = exchange(builder, loc, rows[i], rows[i + d], d);
}

Value cpu::emitLaneSums(OpBuilder &builder, Location loc, ArrayRef<Value> vectors) {
  // A transpose whose rows are added as soon as they are there.
  SmallVector<Value> rows(vectors);
  for (int64_t d = 1; rows.size() > 1; d *= 2) {
    SmallVector<Value> sums;
    for (size_t i = 0; i < rows.size(); i += 2) {
      auto [low, high] = exchange(builder, loc, rows[i], rows[i + 1], d);
      sums.push_back(arith::AddFOp::create(builder, loc, low, high));
    }
    rows = std::move(sums);
  }
  return rows.front();
}

Value cpu::emitTransposedPanel(OpBuilder &builder, Location loc, const TransposedPanel &panel) {
  Value scratch = createScratch(builder, loc, panel.depth * panel.width);
  // Widths are multiples of 8.
  int64_t lanes = panel.width % panel.lanes == 0 ? panel.lanes : 8;
  auto type = VectorType::get({lanes}, builder.getF32Type());
  Value last = indexValue(builder, loc,
                          addIndex(builder, loc, panel.columns, builder.getIndexAttr(-1)));
  bool contiguous = getConstantIntValue(panel.depthStride) == 1;
  int64_t squares = contiguous ? panel.depth / lanes : 0;
  // Where column `n` of the panel starts in memory.
  auto columnBase = [&](OpBuilder &b, OpFoldResult n) {
    OpFoldResult column = addIndex(b, loc, panel.firstColumn, n);
    Value inside = arith::MinUIOp::create(b, loc, indexValue(b, loc, column), last);
    return addIndex(b, loc, panel.base, mulIndex(b, loc, inside, panel.columnStride));
  };
  auto attr = [&](int64_t v) -> OpFoldResult { return builder.getIndexAttr(v); };
  OpFoldResult blocks = attr(panel.width / lanes);
  if (panel.wanted)
    blocks = ceilDivIndex(builder, loc, panel.wanted, lanes);
  emitLoops(builder, loc, {blocks}, {},
            [&](OpBuilder &b, ValueRange block, ValueRange) -> SmallVector<Value> {
    OpFoldResult first = mulIndex(b, loc, block[0], attr(lanes));
    SmallVector<OpFoldResult> bases;
    for (int64_t i = 0; i < lanes; ++i)
      bases.push_back(columnBase(b, addIndex(b, loc, first, attr(i))));
    emitLoops(b, loc, {attr(squares)}, {},
              [&](OpBuilder &in, ValueRange at, ValueRange) -> SmallVector<Value> {
      OpFoldResult k = mulIndex(in, loc, at[0], attr(lanes));
      SmallVector<Value> rows;
      for (OpFoldResult base : bases)
        rows.push_back(vector::LoadOp::create(
            in, loc, type, panel.flat, indexValue(in, loc, addIndex(in, loc, base, k))));
      transposeSquare(in, loc, rows);
      for (auto [i, row] : llvm::enumerate(rows)) {
        OpFoldResult to = mulIndex(in, loc, addIndex(in, loc, k, attr(i)), attr(panel.width));
        vector::StoreOp::create(in, loc, row, scratch,
                                indexValue(in, loc, addIndex(in, loc, to, first)));
      }
      return {};
    });
    emitLoops(b, loc, {attr(panel.depth - squares * lanes)}, {},
              [&](OpBuilder &in, ValueRange at, ValueRange) -> SmallVector<Value> {
      OpFoldResult k = addIndex(in, loc, at[0], attr(squares * lanes));
      for (auto [i, base] : llvm::enumerate(bases)) {
        OpFoldResult from = addIndex(in, loc, base, mulIndex(in, loc, k, panel.depthStride));
        Value element = memref::LoadOp::create(in, loc, panel.flat, indexValue(in, loc, from));
        OpFoldResult to = addIndex(in, loc, mulIndex(in, loc, k, attr(panel.width)), first);
        memref::StoreOp::create(in, loc, element, scratch,
                                indexValue(in, loc, addIndex(in, loc, to, attr(i))));
      }
      return {};
    });
    return {};
  });
  return scratch;
}
