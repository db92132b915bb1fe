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
#include "lib/Target/Cpu/Kernels/DepthwiseCost.h"
#include "lib/Target/Cpu/CoreModel.h"
#include "lib/Target/Cpu/Kernels/RowTiles.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <array>
#include <set>

using namespace llvm;
using namespace optc;
using namespace optc::cpu;

namespace {

/// Cycles of Zen 4, of vectors of 16 lanes; 8 lanes take half of it where that is said, as the 4
/// lanes of the usual aarch64 do, which starts two instructions a cycle, too. Fitted to
/// test/bench/variants.py's times of the models' convolutions on x86-64.
struct CostTable {
  int64_t elementBytes = 4;
  /// Per tap and result; a multiply-add's latency in multiply-adds that are started meanwhile.
  double product = 1.05, latency = 4;
  /// A shuffle that puts pairs beside each other.
  double join = 0;
  /// Loads from the first- and the second-level cache. Of products and loads one takes the time,
  /// and the other this share of its own.
  double near = 0.6, far = 2, overlap = 0.3;
  /// Per image row read again and result, where all the rows are more than half of the second-level
  /// cache.
  double reread = 2;
  /// The epilogue, of any number of lanes.
  double epilogue = 3;
  /// What each sum of a tile beyond `fewSums` adds to the products, and twice as many values as
  /// registers.
  double moreSums = 0.02, spill = 1;
};
constexpr CostTable singles;
constexpr CostTable pairTable() {
  CostTable table;
  table.elementBytes = 2;
  table.product = 1, table.latency = 6, table.join = 0.4;
  // Half vectors are broadcast on their way to a shuffle, which takes as long from near and far.
  table.near = table.far = 1.05, table.overlap = 0.35, table.reread = 0.45;
  table.epilogue = 7.3, table.moreSums = 0.015;
  return table;
}
constexpr CostTable pairs = pairTable();
constexpr int64_t fewSums = 6, mostSums = 12, mostRows = 4;
/// Image rows of an item, if the tile's rows divide it: some microseconds of work.
constexpr int64_t itemRows = 8;

/// Results, `count` of them one after the other in parts.
struct Part {
  int64_t size, count;
};

} // namespace

SmallVector<TapStep> cpu::getTapSteps(const DepthwiseShape &shape) {
  SmallVector<TapStep> steps;
  if (!shape.isPaired) {
    for (int64_t tap = 0; tap < shape.taps; ++tap)
      steps.push_back({tap, {}});
    return steps;
  }
  int64_t width = shape.windowPlaces, height = shape.windowRows;
  for (int64_t depth = 0; depth < shape.taps; depth += width * height) {
    int64_t row = 0;
    for (; row + 1 < height; row += 2)
      for (int64_t tap = depth + row * width; tap < depth + (row + 1) * width; ++tap)
        steps.push_back({tap, tap + width});
    if (row < height)
      for (int64_t x = 0; x < width; x += 2) {
        int64_t tap = depth + row * width + x;
        steps.push_back({tap, x + 1 < width ? std::optional(tap + 1) : std::nullopt});
      }
  }
  return steps;
}

/// Shuffles that put the elements and the weights of a tile's pairs beside each other.
static int64_t countJoins(const DepthwiseShape &shape, int64_t rows, int64_t places) {
  std::set<std::array<int64_t, 3>> elements;
  SmallVector<TapStep> steps = getTapSteps(shape);
  for (TapStep step : steps)
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t place = 0; place < places; ++place)
        elements.insert({step.first / shape.windowPlaces + row,
                         step.first % shape.windowPlaces + place * shape.stridePlaces,
                         step.second ? *step.second - step.first : 0});
  return elements.size() + steps.size();
}

/// Per result and vector.
static double tileCost(const DepthwiseShape &shape, int64_t rows, int64_t places, int64_t lanes,
                       const CpuLevel &level) {
  const CostTable &table = shape.isPaired ? pairs : singles;
  double sums = rows * places, share = lanes < 16 ? 0.5 : 1;
  int64_t perDepth = shape.windowRows * shape.windowPlaces;
  int64_t depths = shape.taps / perDepth;
  int64_t inputRows = shape.windowRows + (rows - 1) * shape.strideRows;
  bool overlaps = shape.stridePlaces < shape.windowPlaces;
  int64_t inputPlaces = overlaps ? (places - 1) * shape.stridePlaces + shape.windowPlaces
                                 : places * shape.windowPlaces;
  double read = depths * inputRows * inputPlaces + shape.taps;
  double loads =
      read / sums * share *
      (read * shape.channels * table.elementBytes <= core::firstCache ? table.near : table.far);
  int64_t width = shape.places * shape.stridePlaces + shape.windowPlaces;
  if (depths * inputRows * width * shape.channels * table.elementBytes > core::secondCache / 2)
    loads += table.reread * inputRows / rows * shape.stridePlaces;
  double products = getTapSteps(shape).size() * table.product *
                    (1 + table.moreSums * std::max(0.0, sums - fewSums));
  if (shape.isPaired)
    products += table.join * countJoins(shape, rows, places) / sums;
  products *= share * std::max(1.0, table.latency / share / sums);
  double values = sums + inputPlaces + 1, registers = level.vectorRegisters;
  products *= 1 + table.spill * std::max(0.0, values / registers - 1);
  return std::max(products, loads) + table.overlap * std::min(products, loads) + table.epilogue;
}

double cpu::estimateDepthwise(const DepthwiseShape &shape, const DepthwiseTile &tile,
                              const CpuLevel &level) {
  // As Depthwise.cpp splits them: blocks into tiles and single rows, a row into even tiles.
  int64_t full = shape.rows / tile.blockRows, rest = shape.rows % tile.blockRows;
  int64_t tiles = full * (tile.blockRows / tile.rows) + rest / tile.rows;
  int64_t singles = shape.rows - tiles * tile.rows;
  RowSplit split = RowSplit::get(shape.places, tile.places);
  double cycles = 0;
  for (Part row : {Part{tile.rows, tiles}, Part{1, singles}})
    for (Part place :
         {Part{split.rows + 1, split.longer}, Part{split.rows, split.tiles - split.longer}})
      if (row.count > 0 && place.count > 0 && place.size > 0)
        cycles += row.size * row.count * place.size * place.count *
                  tileCost(shape, row.size, place.size, tile.lanes, level);
  return cycles * llvm::divideCeil(shape.channels, tile.lanes);
}

DepthwiseTile cpu::chooseDepthwise(const DepthwiseShape &shape, const CpuLevel &level) {
  DepthwiseTile best{};
  double least = 0;
  for (int64_t lanes = std::min(8u, level.f32Lanes()); lanes <= level.f32Lanes(); lanes *= 2)
    for (int64_t rows = 1; rows <= (shape.sharesRows ? mostRows : 1); ++rows)
      for (int64_t places = 1; rows * places <= mostSums; ++places) {
        DepthwiseTile tile{rows, places, lanes,
                           static_cast<int64_t>(llvm::alignTo(itemRows, rows))};
        double cost = estimateDepthwise(shape, tile, level);
        if (best.rows == 0 || cost < least)
          best = tile, least = cost;
      }
  return best;
}
