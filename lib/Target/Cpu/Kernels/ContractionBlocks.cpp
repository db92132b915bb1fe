//===- ContractionBlocks.cpp - blocks of rows of a contraction -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Blocks serve two ends. For the caches, a block is so large that each weight is used often. The
// sizes below are about caches of 32 KB and 1 MB per core, not about one model: with AVX-512 other
// blocks make none of the models' f32 layers more than 2 % faster (test/bench/variants.py).
// For threads, a few large items do not divide well: nine panels are five for one of two threads.
// So there, rows are cut finer, if an item stays large enough; how many threads there will be
// nobody knows, and on one the smaller items cost nothing that can be measured.
//
// Sizes may be unknown until the model runs; then all of this is computed there.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/ContractionPlan.h"
#include "lib/Target/Cpu/Kernels/KernelVariant.h"
#include "lib/Target/Cpu/Vector/VectorLoop.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

/// Weights up to this size stay in the second-level cache beside the rows.
static constexpr int64_t smallWeightBytes = 384 << 10;
/// Rows of lhs of one block, when weights are larger: so often is each weight used.
static constexpr int64_t blockBytes = 256 << 10;
static constexpr int64_t minBlockRows = 96, maxBlockRows = 1024;
/// Fewer items than this do not divide well between a few threads. An item has so many products
/// (5 us at 100 GFLOP/s) and register tiles at least.
static constexpr int64_t enoughItems = 32, itemProducts = 256 << 10, itemTiles = 2;

/// Rows that the caches want in a block.
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

namespace {

class BlockChooser {
public:
  BlockChooser(OpBuilder &builder, Contraction &c, ContractionPlan &plan)
      : builder(builder), loc(c.op.getLoc()), c(c), plan(plan) {}

  void chooseRows();
  void chooseSlabs();

private:
  OpFoldResult attr(int64_t value) { return builder.getIndexAttr(value); }
  OpFoldResult least(OpFoldResult a, OpFoldResult b) { return minIndex(builder, loc, a, b); }
  OpFoldResult most(OpFoldResult a, OpFoldResult b) { return maxIndex(builder, loc, a, b); }
  OpFoldResult floorDiv(OpFoldResult a, OpFoldResult b) {
    return floorDivIndex(builder, loc, a, b);
  }
  OpFoldResult ceilDiv(OpFoldResult a, OpFoldResult b) { return ceilDivIndex(builder, loc, a, b); }

  int64_t tileRows();
  int64_t fewestRows();
  OpFoldResult wantedBlocks();
  void chooseOrder(OpFoldResult cacheBlocks);

  OpBuilder &builder;
  Location loc;
  Contraction &c;
  ContractionPlan &plan;
  /// 0 if no block size is prescribed.
  int64_t prescribed = prescribedOr(c.op, "block_rows", 0);
  int64_t target = prescribed > 0 ? prescribed : chooseBlockRows(c, plan);
};

} // namespace

int64_t BlockChooser::tileRows() {
  ColumnGroup group = coverColumns(plan.panelWidth, c.level).front();
  return std::min(group.maxRows(c.level), plan.maxTileRows);
}

/// Rows of one panel that are worth an item; many, where nothing is known of the depth.
int64_t BlockChooser::fewestRows() {
  std::optional<int64_t> depth = getConstantIntValue(plan.depth);
  std::optional<int64_t> columns = getConstantIntValue(plan.columns);
  int64_t width = columns ? std::min(*columns, plan.panelWidth) : plan.panelWidth;
  int64_t products = std::max<int64_t>(1, width * depth.value_or(1));
  return std::max<int64_t>(llvm::divideCeil(itemProducts, products), itemTiles * tileRows());
}

/// How many blocks make enough items. A copied panel should serve many rows, and inside of a
/// parallel loop there are no threads to share with.
OpFoldResult BlockChooser::wantedBlocks() {
  if (prescribed > 0 || plan.transposeRhs || isInParallel(builder))
    return attr(1);
  OpFoldResult items = plan.panels;
  for (unsigned d : plan.outer)
    items = mulIndex(builder, loc, items, c.nest.dims[d].size);
  for (unsigned d : plan.matrices)
    items = mulIndex(builder, loc, items, c.nest.dims[d].size);
  return ceilDiv(attr(enoughItems), most(items, attr(1)));
}

/// No block is much smaller than the others. In large ones tiles are whole; a few that are one row
/// lower cost less than threads that wait for the largest block.
void BlockChooser::chooseRows() {
  OpFoldResult blocks = floorDiv(addIndex(builder, loc, plan.rows, attr(target / 2)), attr(target));
  OpFoldResult cacheBlocks = most(blocks, attr(1));
  // An even number: two blocks of 20 rows divide better than three of 14.
  OpFoldResult possible = floorDiv(plan.rows, attr(2 * fewestRows()));
  possible = mulIndex(builder, loc, possible, attr(2));
  blocks = most(cacheBlocks, least(possible, wantedBlocks()));
  OpFoldResult size = ceilDiv(plan.rows, blocks);
  bool isFew = getConstantIntValue(size) && getConstantIntValue(cacheBlocks) == 1;
  if (!isFew)
    size = mulIndex(builder, loc, ceilDiv(size, attr(tileRows())), attr(tileRows()));
  plan.blockSize = most(size, attr(1));
  plan.blocks = ceilDiv(plan.rows, plan.blockSize);
  chooseOrder(cacheBlocks);
}

void BlockChooser::chooseSlabs() {
  OpFoldResult slabs = c.nest.dims[*plan.slab].size, rows = most(plan.rows, attr(1));
  OpFoldResult cacheSlabs = most(floorDiv(attr(target), rows), attr(1));
  cacheSlabs = least(cacheSlabs, most(slabs, attr(1)));
  OpFoldResult fewest = ceilDiv(attr(fewestRows()), rows);
  plan.blockSize = least(cacheSlabs, most(fewest, ceilDiv(slabs, wantedBlocks())));
  plan.blocks = ceilDiv(slabs, plan.blockSize);
  chooseOrder(ceilDiv(slabs, cacheSlabs));
}

/// Blocks that are there for threads only take turns at each panel, which comes from memory once.
/// Otherwise the rows of a block stay in the cache, and panels take turns.
void BlockChooser::chooseOrder(OpFoldResult cacheBlocks) {
  OpFoldResult one = attr(1);
  std::optional<int64_t> known = getConstantIntValue(cacheBlocks);
  plan.outerBlocks = plan.blocks, plan.innerBlocks = one;
  if (known && *known <= 1)
    std::swap(plan.outerBlocks, plan.innerBlocks);
  if (known || getConstantIntValue(plan.panels) == 1)
    return;
  Value first = indexValue(builder, loc, one), blocks = indexValue(builder, loc, plan.blocks);
  Value fits = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ule,
                                     indexValue(builder, loc, cacheBlocks), first);
  plan.outerBlocks = arith::SelectOp::create(builder, loc, fits, first, blocks).getResult();
  plan.innerBlocks = arith::SelectOp::create(builder, loc, fits, blocks, first).getResult();
}

void cpu::chooseBlocks(OpBuilder &builder, Contraction &contraction, ContractionPlan &plan) {
  BlockChooser chooser(builder, contraction, plan);
  if (plan.slab)
    chooser.chooseSlabs();
  else
    chooser.chooseRows();
}
