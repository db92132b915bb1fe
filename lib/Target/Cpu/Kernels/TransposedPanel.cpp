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
#include "lib/Target/Cpu/Kernels/TransposedPanel.h"
#include "lib/Target/Cpu/Vector/LoopNest.h"
#include "lib/Target/Cpu/Vector/VectorLoop.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

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

Value cpu::combineLanes(OpBuilder &builder, Location loc, ArrayRef<Value> vectors,
                        function_ref<Value(Value, Value)> combine) {
  // A transpose whose rows are combined as soon as they are there.
  SmallVector<Value> rows(vectors);
  for (int64_t d = 1; rows.size() > 1; d *= 2) {
    SmallVector<Value> combined;
    for (size_t i = 0; i < rows.size(); i += 2) {
      auto [low, high] = exchange(builder, loc, rows[i], rows[i + 1], d);
      combined.push_back(combine(low, high));
    }
    rows = std::move(combined);
  }
  return rows.front();
}

Value cpu::emitLaneSums(OpBuilder &builder, Location loc, ArrayRef<Value> vectors) {
  return combineLanes(builder, loc, vectors, [&](Value x, Value y) -> Value {
    return arith::AddFOp::create(builder, loc, x, y);
  });
}

namespace {
class PanelEmitter {
public:
  PanelEmitter(Location loc, const TransposedPanel &panel)
      : loc(loc), panel(panel),
        // Widths are multiples of 8.
        lanes(panel.width % panel.lanes == 0 ? panel.lanes : 8) {}

  Value emit(OpBuilder &b);

private:
  OpFoldResult attr(OpBuilder &b, int64_t value) { return b.getIndexAttr(value); }
  OpFoldResult add(OpBuilder &b, OpFoldResult x, OpFoldResult y) { return addIndex(b, loc, x, y); }
  OpFoldResult mul(OpBuilder &b, OpFoldResult x, OpFoldResult y) { return mulIndex(b, loc, x, y); }

  OpFoldResult columnBase(OpBuilder &b, OpFoldResult column);
  /// Where step `k` of panel column `column` is stored.
  Value target(OpBuilder &b, OpFoldResult k, OpFoldResult column);
  void emitSquare(OpBuilder &b, ArrayRef<OpFoldResult> bases, OpFoldResult k, OpFoldResult column);
  void emitStep(OpBuilder &b, ArrayRef<OpFoldResult> bases, OpFoldResult k, OpFoldResult column);

  Location loc;
  const TransposedPanel &panel;
  int64_t lanes;
  Value scratch;
};
} // namespace

/// Where column `column` of the panel starts in memory.
OpFoldResult PanelEmitter::columnBase(OpBuilder &b, OpFoldResult column) {
  Value last = indexValue(b, loc, add(b, panel.columns, attr(b, -1)));
  Value wanted = indexValue(b, loc, add(b, panel.firstColumn, column));
  Value inside = arith::MinUIOp::create(b, loc, wanted, last);
  return add(b, panel.base, mul(b, inside, panel.columnStride));
}

Value PanelEmitter::target(OpBuilder &b, OpFoldResult k, OpFoldResult column) {
  OpFoldResult position = add(b, mul(b, k, attr(b, panel.width)), column);
  return indexValue(b, loc, mul(b, position, attr(b, panel.step())));
}

/// As many steps of as many columns as a vector has lanes.
void PanelEmitter::emitSquare(OpBuilder &b, ArrayRef<OpFoldResult> bases, OpFoldResult k,
                              OpFoldResult column) {
  // Pairs of bf16 are moved as what has their size.
  auto loaded = VectorType::get({panel.step() * lanes}, b.getF32Type());
  auto moved = VectorType::get({lanes}, b.getF32Type()), rounded = loaded.clone(b.getBF16Type());
  SmallVector<Value> rows;
  for (OpFoldResult base : bases) {
    Value at = indexValue(b, loc, add(b, base, mul(b, k, attr(b, panel.step()))));
    Value row = vector::LoadOp::create(b, loc, loaded, panel.flat, at);
    if (panel.isPaired)
      row = vector::BitCastOp::create(b, loc, moved, arith::TruncFOp::create(b, loc, rounded, row));
    rows.push_back(row);
  }
  transposeSquare(b, loc, rows);
  for (auto [i, row] : llvm::enumerate(rows)) {
    Value stored =
        panel.isPaired ? vector::BitCastOp::create(b, loc, rounded, row).getResult() : row;
    vector::StoreOp::create(b, loc, stored, scratch, target(b, add(b, k, attr(b, i)), column));
  }
}

/// The same for one step.
void PanelEmitter::emitStep(OpBuilder &b, ArrayRef<OpFoldResult> bases, OpFoldResult k,
                            OpFoldResult column) {
  for (auto [i, base] : llvm::enumerate(bases)) {
    Value to = target(b, k, add(b, column, attr(b, i)));
    for (int64_t part = 0; part < panel.step(); ++part) {
      OpFoldResult depth = add(b, mul(b, k, attr(b, panel.step())), attr(b, part));
      Value from = indexValue(b, loc, add(b, base, mul(b, depth, panel.depthStride)));
      Value element = memref::LoadOp::create(b, loc, panel.flat, from);
      if (panel.isPaired)
        element = arith::TruncFOp::create(b, loc, b.getBF16Type(), element);
      memref::StoreOp::create(b, loc, element, scratch,
                              indexValue(b, loc, add(b, to, attr(b, part))));
    }
  }
}

Value PanelEmitter::emit(OpBuilder &b) {
  // Stack memory; the pass moves it out of the loops, which do not exist yet.
  Type element = panel.isPaired ? Type(b.getBF16Type()) : Type(b.getF32Type());
  auto type = MemRefType::get({panel.depth * panel.width}, element);
  scratch = memref::AllocaOp::create(b, loc, type, b.getI64IntegerAttr(64));
  bool isContiguous = getConstantIntValue(panel.depthStride) == 1;
  int64_t squares = isContiguous ? panel.steps() / lanes : 0;
  OpFoldResult blocks = attr(b, panel.width / lanes);
  if (panel.wanted)
    blocks = ceilDivIndex(b, loc, panel.wanted, lanes);
  emitLoops(b, loc, {blocks}, {}, [&](OpBuilder &in, ValueRange block, ValueRange) {
    OpFoldResult column = mul(in, block[0], attr(in, lanes));
    SmallVector<OpFoldResult> bases;
    for (int64_t i = 0; i < lanes; ++i)
      bases.push_back(columnBase(in, add(in, column, attr(in, i))));
    emitLoops(in, loc, {attr(in, squares)}, {}, [&](OpBuilder &inner, ValueRange at, ValueRange) {
      emitSquare(inner, bases, mul(inner, at[0], attr(inner, lanes)), column);
      return SmallVector<Value>();
    });
    OpFoldResult rest = attr(in, panel.steps() - squares * lanes);
    emitLoops(in, loc, {rest}, {}, [&](OpBuilder &inner, ValueRange at, ValueRange) {
      emitStep(inner, bases, add(inner, at[0], attr(inner, squares * lanes)), column);
      return SmallVector<Value>();
    });
    return SmallVector<Value>();
  });
  return scratch;
}

Value cpu::emitTransposedPanel(OpBuilder &builder, Location loc, const TransposedPanel &panel) {
  return PanelEmitter(loc, panel).emit(builder);
}
