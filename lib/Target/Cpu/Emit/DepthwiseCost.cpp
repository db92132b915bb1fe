//===- DepthwiseCost.cpp - which tiles suit a depthwise conv --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See DepthwiseCost.h. A tile multiplies each tap with all its places, and loads each input element
// once: large tiles load less per result, but need more registers, and leave more over at the end
// of a row. Where the rows that a tile reads exceed the first-level cache, the loads are what takes
// the time; else the products are.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Emit/DepthwiseCost.h"
#include "lib/Target/Cpu/Emit/RowTiles.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace optc;
using namespace optc::cpu;

namespace {

/// Cycles of Zen 4, of vectors of 16 lanes; 8 lanes take half of it where that is said. Fitted to
/// test/bench/variants.py's times of the models' convolutions.
struct CostTable {
  /// Per tap and result; a multiply-add's latency in multiply-adds that are started meanwhile.
  double product = 1.05, latency = 4;
  /// Loads from the first- and the second-level cache. Of products and loads one takes the time, and the
  /// other this share of its own.
  double near = 0.6, far = 2, overlap = 0.3;
  /// Per image row read again and result, where all the rows are more than half of the second-level
  /// cache.
  double reread = 2;
  /// The epilogue, of any number of lanes.
  double epilogue = 3;
  /// What each sum of a tile beyond `fewSums` adds to the products, and twice as many values as registers.
  double moreSums = 0.02, spill = 1;
};
constexpr CostTable table;
constexpr int64_t fewSums = 6, mostSums = 12, mostRows = 4;
constexpr int64_t firstCache = 32 << 10, halfSecondCache = 512 << 10;
/// Image rows of an item, if the tile's rows divide it: some microseconds of work.
constexpr int64_t itemRows = 8;

/// Results, `count` of them one after the other in parts.
struct Part {
  int64_t size, count;
};

} // namespace

/// Per result and vector.
static double tileCost(const DepthwiseShape &shape, int64_t rows, int64_t places, int64_t lanes,
                       const CpuLevel &level) {
  double sums = rows * places, share = lanes == 8 ? 0.5 : 1;
  int64_t perDepth = shape.windowRows * shape.windowPlaces;
  int64_t depths = shape.taps / perDepth;
  int64_t inputRows = shape.windowRows + (rows - 1) * shape.strideRows;
  bool overlaps = shape.stridePlaces < shape.windowPlaces;
  int64_t inputPlaces = overlaps ? (places - 1) * shape.stridePlaces + shape.windowPlaces
                                 : places * shape.windowPlaces;
  double read = depths * inputRows * inputPlaces + shape.taps;
  double loads = read / sums * share * (read * shape.channels * 4 <= firstCache ? table.near : table.far);
  int64_t width = shape.places * shape.stridePlaces + shape.windowPlaces;
  if (depths * inputRows * width * shape.channels * 4 > halfSecondCache)
    loads += table.reread * inputRows / rows * shape.stridePlaces;
  double products = shape.taps * table.product * (1 + table.moreSums * std::max(0.0, sums - fewSums)) *
                    share * std::max(1.0, table.latency / share / sums);
  double values = sums + inputPlaces + 1, registers = level.vectorRegisters;
  products *= 1 + table.spill * std::max(0.0, values / registers - 1);
  return std::max(products, loads) + table.overlap * std::min(products, loads) + table.epilogue;
}

double cpu::estimateDepthwise(const DepthwiseShape &shape, const DepthwiseTile &tile, const CpuLevel &level) {
  // As Depthwise.cpp splits them: blocks into tiles and single rows, a row into even tiles.
  int64_t full = shape.rows / tile.blockRows, rest = shape.rows % tile.blockRows;
  int64_t tiles = full * (tile.blockRows / tile.rows) + rest / tile.rows;
  int64_t singles = shape.rows - tiles * tile.rows;
  RowSplit split = RowSplit::get(shape.places, tile.places);
  double cycles = 0;
  for (Part row : {Part{tile.rows, tiles}, Part{1, singles}})
    for (Part place : {Part{split.rows + 1, split.longer}, Part{split.rows, split.tiles - split.longer}})
      if (row.count > 0 && place.count > 0 && place.size > 0)
        cycles += row.size * row.count * place.size * place.count *
                  tileCost(shape, row.size, place.size, tile.lanes, level);
  return cycles * llvm::divideCeil(shape.channels, tile.lanes);
}

DepthwiseTile cpu::chooseDepthwise(const DepthwiseShape &shape, const CpuLevel &level) {
  DepthwiseTile best{};
  double least = 0;
  for (int64_t lanes = 8; lanes <= level.f32Lanes; lanes += 8)
    for (int64_t rows = 1; rows <= (shape.sharesRows ? mostRows : 1); ++rows)
      for (int64_t places = 1; rows * places <= mostSums; ++places) {
        DepthwiseTile tile{rows, places, lanes, static_cast<int64_t>(llvm::alignTo(itemRows, rows))};
        double cost = estimateDepthwise(shape, tile, level);
        if (best.rows == 0 || cost < least)
          best = tile, least = cost;
      }
  return best;
}
