//===- Pool.cpp - pooling for the CPU -------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// kernel.pool: lanes are channels; for every output place the taps inside the input are
// counted once, then the window is walked for some vectors of channels at a time.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/Kernels.h"
#include "lib/Target/Cpu/Vector/LoopNest.h"
#include "lib/Target/Cpu/Vector/VectorLoop.h"
#include "lib/Target/Cpu/Vector/VectorizeBody.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

static bool canEmit(kernel::PoolOp op, StringRef &reason) {
  auto refuse = [&](StringRef why) {
    reason = why;
    return false;
  };
  if (!op.getInputType().getElementType().isF32())
    return refuse("not f32");
  SmallVector<Value> others(op.getExtras());
  others.push_back(op.getInit());
  for (Value other : others) {
    Type element = cast<ShapedType>(other.getType()).getElementType();
    if (!isVectorElement(element) || element.isInteger(1))
      return refuse("an element type is no vector element");
  }
  return canVectorizeBody(op.getEpilogue().front(), &reason);
}

namespace {

class PoolEmitter {
public:
  PoolEmitter(kernel::PoolOp op, const CpuLevel &level, LoopNest nest, LoopNest inputNest)
      : op(op), nest(std::move(nest)), inputNest(std::move(inputNest)),
        input(this->inputNest.operands[0]), loc(op.getLoc()), spatial(op.getNumSpatial()),
        lanes(level.f32Lanes()) {}

  void emit(OpBuilder &builder);

private:
  using Bases = SmallVector<OpFoldResult>;
  /// Taps [from, to) of one spatial dim that lie inside the input.
  struct TapRange {
    OpFoldResult from, to;
  };
  /// The taps of one place: offset of the first one, and how they are walked.
  struct Window {
    OpFoldResult first;
    SmallVector<OpFoldResult> sizes, strides;
  };

  unsigned channelDim() const { return spatial + 1; }
  OpFoldResult attr(int64_t value) {
    return IntegerAttr::get(IndexType::get(op->getContext()), value);
  }
  OpFoldResult add(OpBuilder &b, OpFoldResult x, OpFoldResult y) { return addIndex(b, loc, x, y); }
  OpFoldResult mul(OpBuilder &b, OpFoldResult x, OpFoldResult y) { return mulIndex(b, loc, x, y); }
  Value constant(OpBuilder &b, int64_t v) { return arith::ConstantIndexOp::create(b, loc, v); }

  TapRange tapsInside(OpBuilder &builder, unsigned i, Value place, int64_t before, int64_t after);
  Value positionCount(OpBuilder &builder, ValueRange places);
  void emitPlace(OpBuilder &builder, ValueRange at);
  SmallVector<Value> emitVectors(OpBuilder &builder, const Bases &bases, const Window &window,
                                 Value count, const VectorStep &step);

  kernel::PoolOp op;
  LoopNest nest;      ///< over the result; operands: extras, result
  LoopNest inputNest; ///< over the input
  const NestOperand &input;
  Location loc;
  unsigned spatial;
  int64_t lanes;
};

} // namespace

/// Taps t in [0, window) with -before <= start + t * dilation < size + after.
PoolEmitter::TapRange PoolEmitter::tapsInside(OpBuilder &builder, unsigned i, Value place,
                                              int64_t before, int64_t after) {
  int64_t window = op.getWindow()[i], dilation = op.getDilations()[i];
  OpFoldResult start =
      add(builder, mul(builder, place, attr(op.getStrides()[i])), attr(-op.getPadsBegin()[i]));
  Value first = indexValue(builder, loc, start);
  Value zero = constant(builder, 0), step = constant(builder, dilation);
  // ceil((bound - start) / dilation), in [0, window].
  auto tapOf = [&](OpFoldResult bound) -> OpFoldResult {
    Value distance = arith::SubIOp::create(builder, loc, indexValue(builder, loc, bound), first);
    distance = arith::MaxSIOp::create(builder, loc, distance, zero);
    Value tap = distance;
    if (dilation != 1)
      tap = arith::CeilDivUIOp::create(builder, loc, distance, step);
    return arith::MinUIOp::create(builder, loc, tap, constant(builder, window)).getResult();
  };
  bool startsInside = op.getPadsBegin()[i] <= before;
  return {startsInside ? attr(0) : tapOf(attr(-before)),
          tapOf(add(builder, inputNest.dims[i + 1].size, attr(after)))};
}

/// What an average divides by, as f32.
Value PoolEmitter::positionCount(OpBuilder &builder, ValueRange places) {
  OpFoldResult count = attr(1);
  for (unsigned i = 0; i < spatial; ++i) {
    bool grow = op.getCountPads();
    TapRange range = tapsInside(builder, i, places[i], grow ? op.getPadsBegin()[i] : 0,
                                grow ? op.getPadsEnd()[i] : 0);
    OpFoldResult size = arith::SubIOp::create(builder, loc, indexValue(builder, loc, range.to),
                                              indexValue(builder, loc, range.from))
                            .getResult();
    count = mul(builder, count, size);
  }
  Value atLeastOne =
      arith::MaxSIOp::create(builder, loc, indexValue(builder, loc, count), constant(builder, 1));
  Value wide = arith::IndexCastOp::create(builder, loc, builder.getI32Type(), atLeastOne);
  return arith::SIToFPOp::create(builder, loc, builder.getF32Type(), wide);
}

void PoolEmitter::emit(OpBuilder &builder) {
  SmallVector<OpFoldResult> sizes;
  for (unsigned d = 0; d <= spatial; ++d)
    sizes.push_back(nest.dims[d].size);
  int64_t taps = llvm::product_of(op.getWindow());
  OpFoldResult cost =
      ceilDivIndex(builder, loc, mul(builder, nest.dims[channelDim()].size, attr(taps)), 8);
  emitItems(builder, loc, sizes, cost, [&](OpBuilder &b, ValueRange at) { emitPlace(b, at); });
}

void PoolEmitter::emitPlace(OpBuilder &builder, ValueRange at) {
  Bases bases;
  for (const NestOperand &operand : nest.operands) {
    OpFoldResult base = attr(0);
    for (auto [d, position] : llvm::enumerate(at))
      base = add(builder, base, mul(builder, position, operand.strides[d]));
    bases.push_back(base);
  }
  Window window{mul(builder, at[0], input.strides[0]), {}, {}};
  for (unsigned i = 0; i < spatial; ++i) {
    TapRange range = tapsInside(builder, i, at[1 + i], 0, 0);
    Value size = arith::SubIOp::create(builder, loc, indexValue(builder, loc, range.to),
                                       indexValue(builder, loc, range.from));
    // A window wholly outside has no taps.
    window.sizes.push_back(
        arith::MaxSIOp::create(builder, loc, size, constant(builder, 0)).getResult());
    OpFoldResult dilation = attr(op.getDilations()[i]);
    OpFoldResult first = add(builder, mul(builder, at[1 + i], attr(op.getStrides()[i])),
                             mul(builder, range.from, dilation));
    first = add(builder, first, attr(-op.getPadsBegin()[i]));
    window.first = add(builder, window.first, mul(builder, first, input.strides[i + 1]));
    window.strides.push_back(mul(builder, input.strides[i + 1], dilation));
  }
  Value count;
  if (op.getKind() == kernel::PoolKind::Average)
    count = positionCount(builder, at.drop_front());
  VectorLoop loop{attr(0), nest.dims[channelDim()].size, lanes, 4, {}, {}, nullptr};
  emitVectorLoop(builder, loc, loop, [&](OpBuilder &b, const VectorStep &step) {
    return emitVectors(b, bases, window, count, step);
  });
}

SmallVector<Value> PoolEmitter::emitVectors(OpBuilder &builder, const Bases &bases,
                                            const Window &window, Value count,
                                            const VectorStep &step) {
  bool isMax = op.getKind() == kernel::PoolKind::Max;
  auto type = VectorType::get({lanes}, builder.getF32Type());
  float neutral = isMax ? -std::numeric_limits<float>::infinity() : 0.0f;
  Value start = arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, neutral));
  SmallVector<Value> sums(step.positions.size(), start);
  sums =
      emitLoops(builder, loc, window.sizes, sums, [&](OpBuilder &b, ValueRange at, ValueRange old) {
        OpFoldResult offset = window.first;
        for (auto [position, stride] : llvm::zip_equal(at, window.strides))
          offset = add(b, offset, mul(b, position, stride));
        SmallVector<Value> next;
        for (auto [position, sum] : llvm::zip_equal(step.positions, old)) {
          OpFoldResult channel = mul(b, position, input.strides[channelDim()]);
          Value index = indexValue(b, loc, add(b, offset, channel));
          Value element =
              emitLoad(b, loc, {input.flat, index, input.strides[channelDim()], lanes, step.mask})
                  .value;
          next.push_back(isMax ? arith::MaximumFOp::create(b, loc, sum, element).getResult()
                               : arith::AddFOp::create(b, loc, sum, element).getResult());
        }
        return next;
      });
  unsigned result = nest.operands.size() - 1;
  for (size_t p = 0; p < step.positions.size(); ++p) {
    Value position = step.positions[p], sum = sums[p];
    auto access = [&](unsigned i) -> LaneAccess {
      OpFoldResult stride = nest.operands[i].strides[channelDim()];
      OpFoldResult offset = add(builder, bases[i], mul(builder, position, stride));
      return {nest.operands[i].flat, indexValue(builder, loc, offset), stride, lanes, step.mask};
    };
    Value value = sum;
    if (count) {
      Value divisor = vector::BroadcastOp::create(builder, loc, type, count);
      value = arith::DivFOp::create(builder, loc, value, divisor);
    }
    SmallVector<LaneValue> args = {LaneValue::vector(value)};
    for (unsigned i = 0; i < result; ++i)
      args.push_back(emitLoad(builder, loc, access(i)));
    LaneContext context{lanes, step.mask, nullptr};
    LaneValue stored = vectorizeBody(builder, op.getEpilogue().front(), args, context).front();
    emitStore(builder, loc, access(result), toVector(builder, loc, stored, lanes));
  }
  return {};
}

static LogicalResult emitKernel(OpBuilder &builder, kernel::PoolOp op, const CpuLevel &level) {
  unsigned rank = op.getNumSpatial() + 2;
  AffineMap identity = builder.getMultiDimIdentityMap(rank);
  SmallVector<NestOperandSpec> operands;
  for (auto [extra, map] :
       llvm::zip_equal(op.getExtras(), cast<kernel::EpilogueOpInterface>(*op).getExtraMapList()))
    operands.push_back({extra, map});
  operands.push_back({op.getInit(), identity, /*output=*/true});
  llvm::SmallBitVector reductions(rank);
  FailureOr<LoopNest> nest = LoopNest::get(builder, op.getLoc(), operands, reductions);
  FailureOr<LoopNest> input =
      LoopNest::get(builder, op.getLoc(), {{op.getInput(), identity}}, reductions);
  if (failed(nest) || failed(input))
    return op.emitOpError("has an operand whose layout is not strided");
  PoolEmitter(op, level, *nest, *input).emit(builder);
  return success();
}

void cpu::addPoolEmitters(KernelEmitters &emitters) {
  emitters.add<kernel::PoolOp>(canEmit, emitKernel);
}
