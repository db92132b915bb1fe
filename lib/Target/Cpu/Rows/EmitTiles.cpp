//===- EmitTiles.cpp - elementwise ops with transposed operands -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of RowEmitter for ops of which an operand is contiguous along another dim than the
// output. Blocks of lanes x lanes elements are read along the operand's dim, transposed in
// registers and written along the output's.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Rows/RowEmitter.h"
#include "lib/Target/Cpu/Vector/TransposeTile.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

/// One block: rows [row, row + lanes) of the tile dim, columns [column, column + lanes) of the
/// vectorized dim. With `partial`, only the first `rowCount` and `columnCount` of them.
struct RowEmitter::Square {
  Value row, column;
  bool partial = false;
  Value rowCount = {}, columnCount = {};
};

bool RowEmitter::isTransposed(unsigned operand) const {
  std::optional<int64_t> stride = nest.staticStride(nest.operands[operand], plan.dim);
  return stride != 0 && stride != 1;
}

/// The operand's part of the tile as vectors along the vectorized dim.
SmallVector<Value> RowEmitter::loadTransposed(OpBuilder &builder, unsigned index,
                                              const Offsets &offsets, const Square &tile) {
  const NestOperand &operand = nest.operands[index];
  Value mask;
  if (tile.partial)
    mask = vector::CreateMaskOp::create(
        builder, loc, VectorType::get({plan.lanes}, builder.getI1Type()), tile.rowCount);
  SmallVector<Value> columns;
  Value last;
  if (tile.partial)
    last = arith::SubIOp::create(builder, loc, tile.columnCount, constant(builder, 1));
  for (int64_t c = 0; c < plan.lanes; ++c) {
    Value step = constant(builder, c);
    if (tile.partial) // columns past the end repeat the last one
      step = arith::MinUIOp::create(builder, loc, step, last);
    OpFoldResult column = addIndex(builder, loc, tile.column, step);
    OpFoldResult offset = addIndex(builder, loc, offsets[index], tile.row);
    offset =
        addIndex(builder, loc, offset, mulIndex(builder, loc, column, operand.strides[plan.dim]));
    columns.push_back(emitLoad(builder, loc,
                               {operand.flat, indexValue(builder, loc, offset),
                                builder.getIndexAttr(1), plan.lanes, mask})
                          .value);
  }
  return transposeTile(builder, loc, columns);
}

void RowEmitter::emitTile(OpBuilder &builder, const Offsets &offsets, const Square &tile) {
  unsigned rowDim = *plan.tileDim;
  SmallVector<SmallVector<Value>> transposed(op.arguments.size());
  for (auto [i, index] : llvm::enumerate(op.arguments))
    if (index >= 0 && isTransposed(index) && !op.body->getArgument(i).use_empty())
      transposed[i] = loadTransposed(builder, index, offsets, tile);
  auto maskType = VectorType::get({plan.lanes}, builder.getI1Type());
  for (int64_t r = 0; r < plan.lanes; ++r) {
    Value row = constant(builder, r), mask;
    if (tile.partial) { // rows past the end are the last one with no lane
      Value inside =
          arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, row, tile.rowCount);
      Value count =
          arith::SelectOp::create(builder, loc, inside, tile.columnCount, constant(builder, 0));
      mask = vector::CreateMaskOp::create(builder, loc, maskType, count);
      Value last = arith::SubIOp::create(builder, loc, tile.rowCount, constant(builder, 1));
      row = arith::MinUIOp::create(builder, loc, row, last);
    }
    Value position = indexValue(builder, loc, addIndex(builder, loc, tile.row, row));
    Offsets here = advance(builder, offsets, rowDim, position);
    SmallVector<LaneValue> fixed(op.arguments.size());
    for (unsigned i = 0; i < fixed.size(); ++i)
      if (!transposed[i].empty())
        fixed[i] = LaneValue::vector(transposed[i][r]);
    SmallVector<Value> results = emitBody(builder, here, tile.column, mask, {}, fixed);
    for (auto [k, value] : llvm::enumerate(results))
      emitStore(builder, loc, access(builder, outputIndex(k), here, tile.column, mask), value);
  }
}

void RowEmitter::emitTiles(OpBuilder &builder) {
  unsigned rowDim = *plan.tileDim;
  OpFoldResult rows = nest.dims[rowDim].size, columns = nest.dims[plan.dim].size;
  SmallVector<unsigned> others;
  for (unsigned dim : outer)
    if (dim != rowDim)
      others.push_back(dim);
  SmallVector<OpFoldResult> sizes =
      llvm::map_to_vector(others, [&](unsigned dim) { return nest.dims[dim].size; });
  sizes.push_back(ceilDivIndex(builder, loc, rows, plan.lanes));
  OpFoldResult cost =
      costOf(builder, {}, mulIndex(builder, loc, columns, builder.getIndexAttr(plan.lanes)));
  Offsets start(nest.operands.size(), constant(builder, 0));
  emitItems(builder, loc, sizes, cost, [&](OpBuilder &b, ValueRange at) {
    Offsets offsets = advance(b, start, others, at.drop_back());
    Value lanes = constant(b, plan.lanes);
    Value row = indexValue(b, loc, mulIndex(b, loc, at.back(), b.getIndexAttr(plan.lanes)));
    Value rowsLeft = arith::SubIOp::create(b, loc, indexValue(b, loc, rows), row);
    Value size = indexValue(b, loc, columns);
    // Whole tiles up to `whole`, which is 0 where rows are missing.
    Value tail = arith::RemUIOp::create(b, loc, size, lanes);
    Value fullRows = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::uge, rowsLeft, lanes);
    Value whole = arith::SelectOp::create(
        b, loc, fullRows, Value(arith::SubIOp::create(b, loc, size, tail)), constant(b, 0));
    scf::ForOp::create(b, loc, constant(b, 0), whole, lanes, ValueRange(),
                       [&](OpBuilder &inner, Location, Value column, ValueRange) {
                         emitTile(inner, offsets, {row, column});
                         scf::YieldOp::create(inner, loc);
                       });
    Value rowCount = arith::MinUIOp::create(b, loc, rowsLeft, lanes);
    scf::ForOp::create(b, loc, whole, size, lanes, ValueRange(),
                       [&](OpBuilder &inner, Location, Value column, ValueRange) {
                         Value left = arith::SubIOp::create(inner, loc, size, column);
                         Value count = arith::MinUIOp::create(inner, loc, left, lanes);
                         emitTile(inner, offsets, {row, column, true, rowCount, count});
                         scf::YieldOp::create(inner, loc);
                       });
  });
}
