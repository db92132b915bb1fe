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
//     for every item (batch, block of image rows):                        in parallel
//       for every tile of places:
//         for every vector of channels:
//           registers[place] += input[place * stride + tap] * filter[tap]   all taps
//           run the epilogue on the registers, store them
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Emit/DepthwisePlan.h"
#include "lib/Target/Cpu/Emit/Emit.h"
#include "lib/Target/Cpu/Emit/RowTiles.h"
#include "lib/Target/Cpu/LoopNest.h"
#include "lib/Target/Cpu/VectorLoop.h"
#include "lib/Target/Cpu/VectorizeBody.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

namespace {

class DepthwiseEmitter {
public:
  DepthwiseEmitter(kernel::ConvOp op, const CpuLevel &level, LoopNest nest, Value filter)
      : op(op), nest(std::move(nest)), filter(filter), loc(op.getLoc()),
        spatial(op.getNumSpatial()), channels(op.getInputChannels()) {
    taps = llvm::product_of(op.getWindow());
    DepthwisePlan plan = DepthwisePlan::get(op, level);
    unrolled = plan.unrolled;
    tileRows = plan.tile.rows, tilePlaces = plan.tile.places;
    lanes = plan.tile.lanes, blockRows = plan.tile.blockRows;
  }

  void emit(OpBuilder &builder);

private:
  using Bases = SmallVector<OpFoldResult>;
  unsigned rowDim() const { return spatial - 1; } // second innermost place
  unsigned placeDim() const { return spatial; }
  unsigned channelDim() const { return spatial + 1; }
  unsigned tapDim(unsigned i) const { return spatial + 2 + i; }
  OpFoldResult attr(int64_t value) {
    return IntegerAttr::get(IndexType::get(op->getContext()), value);
  }
  OpFoldResult add(OpBuilder &b, OpFoldResult x, OpFoldResult y) { return addIndex(b, loc, x, y); }
  OpFoldResult mul(OpBuilder &b, OpFoldResult x, OpFoldResult y) { return mulIndex(b, loc, x, y); }

  Bases advance(OpBuilder &builder, const Bases &bases, unsigned dim, OpFoldResult position);
  void emitRow(OpBuilder &builder, const Bases &bases, int64_t rows);
  void emitTile(OpBuilder &builder, const Bases &bases, int64_t rows, int64_t places);
  void emitVector(OpBuilder &builder, const Bases &bases, int64_t rows, int64_t places,
                  OpFoldResult channel, Value mask);
  SmallVector<Value> sumUnrolled(OpBuilder &builder, int64_t rows, int64_t places,
                                 const Bases &bases, OpFoldResult channel, Value mask);
  SmallVector<Value> sumLooped(OpBuilder &builder, int64_t places, const Bases &bases,
                               OpFoldResult channel, Value mask);
  Value load(OpBuilder &b, Value flat, OpFoldResult offset, Value mask) {
    return emitLoad(b, loc, {flat, indexValue(b, loc, offset), attr(1), lanes, mask}).value;
  }

  kernel::ConvOp op;
  LoopNest nest; ///< operands: input, extras, result
  Value filter;
  Location loc;
  unsigned spatial;
  int64_t channels, taps, tileRows, tilePlaces, blockRows, lanes;
  bool unrolled;
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
  OpFoldResult blocks = ceilDivIndex(builder, loc, rows, blockRows);
  SmallVector<OpFoldResult> sizes = {nest.dims[0].size};
  if (spatial == 3)
    sizes.push_back(nest.dims[1].size);
  unsigned outer = sizes.size();
  sizes.push_back(blocks);
  // In ns: some 60 products a ns would be the peak, less is reached.
  OpFoldResult products =
      mul(builder, nest.dims[placeDim()].size, attr(blockRows * channels * taps));
  OpFoldResult cost = ceilDivIndex(builder, loc, products, 32);
  emitItems(builder, loc, sizes, cost, [&](OpBuilder &b, ValueRange at) {
    Bases bases(nest.operands.size(), attr(0));
    for (unsigned d = 0; d < outer; ++d)
      bases = advance(b, bases, d, at[d]);
    if (spatial < 2)
      return emitRow(b, bases, 1);
    OpFoldResult first = mul(b, at[outer], attr(blockRows));
    Value left = arith::SubIOp::create(b, loc, indexValue(b, loc, rows), indexValue(b, loc, first));
    Value most = arith::ConstantIndexOp::create(b, loc, blockRows);
    Value count = arith::MinUIOp::create(b, loc, left, most);
    bases = advance(b, bases, rowDim(), first);
    Value size = arith::ConstantIndexOp::create(b, loc, tileRows);
    Value full = arith::DivUIOp::create(b, loc, count, size);
    auto emitPart = [&](OpFoldResult from, OpFoldResult until, int64_t step) {
      OpFoldResult steps = arith::SubIOp::create(b, loc, indexValue(b, loc, until),
                                                 indexValue(b, loc, from)).getResult();
      emitLoops(b, loc, {steps}, {},
                [&](OpBuilder &in, ValueRange row, ValueRange) -> SmallVector<Value> {
                  OpFoldResult position = mul(in, add(in, from, row[0]), attr(step));
                  emitRow(in, advance(in, bases, rowDim(), position), step);
                  return {};
                });
    };
    emitPart(attr(0), full, tileRows);
    if (tileRows > 1)
      emitPart(mul(b, full, attr(tileRows)), count, 1);
  });
}

void DepthwiseEmitter::emitRow(OpBuilder &builder, const Bases &bases, int64_t rows) {
  emitRowTiles(builder, loc, attr(0), nest.dims[placeDim()].size, tilePlaces, {},
               [&](OpBuilder &b, OpFoldResult place, int64_t places) {
                 emitTile(b, advance(b, bases, placeDim(), place), rows, places);
               });
}

void DepthwiseEmitter::emitTile(OpBuilder &builder, const Bases &bases, int64_t rows,
                                int64_t places) {
  VectorLoop loop{attr(0), attr(channels), lanes, 1, {}, {}, nullptr};
  emitVectorLoop(builder, loc, loop, [&](OpBuilder &b, const VectorStep &step) {
    for (Value channel : step.positions)
      emitVector(b, bases, rows, places, channel, step.mask);
    return SmallVector<Value>();
  });
}

SmallVector<Value> DepthwiseEmitter::sumUnrolled(OpBuilder &builder, int64_t rows, int64_t places,
                                                 const Bases &bases, OpFoldResult channel,
                                                 Value mask) {
  const NestOperand &input = nest.operands[0];
  auto type = VectorType::get({lanes}, builder.getF32Type());
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  SmallVector<Value> sums(rows * places, zero);
  ArrayRef<int64_t> window = op.getWindow();
  int64_t strideX = op.getStrides()[spatial - 1], dilationX = op.getDilations()[spatial - 1];
  int64_t width = window.back(), height = taps / width;
  OpFoldResult first = add(builder, bases[0], channel);
  // Input elements by (image row, x). Tile rows are one image row apart (their stride is 1),
  // so that row r at tap t is row 0 at tap t + r of the same depth.
  int64_t perDepth = spatial >= 2 ? window[spatial - 2] : 1;
  DenseMap<std::pair<int64_t, int64_t>, Value> loaded;
  auto inputAt = [&](int64_t tapRow, int64_t row, int64_t tap, int64_t place) {
    int64_t imageRow = tapRow / perDepth * (perDepth + rows) + tapRow % perDepth + row;
    Value &value = loaded[{imageRow, place * strideX + tap * dilationX}];
    if (value)
      return value;
    OpFoldResult offset = first;
    for (int64_t rest = tapRow, i = int64_t(spatial) - 2; i >= 0; --i) {
      offset = add(builder, offset,
                   mul(builder, attr(rest % window[i]), input.strides[tapDim(i)]));
      rest /= window[i];
    }
    if (row > 0)
      offset = add(builder, offset, mul(builder, attr(row), input.strides[rowDim()]));
    offset = add(builder, offset, mul(builder, attr(tap), input.strides[tapDim(spatial - 1)]));
    offset = add(builder, offset, mul(builder, attr(place), input.strides[placeDim()]));
    return value = load(builder, input.flat, offset, mask);
  };
  for (int64_t tapRow = 0; tapRow < height; ++tapRow)
    for (int64_t tap = 0; tap < width; ++tap) {
      OpFoldResult at = add(builder, channel, attr((tapRow * width + tap) * channels));
      Value weight = load(builder, filter, at, mask);
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t x = 0; x < places; ++x) {
          Value &sum = sums[row * places + x];
          Value element = inputAt(tapRow, row, tap, x);
          sum = vector::FMAOp::create(builder, loc, element, weight, sum);
        }
    }
  return sums;
}

SmallVector<Value> DepthwiseEmitter::sumLooped(OpBuilder &builder, int64_t places,
                                               const Bases &bases, OpFoldResult channel,
                                               Value mask) {
  const NestOperand &input = nest.operands[0];
  auto type = VectorType::get({lanes}, builder.getF32Type());
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  SmallVector<Value> sums(places, zero);
  SmallVector<OpFoldResult> sizes;
  for (int64_t size : op.getWindow())
    sizes.push_back(attr(size));
  return emitLoops(builder, loc, sizes, sums, [&](OpBuilder &b, ValueRange at, ValueRange old) {
    OpFoldResult offset = add(b, bases[0], channel), tap = attr(0);
    for (auto [i, position] : llvm::enumerate(at)) {
      offset = add(b, offset, mul(b, position, input.strides[tapDim(i)]));
      tap = add(b, mul(b, tap, sizes[i]), position);
    }
    Value weight = load(b, filter, add(b, channel, mul(b, tap, attr(channels))), mask);
    SmallVector<Value> sums;
    for (int64_t x = 0; x < places; ++x) {
      OpFoldResult place = add(b, offset, mul(b, attr(x), input.strides[placeDim()]));
      Value element = load(b, input.flat, place, mask);
      sums.push_back(vector::FMAOp::create(b, loc, element, weight, old[x]));
    }
    return sums;
  });
}

void DepthwiseEmitter::emitVector(OpBuilder &builder, const Bases &bases, int64_t rows,
                                  int64_t places, OpFoldResult channel, Value mask) {
  SmallVector<Value> sums = unrolled
                                ? sumUnrolled(builder, rows, places, bases, channel, mask)
                                : sumLooped(builder, places, bases, channel, mask);
  unsigned result = nest.operands.size() - 1;
  Block &epilogue = op.getEpilogue().front();
  for (size_t p = 0; p < sums.size(); ++p) {
    auto access = [&](unsigned i) -> LaneAccess {
      const NestOperand &operand = nest.operands[i];
      OpFoldResult stride = operand.strides[channelDim()];
      OpFoldResult offset = add(builder, bases[i], mul(builder, channel, stride));
      offset = add(builder, offset,
                   mul(builder, attr(p % places), operand.strides[placeDim()]));
      if (rows > 1)
        offset = add(builder, offset,
                     mul(builder, attr(p / places), operand.strides[rowDim()]));
      if (i == result)
        stride = attr(1);
      return {operand.flat, indexValue(builder, loc, offset), stride, lanes, mask};
    };
    SmallVector<LaneValue> args = {LaneValue::vector(sums[p])};
    for (unsigned i = 1; i < result; ++i)
      args.push_back(emitLoad(builder, loc, access(i)));
    LaneContext context{lanes, mask, nullptr};
    LaneValue value = vectorizeBody(builder, epilogue, args, context).front();
    emitStore(builder, loc, access(result), toVector(builder, loc, value, lanes));
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
  for (auto [extra, map] : llvm::zip_equal(
           op.getExtras(), cast<kernel::EpilogueOpInterface>(*op).getExtraMapList()))
    operands.push_back({extra, map.compose(resultMap)});
  operands.push_back({op.getInit(), resultMap, /*output=*/true});
  llvm::SmallBitVector reductions(size);
  reductions.set(spatial + 2, size);
  FailureOr<LoopNest> nest = LoopNest::get(builder, op.getLoc(), operands, reductions, sizes);
  if (failed(nest))
    return op.emitOpError("has an operand whose layout is not strided");
  auto flat = LoopNest::get(builder, op.getLoc(),
                            {{op.getFilter(), builder.getMultiDimIdentityMap(1)}},
                            llvm::SmallBitVector(1));
  DepthwiseEmitter(op, level, *nest, flat->operands[0].flat).emit(builder);
  return success();
}
