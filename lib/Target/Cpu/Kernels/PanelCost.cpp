//===- PanelCost.cpp - which panels suit a matrix -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See PanelCost.h. A panel is computed in register tiles of up to four vectors side by side
// (lib/Target/Cpu/Kernels/Columns.h). Wide panels read each element of a row seldom; narrow ones
// have small tiles, whose epilogue runs beside the products of the next tile; panels of 8 mod 16
// columns run on half vectors, whose epilogue costs as much as that of whole ones.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/PanelCost.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

namespace {

/// Cycles of Zen 4 with vectors of 16 lanes. Fitted to test/bench/variants.py's times of the
/// models' matmuls and convolutions with cold weights; its README says how often that picks the
/// best.
struct CostTable {
  /// Per vector of results: its epilogue, and what of it is not hidden where a tile has more sums
  /// than `hidden`.
  double epilogue, exposed;
  /// Per tile.
  double tile;
  /// Loads: per vector of the weight and tile, per element of the row and group of vectors. One
  /// vector of f32 products reads its element in the same instruction; pairs are broadcast by
  /// another.
  double weightLoad, rowLoad;
};
constexpr CostTable floats = {4, 8, 20, 0.05, 0.06};
constexpr CostTable narrow = {1, 0, 10, 0.2, 0.2};
constexpr int64_t hidden = 14;
/// Estimates that differ less are equal.
constexpr double aboutEqual = 1.005;

/// Vector registers, and rows of a tile beyond which nothing is gained.
constexpr int64_t registers = 32, enoughRows = 14;
constexpr int64_t align = 8, lanes = 16, mostColumns = 64;

} // namespace

/// Tiles of `vectors` side by side, whole or half ones.
static double groupCost(const PanelMatrix &matrix, int64_t vectors, bool isHalf) {
  const CostTable &table = matrix.together > 1 ? narrow : floats;
  int64_t steps = matrix.depth / matrix.together;
  int64_t rows = std::clamp<int64_t>((registers - 2 - vectors) / vectors, 1, enoughRows);
  double products = steps * vectors * (isHalf ? 0.5 : 1.0);
  double sums = rows * vectors, beyond = std::max(0.0, sums - hidden) / sums;
  return products + vectors * (table.epilogue + beyond * table.exposed) +
         (table.tile + products * table.weightLoad) / rows + steps * table.rowLoad;
}

static double panelCost(const PanelMatrix &matrix, int64_t width) {
  bool isHalf = width % lanes != 0;
  int64_t vectors = width / (isHalf ? align : lanes);
  int64_t most = !isHalf ? 4 : vectors == 7 ? 7 : 5;
  double cost = 0;
  if (vectors >= most)
    cost += vectors / most * groupCost(matrix, most, isHalf);
  if (vectors % most != 0)
    cost += groupCost(matrix, vectors % most, isHalf);
  return cost;
}

double cpu::estimatePanels(const PanelMatrix &matrix, int64_t width) {
  int64_t stored = llvm::alignTo(matrix.columns, align);
  return stored / width * panelCost(matrix, width) + panelCost(matrix, stored % width);
}

int64_t cpu::choosePanelWidth(const PanelMatrix &matrix) {
  int64_t stored = llvm::alignTo(std::max<int64_t>(matrix.columns, 1), align);
  int64_t widest = std::min(mostColumns, stored);
  double least = estimatePanels(matrix, widest);
  for (int64_t width = align; width < widest; width += align)
    least = std::min(least, estimatePanels(matrix, width));
  int64_t best = 0;
  for (int64_t width = widest; width > 0; width -= align) {
    double cost = estimatePanels(matrix, width);
    if (cost <= least * aboutEqual && stored % width == 0)
      return width;
    if (best == 0 && cost == least)
      best = width;
  }
  return best;
}

kernel::PanelsAttr cpu::choosePanels(MLIRContext *context, int64_t columns, int64_t depth,
                                     int64_t interleave) {
  return kernel::PanelsAttr::get(context, choosePanelWidth({columns, depth, interleave}), align,
                                 interleave);
}

int64_t cpu::getInterleave(Type data, Type weight) {
  if (data.isF32() && (weight.isF32() || weight.isF16() || weight.isBF16()))
    return 1;
  if (data != weight)
    return 0;
  return data.isBF16() ? 2 : data.isInteger(8) ? 4 : 0;
}

bool cpu::isConstantWeight(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape() && type.getNumElements() > 0 &&
         matchPattern(value, m_Constant());
}
