//===- ContractionPlan.cpp - what each dim of a contraction is for --------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See ContractionPlan.h. The sizes below are about caches of 32 KB and 1 MB per core, not about
// one model: with AVX-512 other blocks make none of the models' f32 layers more than 2 % faster
// (test/bench/variants.py).
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Emit/ContractionPlan.h"
#include "dialects/Kernel/Passes/PanelCost.h"
#include "lib/Target/Cpu/Emit/KernelVariant.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

/// Weights up to this size stay in the second-level cache beside the rows.
static constexpr int64_t smallWeightBytes = 384 << 10;
/// Rows of lhs of one block, when weights are larger: so often is each weight used.
static constexpr int64_t blockBytes = 256 << 10;
static constexpr int64_t minBlockRows = 96, maxBlockRows = 1024;

/// floor(a / b).
static OpFoldResult divIndex(OpBuilder &builder, Location loc, OpFoldResult a, int64_t b) {
  if (std::optional<int64_t> constant = getConstantIntValue(a))
    return builder.getIndexAttr(*constant / b);
  Value divisor = arith::ConstantIndexOp::create(builder, loc, b);
  return arith::DivUIOp::create(builder, loc, indexValue(builder, loc, a), divisor).getResult();
}

/// Rows that one block should have.
static int64_t chooseBlockRows(const Contraction &c, const ContractionPlan &plan) {
  std::optional<int64_t> depth = getConstantIntValue(plan.depth);
  std::optional<int64_t> columns = getConstantIntValue(plan.columns);
  if (depth && columns && *depth * *columns * 4 <= smallWeightBytes)
    return minBlockRows;
  // Neighbouring rows of a conv share most of what they read: their distance tells how
  // much one row adds.
  std::optional<int64_t> stride;
  if (plan.row)
    stride = getConstantIntValue(c.nest.operands[0].strides[*plan.row]);
  int64_t bytes = 4 * std::max<int64_t>(1, stride.value_or(depth.value_or(1024)));
  return std::clamp(blockBytes / bytes, minBlockRows, maxBlockRows);
}

static void chooseDims(Contraction &c, ContractionPlan &plan) {
  SmallVector<unsigned> parallel;
  for (auto [d, dim] : llvm::enumerate(c.nest.dims)) {
    if (dim.iterator == c.column)
      plan.column = d;
    else if (dim.reduction)
      plan.reductions.push_back(d);
    else
      parallel.push_back(d);
  }
  auto isRow = [&](unsigned d) {
    if (c.layout)
      return true;
    return getConstantIntValue(c.nest.operands[1].strides[d]) == 0;
  };
  for (unsigned d : llvm::reverse(parallel)) {
    if (c.matrixStep(d) > 0)
      plan.matrices.insert(plan.matrices.begin(), d);
    else if (isRow(d) && !plan.row)
      plan.row = d;
    else if (isRow(d) && !plan.slab)
      plan.slab = d;
    else
      plan.outer.insert(plan.outer.begin(), d);
  }
}

/// ceil(a / b) for positive b.
static OpFoldResult ceilDivIndex(OpBuilder &builder, Location loc, OpFoldResult a,
                                 OpFoldResult b) {
  if (std::optional<int64_t> constant = getConstantIntValue(b))
    return cpu::ceilDivIndex(builder, loc, a, *constant);
  return arith::CeilDivUIOp::create(builder, loc, indexValue(builder, loc, a),
                                    indexValue(builder, loc, b))
      .getResult();
}

/// Size of blocks of about `target` of all `rows`: whole tiles, and no block much smaller
/// than the others.
static OpFoldResult evenBlocks(OpBuilder &builder, Location loc, OpFoldResult rows,
                               int64_t target, int64_t tileRows) {
  auto attr = [&](int64_t v) -> OpFoldResult { return builder.getIndexAttr(v); };
  OpFoldResult blocks = divIndex(builder, loc, addIndex(builder, loc, rows, attr(target / 2)),
                                 target);
  if (std::optional<int64_t> known = getConstantIntValue(rows)) {
    int64_t count = std::max<int64_t>(1, *getConstantIntValue(blocks));
    int64_t size = std::max<int64_t>(1, llvm::divideCeil(*known, count));
    return attr(count == 1 ? size : llvm::alignTo(size, tileRows));
  }
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  blocks = arith::MaxUIOp::create(builder, loc, indexValue(builder, loc, blocks), one).getResult();
  OpFoldResult size = ::ceilDivIndex(builder, loc, rows, blocks);
  size = mulIndex(builder, loc, cpu::ceilDivIndex(builder, loc, size, tileRows), attr(tileRows));
  return arith::MaxUIOp::create(builder, loc, indexValue(builder, loc, size), one).getResult();
}

static void chooseBlocks(OpBuilder &builder, Contraction &c, ContractionPlan &plan) {
  Location loc = c.op.getLoc();
  int64_t target = prescribedOr(c.op, "block_rows", chooseBlockRows(c, plan));
  std::optional<int64_t> rows = getConstantIntValue(plan.rows);
  if (!plan.slab) {
    ColumnGroup group = coverColumns(plan.panelWidth, c.level).front();
    int64_t tileRows = std::min(group.maxRows(c.level), plan.maxTileRows);
    plan.blockSize = evenBlocks(builder, loc, plan.rows, target, tileRows);
    plan.blocks = ::ceilDivIndex(builder, loc, plan.rows, plan.blockSize);
    return;
  }
  OpFoldResult slabs = c.nest.dims[*plan.slab].size;
  if (rows) {
    int64_t perBlock = std::max<int64_t>(1, target / std::max<int64_t>(1, *rows));
    if (std::optional<int64_t> known = getConstantIntValue(slabs))
      perBlock = std::max<int64_t>(1, std::min(perBlock, *known));
    plan.blockSize = builder.getIndexAttr(perBlock);
    plan.blocks = ceilDivIndex(builder, loc, slabs, perBlock);
    return;
  }
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value rowCount = arith::MaxUIOp::create(builder, loc, indexValue(builder, loc, plan.rows), one);
  Value wanted = arith::ConstantIndexOp::create(builder, loc, target);
  Value perBlock = arith::DivUIOp::create(builder, loc, wanted, rowCount);
  perBlock = arith::MaxUIOp::create(builder, loc, perBlock, one);
  plan.blockSize = perBlock;
  plan.blocks = arith::CeilDivUIOp::create(builder, loc, indexValue(builder, loc, slabs), perBlock)
                    .getResult();
}

/// Columns of a panel of a rhs that is read in place: one panel if that can be, since each reads lhs
/// again and copies its part of rhs or reads it with large strides.
static int64_t unpackedWidth(const Contraction &c, const ContractionPlan &plan) {
  constexpr int64_t unknownColumns = 32, deep = 256, align = 8, widest = 64;
  std::optional<int64_t> columns = getConstantIntValue(plan.columns);
  int64_t width = unknownColumns;
  if (columns && *columns > 0)
    width = *columns <= widest ? llvm::alignTo(*columns, align)
                               : kernel::choosePanelWidth({*columns, deep});
  width = prescribedOr(c.op, "panel_width", width);
  return std::min<int64_t>(widest, llvm::alignTo(width, align));
}

/// The most rows of a tile. Of three vectors nine rows would fit the registers, but eight are 0.5 to
/// 2 % faster; of short sums of pairs four are some 8 % faster, as their epilogue runs beside the
/// products of the next tile.
static int64_t chooseTileRows(const Contraction &c, const ContractionPlan &plan) {
  constexpr int64_t shortDepth = 32, shortRows = 4, enoughRows = 8;
  if (coverColumns(plan.panelWidth, c.level).front().vectors != 3)
    return plan.maxTileRows;
  bool isPaired = c.layout && c.layout->getInterleave() == 2;
  std::optional<int64_t> depth = getConstantIntValue(plan.depth);
  return isPaired && depth && *depth <= shortDepth ? shortRows : enoughRows;
}

ContractionPlan ContractionPlan::get(OpBuilder &builder, Contraction &c) {
  Location loc = c.op.getLoc();
  ContractionPlan plan;
  chooseDims(c, plan);
  plan.depth = builder.getIndexAttr(1);
  for (unsigned d : plan.reductions)
    plan.depth = mulIndex(builder, loc, plan.depth, c.nest.dims[d].size);
  plan.rows = plan.row ? c.nest.dims[*plan.row].size : builder.getIndexAttr(1);
  plan.columns = c.columns;
  std::optional<int64_t> columns = getConstantIntValue(c.columns);
  plan.panelWidth = c.layout ? c.layout->getWidth() : unpackedWidth(c, plan);
  plan.maxTileRows = prescribedOr(c.op, "tile_rows", chooseTileRows(c, plan));
  plan.fullPanels = divIndex(builder, loc, c.columns, plan.panelWidth);
  plan.restColumns = builder.getIndexAttr(columns ? *columns % plan.panelWidth : 1);
  if (!columns) {
    OpFoldResult full = mulIndex(builder, loc, plan.fullPanels,
                                 builder.getIndexAttr(-plan.panelWidth));
    plan.restColumns = addIndex(builder, loc, c.columns, full);
  }
  std::optional<int64_t> depth = getConstantIntValue(plan.depth);
  if (!c.layout && plan.column && depth && *depth <= maxTransposedDepth)
    plan.transposeRhs = getConstantIntValue(c.nest.operands[1].strides[*plan.column]) != 1;
  chooseBlocks(builder, c, plan);
  return plan;
}
