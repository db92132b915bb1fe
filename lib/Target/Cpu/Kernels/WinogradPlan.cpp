//===- WinogradPlan.cpp - sizes of a Winograd convolution -----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See WinogradPlan.h. The sizes were found by measurement; they are about a second-level cache
// of 1 MB per core.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/WinogradPlan.h"
#include "lib/Target/Cpu/CoreModel.h"
#include "lib/Target/Cpu/Vector/LoopNest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

/// Transformed inputs of a block: they stay in the second-level cache beside the products and
/// the weights of a chunk.
static constexpr int64_t blockBytes = 768 << 10;
/// Tiles of a block, rounded to whole register tiles: more gain nothing, and scratch memory grows.
static constexpr int64_t usualTiles = 14;
/// Weights are prefetched so far ahead where the products of a position read no more than that from
/// a panel. Longer runs the CPU follows by itself, and prefetches slowed them down (256 channels:
/// by a fifth).
static constexpr int64_t prefetchBytes = 4096;
/// With so many blocks, chunks need not be items: each of them would repeat the transform of
/// its block.
static constexpr int64_t enoughBlocks = 8;

SmallVector<ColumnGroup> cpu::coverChunk(kernel::WinogradAttr layout, int64_t width,
                                         const CpuLevel &level) {
  // Panels of one cache line: a register tile reads several of them, or just one.
  constexpr int64_t line = core::lineFloats;
  if (layout.getPanels().getWidth() != line || width % line != 0)
    return coverColumns(width, level);
  int64_t lanes = level.f32Lanes(), vectors = lanes == line ? width / line : line / lanes;
  return {{0, width / (vectors * lanes), vectors, lanes}};
}

/// Columns of a chunk: two panels of a cache line, three where that divides, else one panel.
static int64_t chooseChunk(kernel::WinogradAttr layout, int64_t stored) {
  int64_t width = std::min(layout.getPanels().getWidth(), stored);
  if (width == 16)
    for (int64_t panels : {2, 3})
      if (stored % (panels * width) == 0)
        return panels * width;
  return width;
}

static void chooseBlocks(OpBuilder &builder, Location loc, int64_t tileBytes, int64_t tileRows,
                         WinogradPlan &plan) {
  int64_t most = std::max<int64_t>(1, usualTiles / tileRows) * tileRows;
  most = std::clamp(blockBytes / tileBytes, tileRows / 2 + 1, most);
  plan.blockTiles = most;
  if (std::optional<int64_t> tiles = getConstantIntValue(plan.tiles)) {
    int64_t blocks = std::max<int64_t>(1, llvm::divideCeil(*tiles, most));
    plan.blockTiles = std::max<int64_t>(1, llvm::divideCeil(*tiles, blocks));
    plan.possibleTiles = {plan.blockTiles};
    if (*tiles % plan.blockTiles != 0)
      plan.possibleTiles.push_back(*tiles % plan.blockTiles);
  }
  plan.blocks = ceilDivIndex(builder, loc, plan.tiles, plan.blockTiles);
}

static void chooseItems(OpBuilder &builder, Location loc, WinogradPlan &plan) {
  OpFoldResult one = builder.getIndexAttr(1), all = builder.getIndexAttr(plan.chunks);
  std::optional<int64_t> blocks = getConstantIntValue(plan.blocks);
  if (blocks || plan.chunks == 1) {
    bool whole = plan.chunks == 1 || *blocks >= enoughBlocks;
    plan.itemsPerBlock = whole ? one : all;
    plan.chunksPerItem = whole ? all : one;
    return;
  }
  Value enough = arith::ConstantIndexOp::create(builder, loc, enoughBlocks);
  Value few = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult,
                                    indexValue(builder, loc, plan.blocks), enough);
  Value single = indexValue(builder, loc, one), several = indexValue(builder, loc, all);
  plan.itemsPerBlock = arith::SelectOp::create(builder, loc, few, several, single).getResult();
  plan.chunksPerItem = arith::SelectOp::create(builder, loc, few, single, several).getResult();
}

WinogradPlan WinogradPlan::get(OpBuilder &builder, kernel::ConvOp op, const WinogradImage &image,
                               const CpuLevel &level) {
  Location loc = op.getLoc();
  auto layout = cast<kernel::WinogradAttr>(*op.getLayout());
  int64_t positions = layout.getPositions(), channels = op.getInputChannels();
  int64_t stored = layout.getPanels().getStoredColumns(op.getOutputChannels());
  WinogradPlan plan;
  plan.tilesDown = ceilDivIndex(builder, loc, image.height, layout.getTile());
  plan.tilesAcross = ceilDivIndex(builder, loc, image.width, layout.getTile());
  plan.tiles = mulIndex(builder, loc, plan.tilesDown, plan.tilesAcross);
  plan.tiles = mulIndex(builder, loc, plan.tiles, image.batch);
  int64_t width = plan.chunkWidth = chooseChunk(layout, stored);
  plan.chunks = llvm::divideCeil(stored, width);
  plan.splitsPairs = layout.isPaired() && !level.can(MultipliesBf16Pairs);
  int64_t tileRows = coverChunk(layout, width, level).front().maxRows(level, plan.splitsPairs);
  int64_t elementBytes = layout.isPaired() && !plan.splitsPairs ? 2 : 4;
  chooseBlocks(builder, loc, positions * channels * elementBytes, tileRows, plan);
  chooseItems(builder, loc, plan);
  int64_t products = plan.blockTiles * positions * channels * width;
  plan.itemCost =
      mulIndex(builder, loc, plan.chunksPerItem,
               builder.getIndexAttr(products * elementBytes / (2 * core::floatOperations) + 1));
  int64_t weightBytes = layout.isPaired() ? 2 : 4;
  int64_t panelBytes = channels * std::min(layout.getPanels().getWidth(), width) * weightBytes;
  plan.weightsAhead = panelBytes <= prefetchBytes ? prefetchBytes / weightBytes : 0;
  // Whole cache lines, and never a large power of two apart, where they would compete for the
  // same places of a cache.
  constexpr int64_t line = core::lineFloats, page = 1024;
  plan.tileStride = llvm::alignTo(channels, line);
  if (plan.tileStride % (page / 4) == 0)
    plan.tileStride += line;
  plan.positionStride = plan.blockTiles * plan.tileStride;
  if (plan.positionStride % (page / 4) == 0)
    plan.positionStride += line;
  plan.inputsSize = positions * plan.positionStride;
  plan.sumsSize = plan.blockTiles * positions * width;
  return plan;
}
