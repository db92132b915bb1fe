//===- DepthwiseSums.cpp - sums of a tile of a depthwise conv -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See DepthwiseSums.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/DepthwiseSums.h"
#include "lib/Target/Cpu/Vector/VectorLoop.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

DepthwiseSums::DepthwiseSums(kernel::ConvOp op, const DepthwisePlan &plan, const CpuLevel &level,
                             const NestOperand &input, Value filter)
    : op(op), shape(plan.shape), input(input), filter(filter), loc(op.getLoc()),
      spatial(op.getNumSpatial()), lanes(plan.tile.lanes), pairs(loc, level, lanes) {}

Value DepthwiseSums::loadStored(OpBuilder &builder, Value flat, OpFoldResult offset,
                                Value mask) const {
  return emitLoad(builder, loc, {flat, indexValue(builder, loc, offset), attr(1), lanes, mask})
      .value;
}

Value DepthwiseSums::load(OpBuilder &builder, Value flat, OpFoldResult offset, Value mask) const {
  Value stored = loadStored(builder, flat, offset, mask);
  auto type = cast<VectorType>(stored.getType());
  auto f32 = type.clone(builder.getF32Type());
  if (type == f32)
    return stored;
  if (isa<FloatType>(type.getElementType()))
    return arith::ExtFOp::create(builder, loc, f32, stored);
  bool isUnsigned = flat == filter ? op.getUnsignedFilter() : op.getUnsignedInput();
  auto i32 = type.clone(builder.getI32Type());
  Value wide = isUnsigned ? arith::ExtUIOp::create(builder, loc, i32, stored).getResult()
                          : arith::ExtSIOp::create(builder, loc, i32, stored).getResult();
  return arith::SIToFPOp::create(builder, loc, f32, wide);
}

Value DepthwiseSums::join(OpBuilder &builder, Value first, Value second) const {
  if (second)
    return vector::InterleaveOp::create(builder, loc, first, second);
  auto bits = VectorType::get({lanes}, builder.getI16Type());
  Value low = vector::BitCastOp::create(builder, loc, bits, first);
  Value wide = arith::ExtUIOp::create(builder, loc, bits.clone(builder.getI32Type()), low);
  auto type = VectorType::get({2 * lanes}, builder.getBF16Type());
  return vector::BitCastOp::create(builder, loc, type, wide);
}

Value DepthwiseSums::weight(OpBuilder &builder, const SumTile &tile, TapStep step) const {
  auto at = [&](int64_t tap) {
    return addIndex(builder, loc, tile.channel, attr(tap * shape.channels));
  };
  if (!shape.isPaired)
    return load(builder, filter, at(step.first), tile.mask);
  Value first = loadStored(builder, filter, at(step.first), tile.mask), second;
  if (step.second)
    second = loadStored(builder, filter, at(*step.second), tile.mask);
  return join(builder, first, second);
}

/// What a tile has loaded so far.
class DepthwiseSums::Inputs {
public:
  Inputs(const DepthwiseSums &sums, const SumTile &tile) : sums(sums), tile(tile) {}

  /// The factor of the taps of `step` for a place of row `row`.
  Value get(OpBuilder &b, TapStep step, int64_t row, int64_t place) {
    if (!sums.shape.isPaired)
      return single(b, step.first, row, place);
    Element second = step.second ? elementOf(*step.second, row, place) : Element(-1, -1);
    Value &joined = pairs[{elementOf(step.first, row, place), second}];
    if (!joined) {
      Value first = single(b, step.first, row, place);
      joined = sums.join(b, first, step.second ? single(b, *step.second, row, place) : Value());
    }
    return joined;
  }

private:
  /// Image row and position in it, from the tile's first one on.
  using Element = std::pair<int64_t, int64_t>;

  /// Tile rows are one image row apart (their stride is 1), so that row r at tap t is row 0 at tap
  /// t + r of the same depth.
  Element elementOf(int64_t tap, int64_t row, int64_t place) const {
    int64_t width = sums.shape.windowPlaces, height = sums.shape.windowRows, tapRow = tap / width;
    int64_t imageRow = tapRow / height * (height + tile.rows) + tapRow % height + row;
    return {imageRow,
            place * sums.shape.stridePlaces + tap % width * sums.op.getDilations().back()};
  }
  Value single(OpBuilder &b, int64_t tap, int64_t row, int64_t place);

  const DepthwiseSums &sums;
  const SumTile &tile;
  DenseMap<Element, Value> singles;
  DenseMap<std::pair<Element, Element>, Value> pairs;
};

Value DepthwiseSums::Inputs::single(OpBuilder &b, int64_t tap, int64_t row, int64_t place) {
  Value &value = singles[elementOf(tap, row, place)];
  if (value)
    return value;
  OpFoldResult offset = tile.base;
  auto move = [&](int64_t steps, unsigned dim) {
    OpFoldResult distance = mulIndex(b, sums.loc, sums.attr(steps), sums.input.strides[dim]);
    offset = addIndex(b, sums.loc, offset, distance);
  };
  ArrayRef<int64_t> window = sums.op.getWindow();
  for (int64_t rest = tap, i = sums.spatial; i-- > 0; rest /= window[i])
    move(rest % window[i], sums.tapDim(i));
  if (row > 0)
    move(row, sums.rowDim());
  move(place, sums.placeDim());
  return value = sums.shape.isPaired ? sums.loadStored(b, sums.input.flat, offset, tile.mask)
                                     : sums.load(b, sums.input.flat, offset, tile.mask);
}

static Value zeros(OpBuilder &builder, Location loc, int64_t lanes) {
  auto type = VectorType::get({lanes}, builder.getF32Type());
  return arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
}

SmallVector<Value> DepthwiseSums::sumUnrolled(OpBuilder &builder, const SumTile &tile) const {
  SmallVector<Value> sums(tile.rows * tile.places, zeros(builder, loc, lanes));
  Inputs inputs(*this, tile);
  for (TapStep step : getTapSteps(shape)) {
    Value factor = weight(builder, tile, step);
    for (auto [i, sum] : llvm::enumerate(sums)) {
      Value element = inputs.get(builder, step, i / tile.places, i % tile.places);
      sum = shape.isPaired ? pairs.multiplyAdd(builder, element, factor, sum)
                           : vector::FMAOp::create(builder, loc, element, factor, sum).getResult();
    }
  }
  return sums;
}

SmallVector<Value> DepthwiseSums::sumLooped(OpBuilder &builder, const SumTile &tile) const {
  SmallVector<Value> inits(tile.places, zeros(builder, loc, lanes));
  SmallVector<OpFoldResult> sizes;
  for (int64_t size : op.getWindow())
    sizes.push_back(attr(size));
  return emitLoops(builder, loc, sizes, inits, [&](OpBuilder &b, ValueRange at, ValueRange old) {
    auto move = [&](OpFoldResult from, OpFoldResult steps, OpFoldResult stride) {
      return addIndex(b, loc, from, mulIndex(b, loc, steps, stride));
    };
    OpFoldResult offset = tile.base, tap = attr(0);
    for (auto [i, position] : llvm::enumerate(at)) {
      offset = move(offset, position, input.strides[tapDim(i)]);
      tap = move(position, tap, sizes[i]);
    }
    Value factor = load(b, filter, move(tile.channel, tap, attr(shape.channels)), tile.mask);
    SmallVector<Value> sums;
    for (int64_t x = 0; x < tile.places; ++x) {
      Value element =
          load(b, input.flat, move(offset, attr(x), input.strides[placeDim()]), tile.mask);
      sums.push_back(vector::FMAOp::create(b, loc, element, factor, old[x]));
    }
    return sums;
  });
}
