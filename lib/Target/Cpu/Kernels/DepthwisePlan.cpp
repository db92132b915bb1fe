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
#include "lib/Target/Cpu/Kernels/DepthwisePlan.h"
#include "lib/Target/Cpu/CoreModel.h"
#include "lib/Target/Cpu/Kernels/KernelVariant.h"

#include <limits>

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
  auto known = [](int64_t size, int64_t usual) {
    return ShapedType::isDynamic(size) ? usual : size;
  };
  DepthwiseShape shape{1,
                       window.back(),
                       llvm::product_of(window),
                       1,
                       strides.back(),
                       1,
                       known(result.back(), usualPlaces),
                       op.getInputChannels(),
                       false};
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

/// Parts of a row, at most `most`: with them one of two threads has the fewest tiles to do, if all
/// in all there are `blocks` times as many items.
static int64_t chooseParts(int64_t blocks, int64_t places, int64_t tilePlaces, int64_t most) {
  int64_t best = 1, fewest = std::numeric_limits<int64_t>::max();
  for (int64_t parts = 1; parts <= most; ++parts) {
    int64_t tiles = llvm::divideCeil(llvm::divideCeil(places, parts), tilePlaces);
    int64_t ofOneThread = llvm::divideCeil(blocks * parts, 2) * tiles;
    if (ofOneThread <= fewest)
      best = parts, fewest = ofOneThread;
  }
  return best;
}

/// Items of an image that is so small that threads would have too few to share: blocks of fewer
/// rows, and of low images parts of rows.
static void shareImage(kernel::ConvOp op, const DepthwiseShape &shape, DepthwisePlan &plan) {
  // A thread is woken for some microseconds, not for less.
  constexpr int64_t enoughItems = 8, leastProducts = core::floatOperations / 2 * 4000;
  int64_t images = 1;
  for (int64_t size : op.getInitType().getShape().take_front(std::max(1u, op.getNumSpatial() - 1)))
    images *= ShapedType::isDynamic(size) ? 1 : std::max<int64_t>(1, size);
  auto blocks = [&] { return images * int64_t(llvm::divideCeil(shape.rows, plan.tile.blockRows)); };
  int64_t products = images * shape.rows * shape.places * shape.channels * shape.taps;
  if (blocks() >= enoughItems || products < 2 * leastProducts)
    return;
  int64_t items = llvm::bit_floor(uint64_t(std::min(products / leastProducts, enoughItems)));
  int64_t perBlock = llvm::divideCeil(shape.rows, llvm::divideCeil(items, images));
  plan.tile.blockRows = llvm::alignTo(perBlock, plan.tile.rows);
  int64_t parts = chooseParts(blocks(), shape.places, plan.tile.places, items / blocks());
  if (parts > 1)
    plan.partPlaces = llvm::divideCeil(shape.places, parts);
}

DepthwisePlan DepthwisePlan::get(kernel::ConvOp op, const CpuLevel &level) {
  DepthwisePlan plan;
  DepthwiseShape &shape = plan.shape = shapeOf(op);
  shape.isPaired = level.can(MultipliesBf16Pairs) && op.getInputType().getElementType().isBF16();
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
  shareImage(op, shape, plan);
  plan.tile.blockRows = prescribedOr(op, "block_rows", plan.tile.blockRows);
  return plan;
}
