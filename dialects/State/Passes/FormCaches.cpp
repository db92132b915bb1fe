//===- FormCaches.cpp - caches in memory that stays ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See StatePasses.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Passes/Passes.h"
#include "dialects/State/Decoder.h"
#include "dialects/State/Passes/Passes.h"
#include "lib/IR/ErrorId.h"

namespace optc::state {
#define GEN_PASS_DEF_STATEFORMCACHES
#include "dialects/State/StatePasses.h.inc"
} // namespace optc::state

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::state;

namespace {

struct FormCaches : state::impl::StateFormCachesBase<FormCaches> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    auto decoder = Decoder::match(func);
    bool isFormed = false;
    if (!decoder ||
        failed(rewriteFunction(func,
                               [&](NNBuilder &b) { isFormed = succeeded(form(*decoder, b)); })) ||
        !isFormed)
      return signalPassFailure();
    nameSizes(*decoder);
    removeOutputs(*decoder);
    if (failed(rewriteFunction(func, [&](NNBuilder &b) { keepLastScores(b); })))
      return signalPassFailure();
  }

  LogicalResult form(Decoder &decoder, NNBuilder &b);
  LogicalResult readAppended(Value value, Decoder &decoder, Value end, NNBuilder &b);
  LogicalResult bound(AttentionOp attention, Decoder &decoder, Value end, NNBuilder &b);
  void nameSizes(Decoder &decoder);
  void removeOutputs(Decoder &decoder);
  void keepLastScores(NNBuilder &b);
};

} // namespace

static LogicalResult refuse(Operation *op, const Twine &what) {
  return withId(op->emitError(), E2001)
         << "a cache of a decoder is read in a way that is not supported: " << what;
}

/// Of a cache, an attention reads what there is up to the last new token.
LogicalResult FormCaches::bound(AttentionOp attention, Decoder &decoder, Value end, NNBuilder &b) {
  if (attention.getMask())
    return refuse(attention, "there is a mask that is neither causal nor of all tokens");
  if (attention.getLengths() == end)
    return success();
  if (attention.getLengths())
    return refuse(attention, "it has a length of its own");
  auto offset =
      attention.getOffset() ? b.getShapes().getContents(attention.getOffset()) : std::nullopt;
  auto length = b.getShapes().getContents(decoder.length);
  if (!offset || !length || *offset != *length)
    return refuse(attention, "the first new token is not behind those that are cached");
  attention.getOffsetMutable().assign(decoder.length);
  attention.getLengthsMutable().assign(end);
  return success();
}

/// All that reads it is attention, perhaps of other dims.
LogicalResult FormCaches::readAppended(Value value, Decoder &decoder, Value end, NNBuilder &b) {
  for (Operation *user : value.getUsers()) {
    if (isa<func::ReturnOp>(user))
      continue;
    if (isa<TransposeOp>(user)) {
      if (failed(readAppended(user->getResult(0), decoder, end, b)))
        return failure();
      continue;
    }
    auto attention = dyn_cast<AttentionOp>(user);
    if (!attention)
      return refuse(user, "it is no attention");
    if (failed(bound(attention, decoder, end, b)))
      return failure();
  }
  return success();
}

LogicalResult FormCaches::form(Decoder &decoder, NNBuilder &b) {
  b.setInsertionPointToStart(&getOperation().getBody().front());
  b.setLoc(getOperation().getLoc());
  Value end = b.binary(BinaryKind::Add, decoder.length, b.sizeOf(decoder.tokens, 1));
  for (Cache &cache : decoder.caches) {
    for (Operation *user : cache.past.getUsers())
      if (user != cache.present)
        return refuse(user, "it reads it without what is added");
    b.setInsertionPoint(cache.present);
    b.setLoc(cache.present.getLoc());
    Value appended = b.make<AppendOp>(b.elementOf(cache.past), cache.past,
                                      cache.present.getInputs()[1], decoder.length, cache.axis);
    if (failed(readAppended(cache.present, decoder, end, b)))
      return failure();
    cache.present.getResult().replaceAllUsesWith(appended);
  }
  return success();
}

/// A cache has room for more than there is.
void FormCaches::nameSizes(Decoder &decoder) {
  func::FuncOp func = getOperation();
  Builder b(func.getContext());
  for (const Cache &cache : decoder.caches) {
    unsigned number = cache.past.getArgNumber();
    SmallVector<Attribute> names(NNBuilder::rankOf(cache.past), b.getStringAttr(""));
    if (auto known = func.getArgAttrOfType<ArrayAttr>(number, "nn.dims"))
      names.assign(known.begin(), known.end());
    names[cache.axis] = b.getStringAttr("optc.capacity");
    func.setArgAttr(number, "nn.dims", b.getArrayAttr(names));
    func.setArgAttr(number, axisAttr, b.getI64IntegerAttr(cache.axis));
  }
}

void FormCaches::removeOutputs(Decoder &decoder) {
  func::FuncOp func = getOperation();
  Operation *ret = func.getBody().front().getTerminator();
  llvm::BitVector removed(func.getNumResults());
  for (const Cache &cache : decoder.caches)
    removed.set(cache.output);
  ret->eraseOperands(removed);
  (void)func.eraseResults(removed);
}

/// Scores [batch, tokens, vocabulary] of the last token: nobody asks for the others.
void FormCaches::keepLastScores(NNBuilder &b) {
  Operation *ret = getOperation().getBody().front().getTerminator();
  auto product = ret->getOperand(0).getDefiningOp<MatmulOp>();
  Value rows = product ? product.getLhs() : ret->getOperand(0);
  if (b.rankOf(rows) != 3)
    return;
  b.setInsertionPoint(product ? product : ret);
  b.setLoc(rows.getLoc());
  constexpr int64_t all = std::numeric_limits<int64_t>::max();
  Value last = b.slice(rows, 1, b.ints({-1}), b.ints({all}));
  if (product)
    last = b.make<MatmulOp>(b.elementOf(product), last, product.getRhs());
  ret->setOperand(0, last);
  getOperation().setFunctionType(
      FunctionType::get(&getContext(), getOperation().getArgumentTypes(), ret->getOperandTypes()));
}
