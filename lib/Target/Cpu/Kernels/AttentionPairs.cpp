//===- AttentionPairs.cpp - what attention multiplies, in pairs of bf16 -----===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where the op allows to round and the CPU multiplies pairs of bf16, the operands of both
// products are rounded on their way into scratch memory, which keys take anyway: queries once
// for all keys, values once per block, two neighbouring keys side by side.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/AttentionTile.h"
#include "lib/Target/Cpu/Vector/VectorLoop.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;
using kernel::AttentionOp;

Value AttentionTile::rounded(OpBuilder &b, Value value) {
  auto type = cast<VectorType>(value.getType());
  return arith::TruncFOp::create(b, loc, type.clone(b.getBF16Type()), value);
}

void AttentionTile::emitQueries(OpBuilder &b) {
  queries = allocate(b, rows.most * headSize, b.getBF16Type());
  emitLoops(b, loc, {rows.count}, {}, [&](OpBuilder &in, ValueRange row, ValueRange) {
    OpFoldResult from = rowBase(in, 0, row[0]), to = mul(in, row[0], attr(in, headSize));
    OpFoldResult step1 = stride(0, AttentionOp::Inner);
    VectorLoop loop{attr(in, 0), attr(in, headSize), lanes, 1, {}, {}, nullptr};
    emitVectorLoop(in, loc, loop, [&](OpBuilder &at, const VectorStep &step) {
      Value position = step.positions.front();
      OpFoldResult source = add(at, from, mul(at, position, step1)), target = add(at, to, position);
      LaneValue query = emitLoad(
          at, loc, {nest.operands[0].flat, indexValue(at, loc, source), step1, lanes, step.mask});
      emitStore(at, loc, {queries, indexValue(at, loc, target), attr(at, 1), lanes, step.mask},
                rounded(at, toVector(at, loc, query, lanes)));
      return SmallVector<Value>();
    });
    return SmallVector<Value>();
  });
}

/// The values of keys `first` and `first` + 1 of the block; zeros for the second if it is not
/// there.
void AttentionTile::emitValuePair(OpBuilder &b, const KeyBlock &keys, OpFoldResult first,
                                  bool isWhole) {
  OpFoldResult keyStride = stride(2, AttentionOp::Key), step1 = stride(2, AttentionOp::Outer);
  OpFoldResult from = add(b, bases[2], mul(b, add(b, keys.first, first), keyStride));
  OpFoldResult to = mul(b, first, attr(b, pairedWidth()));
  VectorLoop loop{attr(b, 0), attr(b, valueSize), lanes, 1, {}, {}, nullptr};
  emitVectorLoop(b, loc, loop, [&](OpBuilder &at, const VectorStep &step) {
    OpFoldResult source = add(at, from, mul(at, step.positions.front(), step1));
    auto row = [&](OpFoldResult base) {
      LaneAccess access{nest.operands[2].flat, indexValue(at, loc, base), step1, lanes, step.mask};
      return rounded(at, toVector(at, loc, emitLoad(at, loc, access), lanes));
    };
    Value even = row(source);
    Value odd = isWhole ? row(add(at, source, keyStride)) : rounded(at, constant(at, 0, lanes));
    Value pair = vector::InterleaveOp::create(at, loc, even, odd);
    OpFoldResult target = add(at, to, mul(at, step.positions.front(), attr(at, 2)));
    // Columns that are not there have memory.
    emitStore(at, loc, {pairedValues, indexValue(at, loc, target), attr(at, 1), 2 * lanes, Value()},
              pair);
    return SmallVector<Value>();
  });
}

void AttentionTile::emitPairedValues(OpBuilder &b, const KeyBlock &keys) {
  std::optional<int64_t> known = getConstantIntValue(keys.count);
  Value count = indexValue(b, loc, keys.count), two = indexValue(b, loc, attr(b, 2));
  OpFoldResult whole =
      known ? attr(b, *known / 2) : arith::DivUIOp::create(b, loc, count, two).getResult();
  emitLoops(b, loc, {whole}, {}, [&](OpBuilder &in, ValueRange at, ValueRange) {
    emitValuePair(in, keys, mul(in, at[0], attr(in, 2)), true);
    return SmallVector<Value>();
  });
  OpFoldResult last = mul(b, whole, attr(b, 2));
  if (known) {
    if (*known % 2)
      emitValuePair(b, keys, last, false);
    return;
  }
  Value isOdd =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, indexValue(b, loc, last), count);
  auto branch = scf::IfOp::create(b, loc, isOdd, /*withElseRegion=*/false);
  OpBuilder inner = branch.getThenBodyBuilder();
  emitValuePair(inner, keys, last, false);
}
