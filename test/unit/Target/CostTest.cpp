//===- CostTest.cpp - choices of kernel variants --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the cost tables choose for layers whose best variant was measured with
// test/bench/variants.py, and what holds for choices of any layer.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/Columns.h"
#include "lib/Target/Cpu/Kernels/DepthwiseCost.h"
#include "lib/Target/Cpu/Kernels/PanelCost.h"
#include "lib/Target/Cpu/Kernels/WinogradCost.h"
#include "gtest/gtest.h"

using namespace optc;
using namespace optc::cpu;
using cpu::PanelMatrix;

TEST(PanelCost, deepSumsTakeWidePanels) {
  EXPECT_EQ(cpu::choosePanelWidth({1536, 576}), 64);
  EXPECT_EQ(cpu::choosePanelWidth({1024, 256}), 64);
  EXPECT_EQ(cpu::choosePanelWidth({96, 384}), 48);
}

// Their epilogues run beside the next tile's products.
TEST(PanelCost, shallowSumsTakeNarrowPanels) {
  EXPECT_EQ(cpu::choosePanelWidth({32, 8}), 16);
  EXPECT_EQ(cpu::choosePanelWidth({96, 12}), 16);
  EXPECT_EQ(cpu::choosePanelWidth({128, 32}), 16);
}

// 40 columns would run on half vectors, in f32 as in bf16.
TEST(PanelCost, columnsThatFortyDivides) {
  EXPECT_NE(cpu::choosePanelWidth({120, 60}), 40);
  EXPECT_NE(cpu::choosePanelWidth({360, 120}), 40);
  EXPECT_NE(cpu::choosePanelWidth({120, 480, true}), 40);
}

// 64 columns would leave 32.
TEST(PanelCost, aboutEqualWidthsThatDivide) { EXPECT_EQ(cpu::choosePanelWidth({480, 480}), 48); }

// Pairs are broadcast by an instruction of their own: one vector side by side would wait for it.
TEST(PanelCost, pairsTakeWidePanels) {
  EXPECT_EQ(cpu::choosePanelWidth({192, 96, 2}), 64);
  EXPECT_EQ(cpu::choosePanelWidth({32, 16, 2}), 32);
}

TEST(PanelCost, anyMatrixHasPanels) {
  for (int64_t columns : {0, 1, 7, 8, 9, 63, 64, 65, 101, 6625})
    for (int64_t depth : {0, 1, 2, 3, 1000000})
      for (int64_t together : {1, 2, 4}) {
        PanelMatrix matrix{columns, depth, together};
        int64_t width = cpu::choosePanelWidth(matrix);
        EXPECT_TRUE(width >= 8 && width <= 64 && width % 8 == 0) << columns << " x " << depth;
        for (int64_t other = 8; other <= 64; other += 8)
          if (other <= (columns + 7) / 8 * 8)
            EXPECT_LE(estimatePanels(matrix, width), 1.01 * estimatePanels(matrix, other));
      }
}

static DepthwiseShape square(int64_t window, int64_t stride, int64_t rows, int64_t places,
                             int64_t channels) {
  return {window, window, window * window, stride, stride, rows, places, channels, stride == 1};
}

// Rows are read again for each row of tiles: with many channels they come from afar.
TEST(DepthwiseCost, manyChannelsTakeTilesOfSeveralRows) {
  const CpuLevel &level = *findCodeLevel("x86-64-v4");
  DepthwiseTile tile = chooseDepthwise(square(5, 1, 6, 80, 480), level);
  EXPECT_GE(tile.rows, 2);
  EXPECT_GE(tile.rows * tile.places, 8);
  EXPECT_EQ(tile.blockRows % tile.rows, 0);
}

// 25 half vectors are more instructions than 13 whole ones.
TEST(DepthwiseCost, halfVectorsOnlyWhereTheyDivideFewChannels) {
  const CpuLevel &level = *findCodeLevel("x86-64-v4");
  EXPECT_EQ(chooseDepthwise(square(5, 1, 2, 96, 200), level).lanes, 16);
  EXPECT_EQ(chooseDepthwise(square(5, 1, 3, 96, 40), level).lanes, 8);
  EXPECT_EQ(chooseDepthwise(square(3, 1, 12, 96, 8), level).lanes, 8);
}

// Every tap is in one step, alone or with the one below or beside it.
TEST(DepthwiseCost, stepsCoverAllTapsOnce) {
  for (DepthwiseShape shape :
       {square(1, 1, 8, 8, 16), square(5, 1, 8, 8, 16), square(6, 1, 8, 8, 16),
        DepthwiseShape{3, 4, 24, 1, 1, 8, 8, 16, true}})
    for (bool isPaired : {false, true}) {
      shape.isPaired = isPaired;
      std::vector<int64_t> taps;
      for (TapStep step : getTapSteps(shape)) {
        taps.push_back(step.first);
        if (!step.second)
          continue;
        EXPECT_TRUE(*step.second == step.first + 1 ||
                    *step.second == step.first + shape.windowPlaces);
        taps.push_back(*step.second);
      }
      std::sort(taps.begin(), taps.end());
      ASSERT_EQ(int64_t(taps.size()), shape.taps);
      for (int64_t i = 0; i < shape.taps; ++i)
        EXPECT_EQ(taps[i], i);
    }
  DepthwiseShape pairs = square(5, 1, 8, 8, 16);
  pairs.isPaired = true;
  EXPECT_EQ(getTapSteps(pairs).size(), 13u);
}

// Pairs are put together once for all the places that read them: many places share, in tiles that
// multiply for as long as one result takes.
TEST(DepthwiseCost, pairsTakeLargeTiles) {
  const CpuLevel &level = *findCodeLevel("x86-64-v4-bf16");
  DepthwiseShape shape = square(5, 1, 12, 80, 240);
  shape.isPaired = true;
  DepthwiseTile tile = chooseDepthwise(shape, level);
  EXPECT_GE(tile.rows * tile.places, 10);
  EXPECT_EQ(tile.lanes, 16);
}

TEST(DepthwiseCost, rowsApartShareNothing) {
  for (const CpuLevel *level : codeLevels())
    EXPECT_EQ(chooseDepthwise(square(3, 2, 40, 40, 96), *level).rows, 1);
}

TEST(DepthwiseCost, anyShapeHasATile) {
  for (const CpuLevel *level : codeLevels())
    for (int64_t size : {0, 1, 2, 13, 1000})
      for (int64_t channels : {1, 3, 8, 100, 4096}) {
        DepthwiseTile tile = chooseDepthwise(square(3, 1, size, size, channels), *level);
        EXPECT_GE(tile.rows, 1);
        EXPECT_GE(tile.places, 1);
        EXPECT_LE(tile.lanes, level->f32Lanes());
      }
}

// Vectors start where the ones before end, and a tile's sums, its part of a panel's row and a
// broadcast number fit the registers. There are enough sums that no product waits for the one
// before.
TEST(Columns, tilesCoverAllAndFitTheRegisters) {
  constexpr int64_t enoughSums = 10;
  for (const CpuLevel *level : codeLevels())
    for (int64_t width = 8; width <= 128; width += 8) {
      int64_t column = 0;
      for (const ColumnGroup &group : coverColumns(width, *level)) {
        EXPECT_EQ(group.offset, column);
        EXPECT_LE(group.lanes, level->f32Lanes());
        column = group.end();
        int64_t vectors = group.vectors, rows = group.maxRows(*level);
        EXPECT_LE(rows * vectors + vectors + 1, level->vectorRegisters) << level->name << width;
        EXPECT_GE(rows * vectors, enoughSums) << level->name << " " << width;
        int64_t apart = group.maxRows(*level, /*splitsPairs=*/true);
        EXPECT_LE(apart, rows);
        EXPECT_LE(apart * vectors + vectors + 1, level->vectorRegisters);
      }
      EXPECT_EQ(column, width) << level->name;
    }
}

TEST(Columns, panelsOfAarch64AreTilesOfFourVectors) {
  llvm::SmallVector<ColumnGroup> groups = coverColumns(64, *findCodeLevel("aarch64"));
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].count, 4);
  EXPECT_EQ(groups[0].vectors, 4);
  EXPECT_EQ(groups[0].maxRows(*findCodeLevel("aarch64")), 6);
}

TEST(WinogradCost, largeImagesTakeTilesOfFour) {
  EXPECT_EQ(chooseWinograd({1, 56, 56, 64, 64}).form.tile, 4);
  EXPECT_EQ(chooseWinograd({1, 1, 1, 64, 64}).form.tile, 0);
}
