//===- SplitPhases.cpp - phases of convolutions as channels ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See NNPasses.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Passes/Passes.h"

namespace optc::nn {
#define GEN_PASS_DEF_NNSPLITPHASES
#include "dialects/NN/NNPasses.h.inc"
} // namespace optc::nn

using namespace mlir;
using namespace optc::nn;

/// [N, space.., g, phase.., O / g] -> [N, space * phases.., O].
static Value interleave(NNBuilder &b, Value value, ArrayRef<int64_t> phases, int64_t group,
                        int64_t channels) {
  int64_t count = phases.size();
  if (llvm::all_of(phases, [](int64_t phase) { return phase == 1; }))
    return value;
  SmallVector<Value> apart = {b.sizeOf(value, 0)}, together(apart);
  SmallVector<int64_t> permutation = {0};
  for (int64_t i = 0; i < count; ++i) {
    Value size = b.sizeOf(value, 1 + i);
    apart.push_back(size);
    together.push_back(b.binary(BinaryKind::Mul, size, b.ints({phases[i]})));
    permutation.append({1 + i, 2 + count + i});
  }
  SmallVector<int64_t> tail = {group};
  llvm::append_range(tail, phases);
  tail.push_back(channels / group);
  apart.push_back(b.ints(tail));
  permutation.append({1 + count, 2 + 2 * count});
  together.push_back(b.ints({channels}));
  Value split = b.reshape(value, b.concat(apart, 0), /*allowZero=*/true);
  return b.reshape(b.transpose(split, permutation), b.concat(together, 0), /*allowZero=*/true);
}

namespace {
struct SplitPhases : optc::nn::impl::NNSplitPhasesBase<SplitPhases> {
  using NNSplitPhasesBase::NNSplitPhasesBase;

  void runOnOperation() override {
    auto hasPhases = [](ConvOp conv) {
      return conv.getPhases().empty() ? WalkResult::advance() : WalkResult::interrupt();
    };
    if (!getOperation().walk(hasPhases).wasInterrupted())
      return;
    auto split = [&](ConvOp conv, NNBuilder &b) { splitOne(conv, b); };
    if (failed(rewriteEach<ConvOp>(getOperation(), split)))
      signalPassFailure();
  }

private:
  void splitOne(ConvOp conv, NNBuilder &b) {
    int64_t channels = NNBuilder::typeOf(conv.getResult()).getShape().back();
    int64_t group = conv.getGroup();
    if (conv.getPhases().empty() ||
        (channels / group >= leastChannels &&
         llvm::all_of(conv.getWindow(), [&](int64_t taps) { return taps <= mostTaps; })))
      return;
    b.setInsertionPoint(conv);
    b.setLoc(conv.getLoc());
    Value plain = b.make<ConvOp>(NNBuilder::elementOf(conv.getResult()), conv.getInput(),
                                 conv.getFilter(), conv.getStrides(), conv.getDilations(),
                                 conv.getPads(), group, ArrayRef<int64_t>());
    Value result = interleave(b, plain, conv.getPhases(), group, channels);
    conv.getResult().replaceAllUsesWith(result);
    b.discard(conv);
  }
};
} // namespace
