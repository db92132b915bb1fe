//===- Tile.cpp - one register tile ---------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Tile.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/Tile.h"
#include "lib/Target/Cpu/CoreModel.h"
#include "lib/Target/Cpu/Vector/VectorLoop.h"
#include "lib/Target/Cpu/Vector/VectorizeBody.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

namespace {

class TileEmitter {
public:
  TileEmitter(Location loc, const RegisterTile &tile, Type element)
      : loc(loc), tile(tile), type(VectorType::get({tile.lanes}, element)) {}

  void emit(OpBuilder &builder) {
    makeMasks(builder);
    storeTile(builder, tile.blocks ? sumBlocks(builder) : sumProducts(builder, {}, type));
  }

private:
  /// Of operands that are the same for all rows, their vectors; else nothing.
  using Fixed = SmallVector<SmallVector<LaneValue>>;

  OpFoldResult at(OpBuilder &builder, OpFoldResult base, OpFoldResult index, OpFoldResult stride) {
    return addIndex(builder, loc, base, mulIndex(builder, loc, index, stride));
  }

  /// Masks of the vectors that may not be whole.
  void makeMasks(OpBuilder &builder) {
    masks.resize(tile.vectors);
    if (!tile.validColumns)
      return;
    auto maskType = VectorType::get({tile.lanes}, builder.getI1Type());
    std::optional<int64_t> known = getConstantIntValue(tile.validColumns);
    for (int64_t j = 0; j < tile.vectors; ++j) {
      int64_t first = j * tile.lanes;
      if (known && *known >= first + tile.lanes)
        continue;
      if (known) {
        int64_t valid = std::max<int64_t>(0, *known - first);
        masks[j] = vector::ConstantMaskOp::create(builder, loc, maskType, ArrayRef(valid));
        continue;
      }
      OpFoldResult valid = addIndex(builder, loc, tile.validColumns, builder.getIndexAttr(-first));
      masks[j] =
          vector::CreateMaskOp::create(builder, loc, maskType, indexValue(builder, loc, valid));
    }
  }

  /// Once per cache line. Behind the end of rhs the address is one that nothing is read from, which
  /// is allowed: a prefetch is lowered without a promise that it lies in the buffer.
  void prefetchRhs(OpBuilder &builder, Value index, int64_t column) {
    if (tile.prefetchRhs == 0 || column % core::lineFloats != 0)
      return;
    OpFoldResult ahead = addIndex(builder, loc, index, builder.getIndexAttr(tile.prefetchRhs));
    memref::PrefetchOp::create(builder, loc, tile.rhs.flat, indexValue(builder, loc, ahead),
                               /*isWrite=*/false, /*localityHint=*/3, /*isDataCache=*/true);
  }

  Value loadRhs(OpBuilder &builder, OpFoldResult offset, int64_t j, unsigned pass) {
    int64_t column = j * tile.lanes;
    if (tile.rhsPanel > 0)
      column = column / tile.rhsPanel * tile.rhsPanelStride + column % tile.rhsPanel;
    OpFoldResult first = builder.getIndexAttr(column);
    Value index = indexValue(builder, loc, at(builder, offset, first, tile.rhs.columnStride));
    if (pass == 0)
      prefetchRhs(builder, index, j * tile.lanes);
    if (tile.product)
      return tile.product->load(builder, tile.rhs.flat, index, pass);
    LaneAccess access{tile.rhs.flat, index, tile.rhs.columnStride, tile.lanes,
                      tile.maskRhs ? masks[j] : Value()};
    return widened(builder, emitLoad(builder, loc, access).value);
  }

  /// Floats of a weight that is narrower than the data.
  Value widened(OpBuilder &builder, Value loaded) {
    if (loaded.getType() == type)
      return loaded;
    return arith::ExtFOp::create(builder, loc, type, loaded);
  }

  /// The hot loop, over the reductions but those whose positions are given. Returns the sums, row
  /// by row.
  SmallVector<Value> sumProducts(OpBuilder &builder, ValueRange outer, VectorType sumType) {
    Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(sumType));
    bool hasExcess = tile.product && tile.product->hasExcess();
    Value excess = hasExcess ? tile.product->getExcess(builder) : Value();
    SmallVector<Value> sums((tile.rows + hasExcess) * tile.vectors, zero);
    SmallVector<OpFoldResult> sizes;
    for (const TileReduction &reduction : ArrayRef(tile.reductions).drop_front(outer.size()))
      sizes.push_back(reduction.size);
    sums = emitLoops(builder, loc, sizes, sums,
                     [&](OpBuilder &b, ValueRange positions, ValueRange carried) {
                       SmallVector<Value> all(outer);
                       llvm::append_range(all, positions);
                       return multiplyAdd(b, all, carried, excess);
                     });
    // Behind the sums of the rows are those of the excess.
    while (static_cast<int64_t>(sums.size()) > tile.rows * tile.vectors) {
      Value own = sums.pop_back_val();
      for (int64_t i = 0, j = sums.size() % tile.vectors; i < tile.rows; ++i) {
        Value &sum = sums[i * tile.vectors + j];
        sum = arith::SubIOp::create(builder, loc, sum, own);
      }
    }
    return sums;
  }

  /// The numbers of a block for vector j of the columns, in f32.
  Value loadColumns(OpBuilder &builder, const TileOperand &operand, Value block, int64_t j) {
    OpFoldResult index = at(builder, operand.base, block, operand.rowStride);
    index = addIndex(builder, loc, index, builder.getIndexAttr(j * tile.lanes));
    Type element = cast<MemRefType>(operand.flat.getType()).getElementType();
    Value loaded = vector::LoadOp::create(builder, loc, VectorType::get({tile.lanes}, element),
                                          operand.flat, indexValue(builder, loc, index));
    if (isa<FloatType>(element))
      return widened(builder, loaded);
    Value wide = arith::ExtUIOp::create(
        builder, loc, VectorType::get({tile.lanes}, builder.getI32Type()), loaded);
    return arith::SIToFPOp::create(builder, loc, type, wide);
  }

  /// A row's number of a block, in all lanes.
  Value broadcastRow(OpBuilder &builder, const TileOperand &operand, Value block, int64_t row) {
    OpFoldResult index = at(builder, operand.base, builder.getIndexAttr(row), operand.rowStride);
    index = at(builder, index, block, operand.columnStride);
    Value element =
        memref::LoadOp::create(builder, loc, operand.flat, indexValue(builder, loc, index));
    return vector::BroadcastOp::create(builder, loc, type, element);
  }

  /// Adds up the dots of blocks, each scaled. At every level in this order and with these
  /// roundings.
  SmallVector<Value> sumBlocks(OpBuilder &builder) {
    const BlockScales &blocks = *tile.blocks;
    auto dotType = VectorType::get({tile.lanes}, blocks.dots);
    Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
    SmallVector<Value> sums(tile.rows * tile.vectors, zero);
    bool hasZeros = bool(blocks.lhsSums.flat);
    return emitLoops(builder, loc, {tile.reductions.front().size}, sums,
                     [&](OpBuilder &b, ValueRange block, ValueRange carried) {
                       SmallVector<Value> results(carried), dots = sumProducts(b, block, dotType);
                       SmallVector<Value> rowScales, rowSums;
                       for (int64_t i = 0; i < tile.rows; ++i) {
                         if (blocks.lhsScale.flat)
                           rowScales.push_back(broadcastRow(b, blocks.lhsScale, block[0], i));
                         if (hasZeros)
                           rowSums.push_back(broadcastRow(b, blocks.lhsSums, block[0], i));
                       }
                       for (int64_t j = 0; j < tile.vectors; ++j) {
                         Value scale = loadColumns(b, blocks.rhsScale, block[0], j);
                         Value minusZero = hasZeros ? scaledZero(b, scale, block[0], j) : Value();
                         for (int64_t i = 0; i < tile.rows; ++i) {
                           Value &sum = results[i * tile.vectors + j];
                           Value dot = dots[i * tile.vectors + j], factor = scale;
                           if (!rowScales.empty()) {
                             dot = arith::SIToFPOp::create(b, loc, type, dot);
                             factor = arith::MulFOp::create(b, loc, scale, rowScales[i]);
                           }
                           sum = vector::FMAOp::create(b, loc, dot, factor, sum);
                           if (hasZeros)
                             sum = vector::FMAOp::create(b, loc, minusZero, rowSums[i], sum);
                         }
                       }
                       return results;
                     });
  }

  /// -scale * zero.
  Value scaledZero(OpBuilder &builder, Value scale, Value block, int64_t j) {
    const BlockScales &blocks = *tile.blocks;
    Value zero;
    if (blocks.rhsZero.flat)
      zero = loadColumns(builder, blocks.rhsZero, block, j);
    else
      zero = arith::ConstantOp::create(
          builder, loc,
          DenseElementsAttr::get(type, APFloat(static_cast<float>(blocks.zeroPoint))));
    return arith::NegFOp::create(builder, loc, arith::MulFOp::create(builder, loc, scale, zero));
  }

  Value step(OpBuilder &builder, Value left, Value right, Value sum) {
    return tile.product ? tile.product->multiplyAdd(builder, left, right, sum)
                        : vector::FMAOp::create(builder, loc, left, right, sum).getResult();
  }

  /// `excess` stands for the data in one more row of sums, if it is given.
  SmallVector<Value> multiplyAdd(OpBuilder &builder, ValueRange positions, ValueRange sums,
                                 Value excess) {
    OpFoldResult lhs = tile.lhs.base, rhs = tile.rhs.base;
    for (auto [position, reduction] : llvm::zip_equal(positions, tile.reductions)) {
      lhs = at(builder, lhs, position, reduction.lhsStride);
      rhs = at(builder, rhs, position, reduction.rhsStride);
    }
    SmallVector<Value> results(sums);
    for (unsigned pass = 0; pass < (tile.product ? tile.product->getPasses() : 1); ++pass) {
      SmallVector<Value> right;
      for (int64_t j = 0; j < tile.vectors; ++j)
        right.push_back(loadRhs(builder, rhs, j, pass));
      for (int64_t i = 0; i < static_cast<int64_t>(sums.size()) / tile.vectors; ++i) {
        Value left = i < tile.rows ? broadcastLhs(builder, lhs, i, pass) : excess;
        for (int64_t j = 0; j < tile.vectors; ++j) {
          Value &sum = results[i * tile.vectors + j];
          sum = step(builder, left, right[j], sum);
        }
      }
    }
    return results;
  }

  Value broadcastLhs(OpBuilder &builder, OpFoldResult base, int64_t row, unsigned pass) {
    OpFoldResult offset = at(builder, base, builder.getIndexAttr(row), tile.lhs.rowStride);
    Value index = indexValue(builder, loc, offset);
    if (tile.product)
      return tile.product->broadcast(builder, tile.lhs.flat, index, pass);
    Value element = memref::LoadOp::create(builder, loc, tile.lhs.flat, index);
    return vector::BroadcastOp::create(builder, loc, type, element);
  }

  LaneAccess access(OpBuilder &builder, const TileOperand &operand, OpFoldResult i, int64_t j) {
    OpFoldResult offset = at(builder, operand.base, i, operand.rowStride);
    offset = at(builder, offset, builder.getIndexAttr(j * tile.lanes), operand.columnStride);
    return {operand.flat, indexValue(builder, loc, offset), operand.columnStride, tile.lanes,
            masks[j]};
  }

  void storeTile(OpBuilder &builder, ArrayRef<Value> sums) {
    // Operands that are the same for all rows are read once: the compiler could not do so,
    // for the stores may alias them.
    Fixed fixed(tile.extras.size());
    for (auto [e, extra] : llvm::enumerate(tile.extras)) {
      if (getConstantIntValue(extra.rowStride) != 0)
        continue;
      for (int64_t j = 0; j < tile.vectors; ++j)
        fixed[e].push_back(
            emitLoad(builder, loc, access(builder, extra, builder.getIndexAttr(0), j)));
    }
    if (tile.rows > 1 && isLong())
      return storeInLoop(builder, sums, fixed);
    for (int64_t i = 0; i < tile.rows; ++i)
      storeRow(builder, sums.slice(i * tile.vectors, tile.vectors), fixed, builder.getIndexAttr(i));
  }

  /// Whether the epilogue is a long chain of instructions, which an expanded function is.
  bool isLong() {
    return tile.epilogue && llvm::any_of(*tile.epilogue, [](Operation &op) {
             return isa<math::ExpOp, math::Exp2Op, math::ErfOp, math::TanhOp, math::LogOp,
                        math::Log1pOp>(op);
           });
  }

  /// All sums at once take the registers that such a chain needs, and the code would be long:
  /// the sums go through memory, row by row.
  void storeInLoop(OpBuilder &builder, ArrayRef<Value> sums, const Fixed &fixed) {
    auto memory =
        MemRefType::get({static_cast<int64_t>(sums.size()) * tile.lanes}, type.getElementType());
    Value scratch = memref::AllocaOp::create(builder, loc, memory, builder.getI64IntegerAttr(64));
    for (auto [i, sum] : llvm::enumerate(sums))
      vector::StoreOp::create(builder, loc, sum, scratch,
                              indexValue(builder, loc, builder.getIndexAttr(i * tile.lanes)));
    emitLoops(builder, loc, {builder.getIndexAttr(tile.rows)}, {},
              [&](OpBuilder &b, ValueRange row, ValueRange) -> SmallVector<Value> {
                SmallVector<Value> loaded;
                for (int64_t j = 0; j < tile.vectors; ++j) {
                  OpFoldResult place = at(b, b.getIndexAttr(j * tile.lanes), row[0],
                                          b.getIndexAttr(tile.vectors * tile.lanes));
                  loaded.push_back(
                      vector::LoadOp::create(b, loc, type, scratch, indexValue(b, loc, place)));
                }
                storeRow(b, loaded, fixed, row[0]);
                return {};
              });
  }

  void storeRow(OpBuilder &builder, ArrayRef<Value> sums, const Fixed &fixed, OpFoldResult i) {
    SmallVector<Value> results(sums);
    if (tile.epilogue)
      results = runEpilogue(builder, sums, fixed, i);
    for (int64_t j = 0; j < tile.vectors; ++j)
      emitStore(builder, loc, access(builder, tile.result, i, j), results[j]);
  }

  SmallVector<Value> runEpilogue(OpBuilder &builder, ArrayRef<Value> sums, const Fixed &fixed,
                                 OpFoldResult i) {
    SmallVector<SmallVector<LaneValue>> args;
    SmallVector<LaneContext> contexts;
    for (auto [j, sum] : llvm::enumerate(sums)) {
      args.push_back({LaneValue::vector(sum)});
      for (auto [e, extra] : llvm::enumerate(tile.extras))
        args.back().push_back(
            fixed[e].empty() ? emitLoad(builder, loc, access(builder, extra, i, j)) : fixed[e][j]);
      contexts.push_back({tile.lanes, masks[j], nullptr});
    }
    SmallVector<Value> results;
    for (ArrayRef<LaneValue> result : vectorizeBodies(builder, *tile.epilogue, args, contexts))
      results.push_back(toVector(builder, loc, result.front(), tile.lanes));
    return results;
  }

  Location loc;
  const RegisterTile &tile;
  VectorType type;
  SmallVector<Value> masks;
};

} // namespace

void cpu::emitTile(OpBuilder &builder, Location loc, const RegisterTile &tile) {
  Type element = tile.epilogue ? tile.epilogue->getArgument(0).getType()
                               : cast<MemRefType>(tile.result.flat.getType()).getElementType();
  TileEmitter(loc, tile, element).emit(builder);
}
