//===- Columns.h - how columns become vectors -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Splits the columns of a result into panels, and panels into groups of vectors that one
// register tile covers.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_COLUMNS_H
#define OPTC_TARGET_CPU_KERNELS_COLUMNS_H

#include "lib/Target/Host/CpuLevel.h"
#include "llvm/ADT/SmallVector.h"

namespace optc::cpu {

/// `count` neighbouring groups of columns, each `vectors` registers of `lanes` wide, the
/// first at column `offset` of the panel.
struct ColumnGroup {
  int64_t offset = 0;
  int64_t count = 1;
  int64_t vectors = 1;
  int64_t lanes = 8;

  int64_t width() const { return vectors * lanes; }
  int64_t end() const { return offset + count * width(); }
  /// Rows of the register tile: the accumulators, one row of rhs and one broadcast value
  /// must fit the registers. Where pairs are split because nothing multiplies them, there are two
  /// rows of rhs.
  int64_t maxRows(const CpuLevel &level, bool splitsPairs = false) const;
};

/// How `width` columns (a multiple of 8) are covered, widest register tiles first.
llvm::SmallVector<ColumnGroup> coverColumns(int64_t width, const CpuLevel &level);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_COLUMNS_H
