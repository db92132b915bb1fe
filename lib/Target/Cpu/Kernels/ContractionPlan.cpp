//===- ContractionPlan.cpp - what each dim of a contraction is for --------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See ContractionPlan.h. ContractionBlocks.cpp chooses the blocks.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/ContractionPlan.h"
#include "lib/Target/Cpu/Kernels/KernelVariant.h"
#include "lib/Target/Cpu/Kernels/PanelCost.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

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

/// Columns of a panel of a rhs that is read in place: one panel if that can be, since each reads
/// lhs again and copies its part of rhs or reads it with large strides.
static int64_t unpackedWidth(const Contraction &c, const ContractionPlan &plan) {
  constexpr int64_t unknownColumns = 32, deep = 256, align = 8, widest = 64;
  std::optional<int64_t> columns = getConstantIntValue(plan.columns);
  int64_t width = unknownColumns;
  if (columns && *columns > 0)
    width = *columns <= widest ? llvm::alignTo(*columns, align)
                               : cpu::choosePanelWidth({*columns, deep});
  width = prescribedOr(c.op, "panel_width", width);
  return std::min<int64_t>(widest, llvm::alignTo(width, align));
}

/// The most rows of a tile. Of three vectors nine rows would fit the registers, but eight are 0.5
/// to 2 % faster; of short sums of pairs four are some 8 % faster, as their epilogue runs beside
/// the products of the next tile.
static int64_t chooseTileRows(const Contraction &c, const ContractionPlan &plan) {
  constexpr int64_t shortDepth = 32, shortRows = 4, enoughRows = 8;
  int64_t vectors = coverColumns(plan.panelWidth, c.level).front().vectors;
  if (c.blocks) // every row has dots and sums
    return std::clamp<int64_t>((c.level.vectorRegisters - 4 - vectors) / (2 * vectors), 1, 12);
  if (vectors != 3)
    return plan.maxTileRows;
  std::optional<int64_t> depth = getConstantIntValue(plan.depth);
  return c.together() > 1 && depth && *depth <= shortDepth ? shortRows : enoughRows;
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
  plan.panels = ceilDivIndex(builder, loc, plan.columns, plan.panelWidth);
  plan.fullPanels = floorDivIndex(builder, loc, c.columns, builder.getIndexAttr(plan.panelWidth));
  plan.restColumns = builder.getIndexAttr(columns ? *columns % plan.panelWidth : 1);
  if (!columns) {
    OpFoldResult full =
        mulIndex(builder, loc, plan.fullPanels, builder.getIndexAttr(-plan.panelWidth));
    plan.restColumns = addIndex(builder, loc, c.columns, full);
  }
  std::optional<int64_t> depth = getConstantIntValue(plan.depth);
  if (!c.layout && plan.column && depth && *depth <= maxTransposedDepth)
    plan.transposeRhs = getConstantIntValue(c.nest.operands[1].strides[*plan.column]) != 1;
  chooseBlocks(builder, c, plan);
  return plan;
}
