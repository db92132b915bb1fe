//===- EmitInterleaved.cpp - elementwise ops that interleave few channels ---===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of RowEmitter for outputs whose innermost dim is short and not that of the inputs, like
// the pixels of a planar image that become triples. Neighbouring pixels are computed for every
// channel, shuffled in registers and stored as they lie in memory.
//
// Example, 3 channels and vectors of 4: r0 r1 r2 r3, g0 .. g3 and b0 .. b3 become
//   r0 g0 b0 r1 | g1 b1 r2 g2 | b2 r3 g3 b3
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Rows/RowEmitter.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

/// Vector `which` of the interleaved channels.
static Value interleave(OpBuilder &builder, Location loc, ArrayRef<Value> channels, int64_t which) {
  int64_t count = channels.size();
  int64_t lanes = cast<VectorType>(channels.front().getType()).getNumElements();
  // One channel after the other takes its places; a lane that none has taken yet keeps its own.
  Value result = channels.front();
  for (int64_t channel = 1; channel < count; ++channel) {
    SmallVector<int64_t> from;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      int64_t position = which * lanes + lane, owner = position % count;
      bool isFirst = owner == 0 && channel == 1;
      from.push_back(owner == channel ? lanes + position / count
                     : isFirst        ? position / count
                                      : lane);
    }
    result = vector::ShuffleOp::create(builder, loc, result, channels[channel], from);
  }
  return result;
}

void RowEmitter::emitInterleaved(OpBuilder &builder, const Offsets &offsets, VectorLoop &loop) {
  unsigned channelDim = *plan.channelDim;
  int64_t channels = *nest.staticSize(channelDim);
  auto storeAll = [&](OpBuilder &b, unsigned k, ArrayRef<Value> values, Value position,
                      bool isTail) {
    OpFoldResult count = b.getIndexAttr(channels);
    OpFoldResult first = mulIndex(b, loc, position, count), left;
    if (isTail)
      left = mulIndex(
          b, loc,
          arith::SubIOp::create(b, loc, indexValue(b, loc, loop.upper), position).getResult(),
          count);
    for (int64_t which = 0; which < channels; ++which) {
      OpFoldResult skipped = b.getIndexAttr(which * plan.lanes);
      OpFoldResult at = addIndex(b, loc, addIndex(b, loc, offsets[outputIndex(k)], first), skipped);
      Value mask;
      if (isTail) {
        OpFoldResult rest = addIndex(b, loc, left, b.getIndexAttr(-which * plan.lanes));
        mask = vector::CreateMaskOp::create(b, loc, VectorType::get({plan.lanes}, b.getI1Type()),
                                            indexValue(b, loc, rest));
      }
      emitStore(b, loc,
                {output(k).flat, indexValue(b, loc, at), b.getIndexAttr(1), plan.lanes, mask},
                interleave(b, loc, values, which));
    }
  };
  emitVectorLoop(builder, loc, loop, [&](OpBuilder &b, const VectorStep &step) {
    for (Value position : step.positions) {
      SmallVector<SmallVector<Value>> results(outputs);
      for (int64_t channel = 0; channel < channels; ++channel) {
        Offsets here = advance(b, offsets, channelDim, constant(b, channel));
        for (auto [k, value] : llvm::enumerate(emitBody(b, here, position, step.mask, {})))
          results[k].push_back(value);
      }
      for (unsigned k = 0; k < outputs; ++k)
        storeAll(b, k, results[k], position, static_cast<bool>(step.mask));
    }
    return SmallVector<Value>();
  });
}
