//===- Decoder.cpp - what a decoder reads and keeps ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Decoder.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/State/Decoder.h"
#include "dialects/NN/Builder.h"
#include "lib/IR/ErrorId.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::state;

static StringRef nameOf(func::FuncOp func, unsigned argument) {
  auto name = func.getArgAttrOfType<StringAttr>(argument, "nn.name");
  return name ? name.getValue() : StringRef();
}

static InFlightDiagnostic refuse(Location loc) { return withId(emitError(loc), E2001); }

/// Outputs that are an input with rows behind it.
static SmallVector<Cache> findCaches(func::FuncOp func) {
  SmallVector<Cache> caches;
  for (OpOperand &output : func.getBody().front().getTerminator()->getOpOperands()) {
    auto concat = output.get().getDefiningOp<ConcatOp>();
    auto past = concat && concat.getInputs().size() == 2
                    ? dyn_cast<BlockArgument>(concat.getInputs()[0])
                    : BlockArgument();
    if (past && NNBuilder::typeOf(past).isDynamicDim(concat.getAxis()))
      caches.push_back(
          {past, concat, static_cast<int64_t>(concat.getAxis()), output.getOperandNumber()});
  }
  return caches;
}

namespace {
/// What is computed with an input of integers.
struct Uses {
  bool isTokens = false, isMask = false, isPositions = false;
  Operation *other = nullptr; ///< what is none of these

  Uses(Value input, int64_t vocabulary);

private:
  void add(OpOperand &use, int64_t vocabulary, SmallVectorImpl<Value> &work);
};
} // namespace

Uses::Uses(Value input, int64_t vocabulary) {
  SmallVector<Value> work = {input};
  llvm::DenseSet<Value> seen;
  while (!work.empty()) {
    Value value = work.pop_back_val();
    if (seen.insert(value).second)
      for (OpOperand &use : value.getUses())
        add(use, vocabulary, work);
  }
}

void Uses::add(OpOperand &use, int64_t vocabulary, SmallVectorImpl<Value> &work) {
  Operation *op = use.getOwner();
  unsigned index = use.getOperandNumber();
  bool isCheck = !isa<NNDialect>(op->getDialect()) &&
                 llvm::none_of(op->getResultTypes(), llvm::IsaPred<TensorType>);
  if (isa<ShapeOp>(op) || isCheck)
    return;
  if (auto gather = dyn_cast<GatherOp>(op); gather && index == 1) {
    bool isVocabulary =
        NNBuilder::typeOf(gather.getInput()).getDimSize(gather.getAxis()) == vocabulary;
    (isVocabulary ? isTokens : isPositions) = true;
  } else if (auto attention = dyn_cast<AttentionOp>(op)) {
    if (use.get() == attention.getMask())
      isMask = true;
    else if (use.get() != attention.getOffset() && use.get() != attention.getLengths())
      other = op;
  } else if (isa<SoftmaxOp>(op)) {
    isMask = true; // of attention that is in parts yet
  } else if (isa<RopeOp>(op)) {
    isPositions = true;
  } else if (isa<UnaryOp, BinaryOp, CompareOp, SelectOp, CastOp, ReshapeOp, TransposeOp, ExpandOp,
                 ConcatOp, SliceOp, PadOp, RangeOp, CumulativeOp, ReduceOp>(op)) {
    llvm::append_range(work, op->getResults());
  } else {
    other = op;
  }
}

/// Scores of all tokens are the first output that is no cache.
static int64_t vocabularyOf(func::FuncOp func, ArrayRef<Cache> caches) {
  for (OpOperand &output : func.getBody().front().getTerminator()->getOpOperands())
    if (llvm::none_of(
            caches, [&](const Cache &cache) { return cache.output == output.getOperandNumber(); }))
      return NNBuilder::typeOf(output.get()).getShape().back();
  return ShapedType::kDynamic;
}

/// The argument `length`, which is made if there is none.
static BlockArgument lengthOf(func::FuncOp func) {
  for (unsigned i = 0; i < func.getNumArguments(); ++i)
    if (nameOf(func, i) == lengthName)
      return func.getArgument(i);
  Builder b(func.getContext());
  unsigned index = func.getNumArguments();
  auto attributes = b.getDictionaryAttr({b.getNamedAttr("nn.name", b.getStringAttr(lengthName))});
  (void)func.insertArgument(index, RankedTensorType::get({1}, b.getI64Type()), attributes,
                            func.getLoc());
  return func.getArgument(index);
}

std::optional<Decoder> Decoder::match(func::FuncOp func) {
  Decoder decoder;
  decoder.caches = findCaches(func);
  if (decoder.caches.empty()) {
    refuse(func.getLoc()) << "the model is no decoder: no output is an input with tokens behind it "
                             "(past and present keys and "
                             "values)";
    return std::nullopt;
  }
  int64_t vocabulary = vocabularyOf(func, decoder.caches);
  decoder.length = lengthOf(func);
  for (BlockArgument argument : func.getArguments()) {
    bool isCache =
        llvm::any_of(decoder.caches, [&](const Cache &cache) { return cache.past == argument; });
    if (isCache || argument == decoder.length)
      continue;
    StringRef name = nameOf(func, argument.getArgNumber());
    Uses uses(argument, vocabulary);
    if (NNBuilder::rankOf(argument) != 2 || !NNBuilder::elementOf(argument).isSignlessInteger() ||
        uses.other || (uses.isTokens && (uses.isMask || uses.isPositions || decoder.tokens))) {
      refuse(uses.other ? uses.other->getLoc() : func.getLoc())
          << "the input '" << name
          << "' of a decoder is neither its tokens, nor a mask or positions of them [batch, "
             "tokens]";
      return std::nullopt;
    }
    if (uses.isTokens)
      decoder.tokens = argument;
    else if (uses.isPositions && !uses.isMask)
      decoder.positions.push_back(argument);
    else
      decoder.masks.push_back(argument);
  }
  if (!decoder.tokens) {
    refuse(func.getLoc()) << "the model is no decoder: rows of no vocabulary of " << vocabulary
                          << " tokens, as its scores have, are gathered by an input";
    return std::nullopt;
  }
  return decoder;
}
