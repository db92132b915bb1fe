//===- TransposeTile.cpp - square blocks transposed in registers ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See TransposeTile.h. Two phases, by the 128-bit lanes that x86 shuffles work in.
//
// Example, 4x4 of 64 bits (two elements per 128-bit lane), rows a b c d:
//   in lanes  a0 b0 a2 b2 | a1 b1 a3 b3 | c0 d0 c2 d2 | c1 d1 c3 d3     (unpack low, high)
//   lanes     a0 b0 c0 d0 | a1 b1 c1 d1 | a2 b2 c2 d2 | a3 b3 c3 d3     (exchange of lanes)
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Vector/TransposeTile.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc;

/// Interleaves the low (or high) halves of every group of `group` elements of a and b.
static Value unpack(OpBuilder &builder, Location loc, Value a, Value b, int64_t group, bool high) {
  int64_t size = cast<VectorType>(a.getType()).getNumElements();
  SmallVector<int64_t> mask;
  for (int64_t base = 0; base < size; base += group)
    for (int64_t i = 0; i < group / 2; ++i) {
      int64_t from = base + i + (high ? group / 2 : 0);
      mask.append({from, size + from});
    }
  return vector::ShuffleOp::create(builder, loc, a, b, mask);
}

/// Transposes within each group of `group` rows and columns; rows are in groups.
static void transposeInGroups(OpBuilder &builder, Location loc, SmallVectorImpl<Value> &rows,
                              int64_t group) {
  for (int64_t width = group; width > 1; width /= 2)
    for (size_t base = 0; base < rows.size(); base += group) {
      SmallVector<Value> next;
      for (int64_t k = 0; k < group / 2; ++k)
        for (bool high : {false, true})
          next.push_back(
              unpack(builder, loc, rows[base + k], rows[base + k + group / 2], group, high));
      std::copy(next.begin(), next.end(), rows.begin() + base);
    }
}

/// Transposes the square of groups, whose elements stay together.
static void exchangeGroups(OpBuilder &builder, Location loc, SmallVectorImpl<Value> &rows,
                           int64_t group) {
  int64_t size = rows.size(), groups = size / group;
  for (int64_t distance = 1; distance < groups; distance *= 2)
    for (int64_t g = 0; g < groups; ++g) {
      if (g & distance)
        continue;
      SmallVector<int64_t> low, high;
      for (int64_t lane = 0; lane < groups; ++lane)
        for (int64_t i = 0; i < group; ++i) {
          bool fromSecond = lane & distance;
          low.push_back(fromSecond ? size + (lane - distance) * group + i : lane * group + i);
          high.push_back(fromSecond ? size + lane * group + i : (lane + distance) * group + i);
        }
      for (int64_t c = 0; c < group; ++c) {
        Value a = rows[g * group + c], b = rows[(g + distance) * group + c];
        rows[g * group + c] = vector::ShuffleOp::create(builder, loc, a, b, low);
        rows[(g + distance) * group + c] = vector::ShuffleOp::create(builder, loc, a, b, high);
      }
    }
}

SmallVector<Value> cpu::transposeTile(OpBuilder &builder, Location loc, ArrayRef<Value> rows) {
  int64_t size = rows.size();
  Type element = cast<VectorType>(rows.front().getType()).getElementType();
  int64_t group = std::min<int64_t>(size, 128 / std::max(8u, element.getIntOrFloatBitWidth()));
  SmallVector<Value> result(rows);
  transposeInGroups(builder, loc, result, group);
  exchangeGroups(builder, loc, result, group);
  return result;
}
