//===- AttentionTile.h - some queries against all keys ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Attention without a matrix of scores. The keys come in blocks; between blocks a row keeps
// the largest score m so far, the sum l of exp(score - m) and the sum a of exp(score - m) *
// value. A block with the largest score m' turns them into
//
//   m'' = max(m, m')    f = exp(m - m'')
//   l = l * f + sum exp(score - m'')        a = a * f + sum exp(score - m'') * value
//
// and in the end a / l is the result. Example: scores 1, 3 and values 10, 20 in blocks of
// one. First m = 1, l = 1, a = 10; then m = 3, f = e^-2, l = e^-2 + 1, a = 10 e^-2 + 20,
// so a / l = (10 e^1 + 20 e^3) / (e^1 + e^3).
//
// exp(x) is computed as 2^(x * log2 e), which takes fewer instructions: x is never positive, so
// that the rounding of the product changes a weight by no more than that of 1 does. Scores
// themselves are not scaled, for masks put the lowest number in their place.
//
// The scores of a block are a contraction of register tiles, whose epilogue is the op's
// region; so is a, whose epilogue applies f. Both may multiply pairs of bf16.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_ATTENTIONTILE_H
#define OPTC_TARGET_CPU_KERNELS_ATTENTIONTILE_H

#include "dialects/Kernel/Kernel.h"
#include "lib/Target/Cpu/Kernels/Columns.h"
#include "lib/Target/Cpu/Vector/LoopNest.h"

namespace optc::cpu {

struct RegisterTile;

/// The rows of one tile. They differ in one dim: the query or, where each head has a single
/// query, the head within its group.
struct QueryRows {
  unsigned dim;
  mlir::OpFoldResult first, count;
  /// The largest count, and all possible ones if they are known.
  int64_t most;
  llvm::SmallVector<int64_t> counts;
  /// Place of the first row's query among the keys.
  mlir::OpFoldResult place;
};

/// Keys [first, first + count); those from `end` on must not be read.
struct KeyBlock {
  mlir::OpFoldResult first, count, end;
};

class AttentionTile {
public:
  /// Keys of a block, a multiple of the columns of a panel.
  static int64_t blockKeys(const CpuLevel &level);
  /// Keys of a panel: register tiles are four vectors wide, or three where there are few registers.
  static int64_t panelKeys(const CpuLevel &level) { return level.vectorRegisters >= 32 ? 64 : 48; }

  /// `bases` is where batch, head and (if it is not the rows' dim) group start, per operand.
  AttentionTile(kernel::AttentionOp op, const CpuLevel &level, const LoopNest &nest,
                llvm::ArrayRef<mlir::OpFoldResult> bases, const QueryRows &rows);

  void begin(mlir::OpBuilder &builder);
  void addKeys(mlir::OpBuilder &builder, const KeyBlock &keys);
  void finish(mlir::OpBuilder &builder);

private:
  using OpFoldResult = mlir::OpFoldResult;
  using OpBuilder = mlir::OpBuilder;
  using Value = mlir::Value;

  OpFoldResult attr(OpBuilder &b, int64_t value) { return b.getIndexAttr(value); }
  OpFoldResult add(OpBuilder &b, OpFoldResult x, OpFoldResult y) { return addIndex(b, loc, x, y); }
  OpFoldResult mul(OpBuilder &b, OpFoldResult x, OpFoldResult y) { return mulIndex(b, loc, x, y); }
  OpFoldResult stride(unsigned operand, unsigned dim) {
    return nest.operands[operand].strides[dim];
  }
  /// Where row `row` of an operand starts, in its flat memory.
  OpFoldResult rowBase(OpBuilder &b, unsigned operand, OpFoldResult row);

  // Scores, by register tiles or, for few rows, by dot products.
  void emitPanels(OpBuilder &b, const KeyBlock &keys);
  void emitPanel(OpBuilder &b, const KeyBlock &keys, OpFoldResult column, OpFoldResult valid);
  void emitScoreRows(OpBuilder &b, const KeyBlock &keys, const ColumnGroup &group,
                     OpFoldResult column, RegisterTile tile);
  OpBuilder ifSeen(OpBuilder &b, const KeyBlock &keys, OpFoldResult last, OpFoldResult column);
  void emitDots(OpBuilder &b, const KeyBlock &keys);
  Value dotProducts(OpBuilder &b, const KeyBlock &keys, llvm::ArrayRef<Value> query, Value position,
                    Value mask);
  Value loadHead(OpBuilder &b, unsigned operand, OpFoldResult base, int64_t part);

  // Operands in pairs of bf16: [rows][headSize], [keys of a block / 2][pairedWidth][2].
  void emitQueries(OpBuilder &b);
  void emitPairedValues(OpBuilder &b, const KeyBlock &keys);
  void emitValuePair(OpBuilder &b, const KeyBlock &keys, OpFoldResult first, bool isWhole);
  Value rounded(OpBuilder &b, Value value);
  /// Whole vectors, and all the columns that valueWidth has.
  int64_t pairedWidth() const { return llvm::alignTo(valueWidth, lanes); }

  /// Where in the block the key is that lies `distance` behind the place of row `row`; an end of
  /// the block if it is outside.
  OpFoldResult placeInBlock(OpBuilder &b, const KeyBlock &keys, OpFoldResult row, int64_t distance);
  /// How many keys of the block some of the rows up to `row` may see, where that differs from
  /// row to row; else all.
  OpFoldResult seenKeys(OpBuilder &b, const KeyBlock &keys, OpFoldResult row);

  // Softmax.
  std::pair<OpFoldResult, OpFoldResult> rowRange(OpBuilder &b, const KeyBlock &keys, Value row);
  Value exponential(OpBuilder &b, Value x, bool isCoarse = false);
  Value larger(OpBuilder &b, Value x, Value y);
  Value joinPartials(OpBuilder &b, OpFoldResult first,
                     llvm::function_ref<Value(Value, Value)> combine);
  void emitMaxima(OpBuilder &b, const KeyBlock &keys);
  void emitFactors(OpBuilder &b);
  void emitExponentials(OpBuilder &b, const KeyBlock &keys);
  void fill(OpBuilder &b, Value memory, OpFoldResult from, OpFoldResult to, double value);

  void emitValues(OpBuilder &b, const KeyBlock &keys);

  Value allocate(OpBuilder &b, int64_t elements, mlir::Type element);
  Value constant(OpBuilder &b, double value, int64_t lanes);
  Value load(OpBuilder &b, Value memory, OpFoldResult at, int64_t lanes);
  void store(OpBuilder &b, Value value, Value memory, OpFoldResult at);

  kernel::AttentionOp op;
  const CpuLevel &level;
  const LoopNest &nest;
  mlir::Location loc;
  llvm::SmallVector<OpFoldResult> bases;
  QueryRows rows;
  int64_t lanes, headSize, valueSize, valueWidth, init;
  bool isPaired;
  /// [rows][keys of a block]; weights are what the scores become, in the same memory unless
  /// they are bf16.
  Value scores, weights;
  /// [rows][valueWidth], [rows][lanes], the others [rows].
  Value sums, partials, maxima, totals, shifts, factors;
  Value queries, pairedValues;
};

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_ATTENTIONTILE_H
