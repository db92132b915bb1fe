//===- DepthwisePlan.cpp - sizes of tiles of a depthwise conv -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See DepthwisePlan.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Emit/DepthwisePlan.h"
#include "lib/Target/Cpu/Emit/KernelVariant.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

/// Windows of up to so many steps are unrolled.
static constexpr int64_t maxUnrolledSteps = 25;

/// Sizes of images are assumed where they are unknown: of tiles no rest matters then.
static constexpr int64_t usualRows = 24, usualPlaces = 120;

static DepthwiseShape shapeOf(kernel::ConvOp op) {
  unsigned spatial = op.getNumSpatial();
  ArrayRef<int64_t> window = op.getWindow(), strides = op.getStrides();
  ArrayRef<int64_t> result = op.getInitType().getShape().slice(1, spatial);
  auto known = [](int64_t size, int64_t usual) { return ShapedType::isDynamic(size) ? usual : size; };
  DepthwiseShape shape{1, window.back(), llvm::product_of(window), 1, strides.back(),
                       1, known(result.back(), usualPlaces), op.getInputChannels(), false};
  if (spatial < 2)
    return shape;
  unsigned row = spatial - 2;
  shape.windowRows = window[row];
  shape.strideRows = strides[row];
  shape.rows = known(result[row], usualRows);
  // Rows of a tile are neighbours in the input, too.
  shape.sharesRows = strides[row] == 1 && op.getDilations()[row] == 1;
  return shape;
}

/// Blocks of fewer rows where the image is so low that threads had too few to share.
static int64_t shareRows(kernel::ConvOp op, const DepthwiseTile &tile) {
  // Some microseconds of products, of which a core does 50 in a ns: a thread is woken for no less.
  constexpr int64_t enoughBlocks = 8, leastProducts = 50 * 8000;
  ArrayRef<int64_t> result = op.getInitType().getShape();
  unsigned spatial = op.getNumSpatial();
  int64_t rows = tile.blockRows;
  if (spatial < 2 || llvm::any_of(result.take_front(spatial + 1), ShapedType::isDynamic))
    return rows;
  int64_t perRow = result[spatial] * op.getInputChannels() * llvm::product_of(op.getWindow());
  int64_t images = llvm::product_of(result.take_front(spatial - 1));
  auto blocks = [&] { return images * int64_t(llvm::divideCeil(result[spatial - 1], rows)); };
  while (rows > tile.rows && (rows - tile.rows) * perRow >= leastProducts && blocks() < enoughBlocks)
    rows -= tile.rows;
  return rows;
}

DepthwisePlan DepthwisePlan::get(kernel::ConvOp op, const CpuLevel &level) {
  DepthwisePlan plan;
  DepthwiseShape &shape = plan.shape = shapeOf(op);
  shape.isPaired = level.bf16DotProduct && op.getInputType().getElementType().isBF16();
  plan.unrolled = getTapSteps(shape).size() <= maxUnrolledSteps;
  shape.sharesRows &= plan.unrolled;
  shape.isPaired &= plan.unrolled;
  plan.tile = chooseDepthwise(shape, level);
  if (!plan.unrolled)
    plan.tile.places = 8;
  if (shape.sharesRows)
    plan.tile.rows = prescribedOr(op, "tile_rows", plan.tile.rows);
  plan.tile.places = prescribedOr(op, "tile_places", plan.tile.places);
  plan.tile.lanes = prescribedOr(op, "lanes", plan.tile.lanes);
  plan.tile.blockRows = prescribedOr(op, "block_rows", shareRows(op, plan.tile));
  return plan;
}
