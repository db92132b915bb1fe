//===- NarrowContractions.cpp - products of narrow floats -----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See NNPasses.td. Only what is multiplied is rounded: a bias, an activation function, a
// normalization and the sums themselves stay in f32. What a contraction reads is stored
// rounded, and its other users read that, too, so that nothing is stored twice. Attention rounds
// by itself: keys and values of the past are f32, and a token should not rewrite all of them.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Builder.h"
#include "dialects/NN/Passes/FlattenConv.h"
#include "dialects/NN/Passes/Passes.h"
#include "dialects/NN/Weights.h"
#include "llvm/ADT/TypeSwitch.h"

namespace optc::nn {
#define GEN_PASS_DEF_NNNARROWCONTRACTIONS
#include "dialects/NN/NNPasses.h.inc"
} // namespace optc::nn

using namespace mlir;
using namespace optc::nn;

namespace {
class Narrower {
public:
  Narrower(MLIRContext *context, SymbolicShapes &shapes, FloatType narrow,
           const NNNarrowContractionsOptions &options)
      : b(context, shapes), narrow(narrow), options(options) {}

  void narrowOp(ContractionOpInterface op);

private:
  bool sumsEnoughPairs(ContractionOpInterface op);
  Value narrowed(Value value);
  Value moveAbove(Operation *producer);
  Value roundedHere(Value value);

  NNBuilder b;
  FloatType narrow;
  const NNNarrowContractionsOptions &options;
  /// Rounded forms of f32 values.
  llvm::DenseMap<Value, Value> known;
};
} // namespace

bool Narrower::sumsEnoughPairs(ContractionOpInterface op) {
  if (auto conv = dyn_cast<ConvOp>(*op); conv && conv.isDepthwise()) {
    int64_t taps = llvm::product_of(conv.getWindow());
    if (taps < options.leastTaps || taps > options.mostTaps)
      return false;
  }
  return op.sumsPairs();
}

void Narrower::narrowOp(ContractionOpInterface op) {
  auto isFloat = [](Value value) { return NNBuilder::elementOf(value).isF32(); };
  // Products of two activations are left in f32: they are few.
  if (!isMovedConstant(op->getOperand(1)) || !llvm::all_of(op->getOperands(), isFloat) ||
      !isFloat(op->getResult(0)))
    return;
  if (auto conv = dyn_cast<ConvOp>(*op); conv && !options.exact && !op.sumsPairs())
    if (ConvOp flat = flattenOddConv(b, conv))
      op = flat;
  if (!sumsEnoughPairs(op))
    return;
  for (OpOperand &operand : op->getOpOperands())
    operand.set(narrowed(operand.get()));
}

Value Narrower::narrowed(Value value) {
  if (Value done = known.lookup(value))
    return done;
  OpBuilder::InsertionGuard guard(b);
  Operation *producer = value.getDefiningOp();
  if (producer)
    b.setInsertionPointAfter(producer), b.setLoc(producer->getLoc());
  else
    b.setInsertionPointToStart(value.getParentBlock()), b.setLoc(value.getLoc());
  Value moved = producer ? moveAbove(producer) : Value();
  return known[value] = moved ? moved : roundedHere(value);
}

/// cast(move(x)) -> move(cast(x)): what only moves elements moves fewer bytes.
Value Narrower::moveAbove(Operation *producer) {
  if (!isa<ReshapeOp, TransposeOp, SliceOp, ConcatOp, PadOp>(producer))
    return {};
  // Attention stores its result in the order of a transpose behind it.
  if (isa<TransposeOp>(producer) && producer->getOperand(0).getDefiningOp<AttentionOp>())
    return {};
  SmallVector<Value> operands;
  for (Value operand : producer->getOperands())
    operands.push_back(NNBuilder::elementOf(operand).isF32() ? narrowed(operand) : operand);
  Operation *copy = producer->clone();
  copy->setOperands(operands);
  copy->getResult(0).setType(UnrankedTensorType::get(narrow));
  b.insert(copy);
  Value result = b.finish(copy)[0];
  // Types may know more than inference does, where the model declared it.
  auto declared = cast<RankedTensorType>(producer->getResult(0).getType());
  if (NNBuilder::typeOf(result).getShape() == declared.getShape())
    return result;
  return {};
}

Value Narrower::roundedHere(Value value) {
  Value rounded = b.convert(value, narrow);
  Operation *cast = rounded.getDefiningOp();
  if (value.getDefiningOp<ConstantOp>() || isa<BlockArgument>(value) || value.hasOneUse())
    return rounded;
  // The other users read what is stored.
  Value wide = b.convert(rounded, b.getF32Type());
  Operation *widening = wide.getDefiningOp();
  if (cast && widening && cast != widening)
    value.replaceUsesWithIf(wide, [&](OpOperand &use) {
      return use.getOwner() != cast && !isa<ContractionOpInterface, func::ReturnOp>(use.getOwner());
    });
  return rounded;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct NarrowContractions : optc::nn::impl::NNNarrowContractionsBase<NarrowContractions> {
  using NNNarrowContractionsBase::NNNarrowContractionsBase;

  void runOnOperation() override {
    Builder builder(&getContext());
    FloatType narrow = llvm::StringSwitch<FloatType>(type)
                           .Case("bf16", builder.getBF16Type())
                           .Case("f16", builder.getF16Type())
                           .Default({});
    if (!narrow) {
      getOperation().emitError("nn-narrow-contractions: no narrow float type '") << type << "'";
      return signalPassFailure();
    }
    auto rewrite = [&](NNBuilder &b) {
      // Loops keep their state in f32.
      Region &body = getOperation().getBody();
      auto contractions = llvm::to_vector(body.getOps<ContractionOpInterface>());
      NNNarrowContractionsOptions options{type, exact, leastTaps, mostTaps};
      Narrower narrower(&getContext(), b.getShapes(), narrow, options);
      for (ContractionOpInterface op : contractions)
        narrower.narrowOp(op);
      for (auto op : body.getOps<AttentionOp>())
        if (NNBuilder::elementOf(op.getQuery()).isF32())
          op.setNarrow(narrow);
    };
    if (failed(rewriteFunction(getOperation(), rewrite)))
      signalPassFailure();
  }
};
} // namespace
