//===- Winograd.cpp - Winograd convolution for the CPU --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// kernel.conv with a filter in the layout `winograd` (WinogradTransform.h has the idea). The
// image is cut into tiles of m x m outputs, the tiles of all images into blocks:
//
//     for every item (block of tiles, chunks of columns):                  in parallel
//       unless the item before was of the same block:
//         for every tile: inputs[position][tile] = B^T d B                 lanes are channels
//       for every chunk of columns:
//         for every position: sums[tile][position] = inputs[position] * filter[position]
//         for every tile: A^T sums A, the epilogue, the stores             lanes are columns
//
// The products are the register tiles of a contraction. All else is f32: inputs of bf16 are
// widened, and rounded again if the CPU multiplies pairs. Inputs and sums of a block lie in scratch
// memory that an item takes from the runtime, so that there is one per thread at work and none on
// the stack. A tile may stick out of the image: its inputs there repeat the last ones, of which no
// stored output depends. What the next tile reads is prefetched.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/Columns.h"
#include "lib/Target/Cpu/Kernels/ConvMaps.h"
#include "lib/Target/Cpu/Kernels/Kernels.h"
#include "lib/Target/Cpu/Kernels/RowTiles.h"
#include "lib/Target/Cpu/Kernels/Tile.h"
#include "lib/Target/Cpu/Kernels/WinogradMath.h"
#include "lib/Target/Cpu/Kernels/WinogradPlan.h"
#include "lib/Target/Cpu/Vector/VectorLoop.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

namespace {

/// Where a tile lies: its first outputs, and how many rows and columns of outputs there are
/// from there on (null: as many as a tile has).
struct TilePlace {
  OpFoldResult batch, y, x, rows, columns;
};

/// Where the inputs of a tile lie: the first channel of input (i, j) is at rows[i] + columns[j].
struct TileInputs {
  SmallVector<OpFoldResult> rows, columns;
};

/// Columns of a chunk: all that are stored, and those that exist.
struct Chunk {
  OpFoldResult firstColumn;
  int64_t width, valid;
};

class WinogradEmitter {
public:
  WinogradEmitter(kernel::ConvOp op, const CpuLevel &level, LoopNest nest, Value filter,
                  WinogradPlan plan)
      : op(op), level(level), maps(op), nest(std::move(nest)), filter(filter),
        plan(std::move(plan)), loc(op.getLoc()),
        layout(cast<kernel::WinogradAttr>(*op.getLayout())), transform(layout.getTile()),
        math(transform, loc), tile(layout.getTile()), size(transform.getSize()) {}

  void emit(OpBuilder &builder);

private:
  using Bases = SmallVector<OpFoldResult>;

  OpFoldResult attr(int64_t value) {
    return IntegerAttr::get(IndexType::get(op->getContext()), value);
  }
  OpFoldResult add(OpBuilder &b, OpFoldResult x, OpFoldResult y) { return addIndex(b, loc, x, y); }
  OpFoldResult mul(OpBuilder &b, OpFoldResult x, OpFoldResult y) { return mulIndex(b, loc, x, y); }
  Value value(OpBuilder &b, OpFoldResult x) { return indexValue(b, loc, x); }
  Value compare(OpBuilder &b, arith::CmpIPredicate predicate, OpFoldResult x, OpFoldResult y) {
    return arith::CmpIOp::create(b, loc, predicate, value(b, x), value(b, y));
  }
  /// Quotient and rest of x by y.
  std::pair<OpFoldResult, OpFoldResult> divide(OpBuilder &b, OpFoldResult x, OpFoldResult y);

  void emitItem(OpBuilder &builder, OpFoldResult block, OpFoldResult part, Value isNew);
  TilePlace locate(OpBuilder &builder, OpFoldResult tile);
  TileInputs findInputs(OpBuilder &builder, const TilePlace &place);
  void emitInputs(OpBuilder &builder, OpFoldResult at, const TileInputs &tile,
                  const TileInputs &next);
  void prefetch(OpBuilder &builder, const TileInputs &tile, OpFoldResult channel);
  void emitChunk(OpBuilder &builder, OpFoldResult first, OpFoldResult count, const Chunk &chunk);
  void emitProducts(OpBuilder &builder, OpFoldResult count, const Chunk &chunk);
  void emitOutputs(OpBuilder &builder, OpFoldResult at, const TilePlace &place, const Chunk &chunk);
  void emitOutputVector(OpBuilder &builder, OpFoldResult sums, const TilePlace &place,
                        const Bases &bases, int64_t lanes, Value mask);
  Bases basesOf(OpBuilder &builder, const TilePlace &place, OpFoldResult column);
  void storePlaces(OpBuilder &builder, ArrayRef<Value> outputs, int64_t row, const TilePlace &place,
                   const Bases &bases, ArrayRef<LaneValue> fixed, int64_t lanes, Value mask);
  LaneAccess access(OpBuilder &builder, unsigned operand, const Bases &bases, int64_t row,
                    int64_t column, int64_t lanes, Value mask);
  bool isFixed(unsigned operand);
  bool areInputsPaired() const { return layout.isPaired() && !plan.splitsPairs; }
  int64_t lanesFor(int64_t width) {
    return width % level.f32Lanes() == 0 ? static_cast<int64_t>(level.f32Lanes()) : 8;
  }

  kernel::ConvOp op;
  const CpuLevel &level;
  ConvMaps maps;
  LoopNest nest; ///< operands: input, extras, result
  Value filter;
  WinogradPlan plan;
  Location loc;
  kernel::WinogradAttr layout;
  kernel::WinogradTransform transform;
  WinogradMath math;
  int64_t tile, size;
  Value inputs, sums; ///< scratch memory
};

} // namespace

std::pair<OpFoldResult, OpFoldResult> WinogradEmitter::divide(OpBuilder &b, OpFoldResult x,
                                                              OpFoldResult y) {
  if (getConstantIntValue(y) == 1)
    return {x, attr(0)};
  Value dividend = value(b, x), divisor = value(b, y);
  return {arith::DivUIOp::create(b, loc, dividend, divisor).getResult(),
          arith::RemUIOp::create(b, loc, dividend, divisor).getResult()};
}

void WinogradEmitter::emit(OpBuilder &builder) {
  OpFoldResult items = mul(builder, plan.blocks, plan.itemsPerBlock);
  emitRanges(
      builder, loc, items, plan.itemCost,
      [&](OpBuilder &b, OpFoldResult lower, OpFoldResult upper) {
        Type element = areInputsPaired() ? Type(b.getBF16Type()) : b.getF32Type();
        inputs = memref::AllocOp::create(b, loc, MemRefType::get({plan.inputsSize}, element));
        sums = memref::AllocOp::create(b, loc, MemRefType::get({plan.sumsSize}, b.getF32Type()));
        Value none = value(b, attr(-1));
        scf::ForOp::create(b, loc, value(b, lower), value(b, upper), value(b, attr(1)), none,
                           [&](OpBuilder &item, Location, Value index, ValueRange transformed) {
                             auto [block, part] = divide(item, index, plan.itemsPerBlock);
                             Value isNew =
                                 compare(item, arith::CmpIPredicate::ne, block, transformed[0]);
                             emitItem(item, block, part, isNew);
                             scf::YieldOp::create(item, loc, value(item, block));
                           });
        memref::DeallocOp::create(b, loc, sums);
        memref::DeallocOp::create(b, loc, inputs);
      });
}

void WinogradEmitter::emitItem(OpBuilder &builder, OpFoldResult block, OpFoldResult part,
                               Value isNew) {
  OpFoldResult first = mul(builder, block, attr(plan.blockTiles)), count = attr(plan.blockTiles);
  if (plan.possibleTiles.size() != 1) {
    Value left = value(builder, add(builder, plan.tiles, mul(builder, first, attr(-1))));
    count = arith::MinUIOp::create(builder, loc, left, value(builder, count)).getResult();
  }
  auto branch = scf::IfOp::create(builder, loc, isNew, /*withElseRegion=*/false);
  OpBuilder inner = branch.getThenBodyBuilder();
  emitLoops(inner, loc, {count}, {},
            [&](OpBuilder &b, ValueRange at, ValueRange) -> SmallVector<Value> {
              OpFoldResult index = add(b, first, at[0]);
              Value last = value(b, add(b, plan.tiles, attr(-1)));
              // Behind the last tile there need be no memory.
              Value next = value(b, add(b, index, attr(1)));
              next = arith::MinUIOp::create(b, loc, next, last);
              TileInputs tile = findInputs(b, locate(b, index));
              emitInputs(b, at[0], tile, findInputs(b, locate(b, next)));
              return {};
            });
  int64_t columns = op.getOutputChannels(), width = plan.chunkWidth;
  int64_t fullChunks = columns / width, rest = columns % width;
  OpFoldResult firstChunk = mul(builder, part, plan.chunksPerItem);
  emitLoops(builder, loc, {plan.chunksPerItem}, {},
            [&](OpBuilder &b, ValueRange at, ValueRange) -> SmallVector<Value> {
              OpFoldResult index = add(b, firstChunk, at[0]);
              OpFoldResult firstColumn = mul(b, index, attr(width));
              Chunk full{firstColumn, width, width};
              Chunk last{firstColumn, static_cast<int64_t>(llvm::alignTo(rest, 8)), rest};
              if (rest == 0 || fullChunks == 0) {
                emitChunk(b, first, count, rest == 0 ? full : last);
                return {};
              }
              Value isFull = compare(b, arith::CmpIPredicate::ult, index, attr(fullChunks));
              auto either = scf::IfOp::create(b, loc, isFull, /*withElseRegion=*/true);
              OpBuilder thenBuilder = either.getThenBodyBuilder();
              OpBuilder elseBuilder = either.getElseBodyBuilder();
              emitChunk(thenBuilder, first, count, full);
              emitChunk(elseBuilder, first, count, last);
              return {};
            });
}

TilePlace WinogradEmitter::locate(OpBuilder &builder, OpFoldResult index) {
  OpFoldResult batch = attr(0), down, across;
  if (getConstantIntValue(nest.dims[maps.batch()].size) != 1)
    std::tie(batch, index) = divide(builder, index, mul(builder, plan.tilesDown, plan.tilesAcross));
  std::tie(down, across) = divide(builder, index, plan.tilesAcross);
  TilePlace place{batch, mul(builder, down, attr(tile)), mul(builder, across, attr(tile)), {}, {}};
  auto left = [&](unsigned dim, OpFoldResult first) -> OpFoldResult {
    OpFoldResult all = nest.dims[dim].size;
    if (std::optional<int64_t> known = getConstantIntValue(all); known && *known % tile == 0)
      return {};
    return add(builder, all, mul(builder, first, attr(-1)));
  };
  place.rows = left(maps.place(0), place.y);
  place.columns = left(maps.place(1), place.x);
  return place;
}

TileInputs WinogradEmitter::findInputs(OpBuilder &builder, const TilePlace &place) {
  const NestOperand &input = nest.operands[0];
  // Distances of the rows and columns of a tile.
  auto offsets = [&](unsigned dim, OpFoldResult left) {
    Bases result;
    for (int64_t i = 0; i < size; ++i) {
      OpFoldResult position = attr(i);
      if (left && i >= 3) // three inputs belong to the first output
        position = arith::MinUIOp::create(builder, loc, value(builder, position),
                                          value(builder, add(builder, left, attr(1))))
                       .getResult();
      result.push_back(mul(builder, position, input.strides[dim]));
    }
    return result;
  };
  TileInputs result{offsets(maps.place(0), place.rows), offsets(maps.place(1), place.columns)};
  OpFoldResult base = mul(builder, place.batch, input.strides[maps.batch()]);
  base = add(builder, base, mul(builder, place.y, input.strides[maps.place(0)]));
  base = add(builder, base, mul(builder, place.x, input.strides[maps.place(1)]));
  for (OpFoldResult &row : result.rows)
    row = add(builder, base, row);
  return result;
}

/// Of the inputs of a tile, those that the tile before does not read: they are far apart in memory,
/// and the CPU finds no pattern in them.
void WinogradEmitter::prefetch(OpBuilder &builder, const TileInputs &tile, OpFoldResult channel) {
  for (OpFoldResult row : tile.rows)
    for (OpFoldResult column : ArrayRef(tile.columns).drop_front(size - this->tile)) {
      OpFoldResult offset = add(builder, add(builder, row, column), channel);
      memref::PrefetchOp::create(builder, loc, nest.operands[0].flat, value(builder, offset),
                                 /*isWrite=*/false, /*localityHint=*/3, /*isDataCache=*/true);
    }
}

/// B^T d B of one tile, to position `at` of the block.
void WinogradEmitter::emitInputs(OpBuilder &builder, OpFoldResult at, const TileInputs &tile,
                                 const TileInputs &next) {
  const NestOperand &input = nest.operands[0];
  OpFoldResult to = mul(builder, at, attr(plan.tileStride));
  int64_t channels = op.getInputChannels();
  int64_t lanes = channels % level.f32Lanes() == 0 ? static_cast<int64_t>(level.f32Lanes())
                  : channels % 8 == 0              ? 8
                                                   : static_cast<int64_t>(level.f32Lanes());
  VectorLoop loop{attr(0), attr(channels), lanes, 1, {}, {}, nullptr};
  emitVectorLoop(builder, loc, loop, [&](OpBuilder &b, const VectorStep &step) {
    Value channel = step.positions.front();
    OpFoldResult stride = input.strides[maps.channel()];
    OpFoldResult along = mul(b, channel, stride);
    auto type = VectorType::get({lanes}, b.getF32Type());
    prefetch(b, next, along);
    SmallVector<SmallVector<Value>> halfway(size); // by column, then position
    for (int64_t j = 0; j < size; ++j) {
      SmallVector<Value> column;
      for (int64_t i = 0; i < size; ++i) {
        OpFoldResult offset = add(b, add(b, tile.rows[i], tile.columns[j]), along);
        LaneValue element =
            emitLoad(b, loc, {input.flat, value(b, offset), stride, lanes, step.mask});
        Value read = toVector(b, loc, element, lanes);
        column.push_back(
            input.element.isF32() ? read : arith::ExtFOp::create(b, loc, type, read).getResult());
      }
      halfway[j] = math.fromInputs(b, column);
    }
    for (int64_t p = 0; p < size; ++p) {
      SmallVector<Value> row;
      for (int64_t j = 0; j < size; ++j)
        row.push_back(halfway[j][p]);
      for (auto [q, result] : llvm::enumerate(math.fromInputs(b, row))) {
        OpFoldResult offset = add(b, to, attr((p * size + q) * plan.positionStride));
        if (areInputsPaired())
          result = arith::TruncFOp::create(b, loc, type.clone(b.getBF16Type()), result);
        vector::StoreOp::create(b, loc, result, inputs, value(b, add(b, offset, channel)));
      }
    }
    return SmallVector<Value>();
  });
}

void WinogradEmitter::emitChunk(OpBuilder &builder, OpFoldResult first, OpFoldResult count,
                                const Chunk &chunk) {
  emitProducts(builder, count, chunk);
  emitLoops(builder, loc, {count}, {},
            [&](OpBuilder &b, ValueRange at, ValueRange) -> SmallVector<Value> {
              emitOutputs(b, at[0], locate(b, add(b, first, at[0])), chunk);
              return {};
            });
}

/// sums[tile][position] for all positions: a matmul each.
void WinogradEmitter::emitProducts(OpBuilder &builder, OpFoldResult count, const Chunk &chunk) {
  int64_t channels = op.getInputChannels(), positions = layout.getPositions();
  int64_t panel = std::min(layout.getPanels().getWidth(), chunk.width);
  int64_t together = layout.getPanels().getInterleave(); // neighbours along channels and columns
  RegisterTile products;
  products.reductions = {{attr(channels / together), attr(together), attr(panel * together)}};
  products.rhsPanel = panel;
  products.rhsPanelStride = positions * channels * panel / together;
  products.prefetchRhs = plan.weightsAhead;
  OpFoldResult chunkStart = mul(builder, chunk.firstColumn, attr(positions * channels));
  SmallVector<ColumnGroup> groups = coverChunk(layout, chunk.width, level);
  emitLoops(
      builder, loc, {attr(positions)}, {},
      [&](OpBuilder &b, ValueRange position, ValueRange) -> SmallVector<Value> {
        OpFoldResult weights = add(b, chunkStart, mul(b, position[0], attr(channels * panel)));
        OpFoldResult firstInput = mul(b, position[0], attr(plan.positionStride));
        OpFoldResult firstSum = mul(b, position[0], attr(chunk.width));
        for (const ColumnGroup &group : groups)
          emitLoops(b, loc, {attr(group.count)}, {},
                    [&](OpBuilder &in, ValueRange at, ValueRange) -> SmallVector<Value> {
                      // A group lies in one panel, or starts with one.
                      int64_t stride = group.width() < panel
                                           ? group.width()
                                           : group.width() / panel * products.rhsPanelStride;
                      OpFoldResult rhs = add(in, weights, mul(in, at[0], attr(stride * together)));
                      rhs = add(in, rhs, attr(group.offset * together));
                      OpFoldResult column =
                          add(in, mul(in, at[0], attr(group.width())), attr(group.offset));
                      emitRowTiles(
                          in, loc, attr(0), count, group.maxRows(level, plan.splitsPairs),
                          plan.possibleTiles, [&](OpBuilder &t, OpFoldResult row, int64_t rows) {
                            RegisterTile one = products;
                            one.rows = rows;
                            one.vectors = group.vectors;
                            one.lanes = group.lanes;
                            if (layout.isPaired())
                              one.product = std::make_shared<PairProduct>(loc, level, group.lanes);
                            auto rowStart = [&](OpFoldResult base, OpFoldResult stride) {
                              return value(t, add(t, base, mul(t, row, stride)));
                            };
                            OpFoldResult inputStride = attr(plan.tileStride);
                            OpFoldResult sumStride = attr(positions * chunk.width);
                            one.lhs = {inputs, rowStart(firstInput, inputStride), inputStride,
                                       attr(0)};
                            one.rhs = {filter, value(t, rhs), attr(0), attr(together)};
                            one.result = {sums, rowStart(add(t, firstSum, column), sumStride),
                                          sumStride, attr(1)};
                            emitTile(t, loc, one);
                          });
                      return {};
                    });
        return {};
      });
}

/// Where the operands' elements of the first output of a tile are.
WinogradEmitter::Bases WinogradEmitter::basesOf(OpBuilder &builder, const TilePlace &place,
                                                OpFoldResult column) {
  Bases bases;
  for (const NestOperand &operand : nest.operands) {
    OpFoldResult base = mul(builder, place.batch, operand.strides[maps.batch()]);
    base = add(builder, base, mul(builder, place.y, operand.strides[maps.place(0)]));
    base = add(builder, base, mul(builder, place.x, operand.strides[maps.place(1)]));
    bases.push_back(add(builder, base, mul(builder, column, operand.strides[maps.output()])));
  }
  return bases;
}

void WinogradEmitter::emitOutputs(OpBuilder &builder, OpFoldResult at, const TilePlace &place,
                                  const Chunk &chunk) {
  int64_t lanes = lanesFor(chunk.width);
  OpFoldResult first = mul(builder, at, attr(layout.getPositions() * chunk.width));
  VectorLoop loop{attr(0), attr(chunk.valid), lanes, 1, {}, {}, nullptr};
  emitVectorLoop(builder, loc, loop, [&](OpBuilder &b, const VectorStep &step) {
    Value column = step.positions.front();
    Bases bases = basesOf(b, place, add(b, chunk.firstColumn, column));
    SmallVector<SmallVector<Value>> halfway(size); // by position across, then row of outputs
    auto type = VectorType::get({lanes}, b.getF32Type());
    for (int64_t q = 0; q < size; ++q) {
      SmallVector<Value> positions;
      for (int64_t p = 0; p < size; ++p) {
        OpFoldResult offset = add(b, add(b, first, column), attr((p * size + q) * chunk.width));
        positions.push_back(vector::LoadOp::create(b, loc, type, sums, value(b, offset)));
      }
      halfway[q] = math.toOutputs(b, positions);
    }
    SmallVector<LaneValue> fixed(nest.operands.size());
    for (unsigned i = 1; i + 1 < nest.operands.size(); ++i)
      if (isFixed(i))
        fixed[i] = emitLoad(b, loc, access(b, i, bases, 0, 0, lanes, step.mask));
    for (int64_t y = 0; y < tile; ++y) {
      auto emitRow = [&](OpBuilder &inner) {
        SmallVector<Value> row;
        for (int64_t q = 0; q < size; ++q)
          row.push_back(halfway[q][y]);
        storePlaces(inner, math.toOutputs(inner, row), y, place, bases, fixed, lanes, step.mask);
      };
      if (!place.rows || y == 0) {
        emitRow(b);
        continue;
      }
      Value exists = compare(b, arith::CmpIPredicate::ult, attr(y), place.rows);
      auto branch = scf::IfOp::create(b, loc, exists, /*withElseRegion=*/false);
      OpBuilder inner = branch.getThenBodyBuilder();
      emitRow(inner);
    }
    return SmallVector<Value>();
  });
}

/// Whether an extra operand is the same for all places.
bool WinogradEmitter::isFixed(unsigned operand) {
  const NestOperand &extra = nest.operands[operand];
  return llvm::all_of(ArrayRef{maps.batch(), maps.place(0), maps.place(1)},
                      [&](unsigned dim) { return getConstantIntValue(extra.strides[dim]) == 0; });
}

LaneAccess WinogradEmitter::access(OpBuilder &builder, unsigned i, const Bases &bases, int64_t row,
                                   int64_t column, int64_t lanes, Value mask) {
  const NestOperand &operand = nest.operands[i];
  OpFoldResult offset =
      add(builder, bases[i], mul(builder, attr(row), operand.strides[maps.place(0)]));
  offset = add(builder, offset, mul(builder, attr(column), operand.strides[maps.place(1)]));
  OpFoldResult stride = operand.output ? attr(1) : operand.strides[maps.output()];
  return {operand.flat, value(builder, offset), stride, lanes, mask};
}

/// The epilogue and the stores of one row of a tile.
void WinogradEmitter::storePlaces(OpBuilder &builder, ArrayRef<Value> outputs, int64_t row,
                                  const TilePlace &place, const Bases &bases,
                                  ArrayRef<LaneValue> fixed, int64_t lanes, Value mask) {
  unsigned result = nest.operands.size() - 1;
  for (auto [x, output] : llvm::enumerate(outputs)) {
    auto emitOne = [&, x = static_cast<int64_t>(x), output = output](OpBuilder &b) {
      SmallVector<LaneValue> args = {LaneValue::vector(output)};
      for (unsigned i = 1; i < result; ++i)
        args.push_back(fixed[i].value ? fixed[i]
                                      : emitLoad(b, loc, access(b, i, bases, row, x, lanes, mask)));
      LaneContext context{lanes, mask, nullptr};
      LaneValue stored = vectorizeBody(b, op.getEpilogue().front(), args, context).front();
      emitStore(b, loc, access(b, result, bases, row, x, lanes, mask),
                toVector(b, loc, stored, lanes));
    };
    if (!place.columns || x == 0) {
      emitOne(builder);
      continue;
    }
    Value exists = compare(builder, arith::CmpIPredicate::ult, attr(x), place.columns);
    auto branch = scf::IfOp::create(builder, loc, exists, /*withElseRegion=*/false);
    OpBuilder inner = branch.getThenBodyBuilder();
    emitOne(inner);
  }
}

LogicalResult cpu::emitWinograd(OpBuilder &builder, kernel::ConvOp op, const CpuLevel &level) {
  ConvMaps maps(op);
  FailureOr<LoopNest> nest = maps.getNest(builder);
  if (failed(nest))
    return op.emitOpError("has an operand whose layout is not strided");
  WinogradImage image{nest->dims[maps.batch()].size, nest->dims[maps.place(0)].size,
                      nest->dims[maps.place(1)].size};
  WinogradPlan plan = WinogradPlan::get(builder, op, image, level);
  WinogradEmitter(op, level, *nest, getFlatFilter(builder, op), plan).emit(builder);
  return success();
}
