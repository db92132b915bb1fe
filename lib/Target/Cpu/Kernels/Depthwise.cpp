//===- Depthwise.cpp - depthwise conv for the CPU -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// kernel.conv with one filter per channel: lanes are channels, a tile is some neighbouring
// output places of one or two image rows, and all taps of small windows are unrolled, so that
// an input element is loaded once per tile.
//
//     for every item (batch, block of image rows, part of the places):    in parallel
//       for every tile of places:
//         for every vector of channels:
//           registers[place] += input[place * stride + tap] * filter[tap]   all taps
//           run the epilogue on the registers, store them
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/DepthwisePlan.h"
#include "lib/Target/Cpu/Kernels/DepthwiseSums.h"
#include "lib/Target/Cpu/Kernels/Kernels.h"
#include "lib/Target/Cpu/Kernels/RowTiles.h"
#include "lib/Target/Cpu/Vector/LoopNest.h"
#include "lib/Target/Cpu/Vector/VectorLoop.h"
#include "lib/Target/Cpu/Vector/VectorizeBody.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

namespace {

class DepthwiseEmitter {
public:
  DepthwiseEmitter(kernel::ConvOp op, const CpuLevel &level, LoopNest nest, Value filter)
      : op(op), level(level), nest(std::move(nest)), filter(filter), loc(op.getLoc()),
        spatial(op.getNumSpatial()), channels(op.getInputChannels()),
        plan(DepthwisePlan::get(op, level)) {}

  void emit(OpBuilder &builder);

private:
  using Bases = SmallVector<OpFoldResult>;
  unsigned rowDim() const { return spatial - 1; } // second innermost place
  unsigned placeDim() const { return spatial; }
  unsigned channelDim() const { return spatial + 1; }
  OpFoldResult attr(int64_t value) {
    return IntegerAttr::get(IndexType::get(op->getContext()), value);
  }
  OpFoldResult add(OpBuilder &b, OpFoldResult x, OpFoldResult y) { return addIndex(b, loc, x, y); }
  OpFoldResult mul(OpBuilder &b, OpFoldResult x, OpFoldResult y) { return mulIndex(b, loc, x, y); }

  Bases advance(OpBuilder &builder, const Bases &bases, unsigned dim, OpFoldResult position);
  void emitItem(OpBuilder &builder, ValueRange at);
  void emitRow(OpBuilder &builder, const Bases &bases, int64_t rows, const RowPart &places);
  void emitTile(OpBuilder &builder, const Bases &bases, int64_t rows, int64_t places);
  void emitVector(OpBuilder &builder, const Bases &bases, int64_t rows, int64_t places,
                  OpFoldResult channel, Value mask);

  kernel::ConvOp op;
  const CpuLevel &level;
  LoopNest nest; ///< operands: input, extras, result
  Value filter;
  Location loc;
  unsigned spatial;
  int64_t channels;
  DepthwisePlan plan;
};

} // namespace

DepthwiseEmitter::Bases DepthwiseEmitter::advance(OpBuilder &builder, const Bases &bases,
                                                  unsigned dim, OpFoldResult position) {
  Bases moved;
  for (auto [base, operand] : llvm::zip_equal(bases, nest.operands))
    moved.push_back(add(builder, base, mul(builder, position, operand.strides[dim])));
  return moved;
}

void DepthwiseEmitter::emit(OpBuilder &builder) {
  OpFoldResult rows = spatial >= 2 ? nest.dims[rowDim()].size : attr(1);
  SmallVector<OpFoldResult> sizes = {nest.dims[0].size};
  if (spatial == 3)
    sizes.push_back(nest.dims[1].size);
  sizes.push_back(ceilDivIndex(builder, loc, rows, plan.tile.blockRows));
  OpFoldResult places = nest.dims[placeDim()].size;
  sizes.push_back(plan.partPlaces > 0 ? ceilDivIndex(builder, loc, places, plan.partPlaces)
                                      : attr(1));
  if (plan.partPlaces > 0)
    places = attr(plan.partPlaces);
  // In ns: some 60 products a ns would be the peak, less is reached.
  OpFoldResult products =
      mul(builder, places, attr(plan.tile.blockRows * channels * plan.shape.taps));
  OpFoldResult cost = ceilDivIndex(builder, loc, products, 32);
  emitItems(builder, loc, sizes, cost, [&](OpBuilder &b, ValueRange at) { emitItem(b, at); });
}

void DepthwiseEmitter::emitItem(OpBuilder &b, ValueRange at) {
  Bases bases(nest.operands.size(), attr(0));
  for (auto [d, position] : llvm::enumerate(at.drop_back(2)))
    bases = advance(b, bases, d, position);
  RowPart places{attr(0), nest.dims[placeDim()].size, {}};
  if (plan.partPlaces > 0)
    places = RowPart::get(b, loc, places.count, plan.partPlaces, at.back());
  if (spatial < 2)
    return emitRow(b, bases, 1, places);
  OpFoldResult rows = nest.dims[rowDim()].size;
  OpFoldResult first = mul(b, at.drop_back().back(), attr(plan.tile.blockRows));
  Value left = arith::SubIOp::create(b, loc, indexValue(b, loc, rows), indexValue(b, loc, first));
  Value most = arith::ConstantIndexOp::create(b, loc, plan.tile.blockRows);
  Value count = arith::MinUIOp::create(b, loc, left, most);
  bases = advance(b, bases, rowDim(), first);
  Value size = arith::ConstantIndexOp::create(b, loc, plan.tile.rows);
  Value full = arith::DivUIOp::create(b, loc, count, size);
  auto emitPart = [&](OpFoldResult from, OpFoldResult until, int64_t step) {
    OpFoldResult steps =
        arith::SubIOp::create(b, loc, indexValue(b, loc, until), indexValue(b, loc, from))
            .getResult();
    emitLoops(b, loc, {steps}, {},
              [&](OpBuilder &in, ValueRange row, ValueRange) -> SmallVector<Value> {
                OpFoldResult position = mul(in, add(in, from, row[0]), attr(step));
                emitRow(in, advance(in, bases, rowDim(), position), step, places);
                return {};
              });
  };
  emitPart(attr(0), full, plan.tile.rows);
  if (plan.tile.rows > 1)
    emitPart(mul(b, full, attr(plan.tile.rows)), count, 1);
}

void DepthwiseEmitter::emitRow(OpBuilder &builder, const Bases &bases, int64_t rows,
                               const RowPart &places) {
  emitRowTiles(builder, loc, places.first, places.count, plan.tile.places, places.possibleCounts,
               [&](OpBuilder &b, OpFoldResult place, int64_t count) {
                 emitTile(b, advance(b, bases, placeDim(), place), rows, count);
               });
}

void DepthwiseEmitter::emitTile(OpBuilder &builder, const Bases &bases, int64_t rows,
                                int64_t places) {
  VectorLoop loop{attr(0), attr(channels), plan.tile.lanes, 1, {}, {}, nullptr};
  emitVectorLoop(builder, loc, loop, [&](OpBuilder &b, const VectorStep &step) {
    for (Value channel : step.positions)
      emitVector(b, bases, rows, places, channel, step.mask);
    return SmallVector<Value>();
  });
}

void DepthwiseEmitter::emitVector(OpBuilder &builder, const Bases &bases, int64_t rows,
                                  int64_t places, OpFoldResult channel, Value mask) {
  DepthwiseSums summation(op, plan, level, nest.operands[0], filter);
  DepthwiseSums::SumTile tile{rows, places, add(builder, bases[0], channel), channel, mask};
  SmallVector<Value> sums =
      plan.unrolled ? summation.sumUnrolled(builder, tile) : summation.sumLooped(builder, tile);
  unsigned result = nest.operands.size() - 1;
  Block &epilogue = op.getEpilogue().front();
  for (size_t p = 0; p < sums.size(); ++p) {
    auto access = [&](unsigned i) -> LaneAccess {
      const NestOperand &operand = nest.operands[i];
      OpFoldResult stride = operand.strides[channelDim()];
      OpFoldResult offset = add(builder, bases[i], mul(builder, channel, stride));
      offset = add(builder, offset, mul(builder, attr(p % places), operand.strides[placeDim()]));
      if (rows > 1)
        offset = add(builder, offset, mul(builder, attr(p / places), operand.strides[rowDim()]));
      if (i == result)
        stride = attr(1);
      return {operand.flat, indexValue(builder, loc, offset), stride, plan.tile.lanes, mask};
    };
    if (op.getAccumulatorType().isInteger(32))
      sums[p] = arith::FPToSIOp::create(
          builder, loc, VectorType::get({plan.tile.lanes}, builder.getI32Type()), sums[p]);
    SmallVector<LaneValue> args = {LaneValue::vector(sums[p])};
    for (unsigned i = 1; i < result; ++i)
      args.push_back(emitLoad(builder, loc, access(i)));
    LaneContext context{plan.tile.lanes, mask, nullptr};
    LaneValue value = vectorizeBody(builder, epilogue, args, context).front();
    emitStore(builder, loc, access(result), toVector(builder, loc, value, plan.tile.lanes));
  }
}

LogicalResult cpu::emitDepthwise(OpBuilder &builder, kernel::ConvOp op, const CpuLevel &level) {
  // Dims: batch, places, channel, taps.
  unsigned spatial = op.getNumSpatial(), size = 2 * spatial + 2;
  auto dim = [&](unsigned i) { return builder.getAffineDimExpr(i); };
  SmallVector<AffineExpr> inputExprs = {dim(0)}, resultExprs = {dim(0)};
  SmallVector<OpFoldResult> sizes(size);
  for (unsigned i = 0; i < spatial; ++i) {
    inputExprs.push_back(dim(1 + i) * op.getStrides()[i] +
                         dim(spatial + 2 + i) * op.getDilations()[i]);
    resultExprs.push_back(dim(1 + i));
    sizes[spatial + 2 + i] = builder.getIndexAttr(op.getWindow()[i]);
  }
  inputExprs.push_back(dim(spatial + 1));
  resultExprs.push_back(dim(spatial + 1));
  AffineMap inputMap = AffineMap::get(size, 0, inputExprs, op->getContext());
  AffineMap resultMap = AffineMap::get(size, 0, resultExprs, op->getContext());
  SmallVector<NestOperandSpec> operands = {{op.getInput(), inputMap}};
  for (auto [extra, map] :
       llvm::zip_equal(op.getExtras(), cast<kernel::EpilogueOpInterface>(*op).getExtraMapList()))
    operands.push_back({extra, map.compose(resultMap)});
  operands.push_back({op.getInit(), resultMap, /*output=*/true});
  llvm::SmallBitVector reductions(size);
  reductions.set(spatial + 2, size);
  FailureOr<LoopNest> nest = LoopNest::get(builder, op.getLoc(), operands, reductions, sizes);
  if (failed(nest))
    return op.emitOpError("has an operand whose layout is not strided");
  auto flat =
      LoopNest::get(builder, op.getLoc(), {{op.getFilter(), builder.getMultiDimIdentityMap(1)}},
                    llvm::SmallBitVector(1));
  DepthwiseEmitter(op, level, *nest, flat->operands[0].flat).emit(builder);
  return success();
}
