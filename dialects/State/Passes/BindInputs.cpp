//===- BindInputs.cpp - what a decoder is told besides tokens ------------===//
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
#include "dialects/NN/Weights.h"
#include "dialects/State/Decoder.h"
#include "dialects/State/Passes/Passes.h"
#include "lib/IR/ErrorId.h"

namespace optc::state {
#define GEN_PASS_DEF_STATEBINDINPUTS
#include "dialects/State/StatePasses.h.inc"
} // namespace optc::state

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::state;

//===----------------------------------------------------------------------===//
// Values that are one number
//===----------------------------------------------------------------------===//

namespace {

/// Finds what is the same number everywhere, and takes it out of masks.
class UniformMasks {
public:
  explicit UniformMasks(NNBuilder &b) : b(b) {}

  void run(func::FuncOp func);

private:
  std::optional<double> numberOf(Value value);
  std::optional<double> compute(Operation *op);
  std::optional<double> computeBinary(BinaryOp op);
  /// A mask [S, T] rather than [1, 1, S, T].
  Value withoutOnes(Value mask);
  /// The operand that a binary op leaves as it is, if the other is a number that changes nothing.
  Value unchanged(BinaryOp op);

  NNBuilder &b;
  llvm::DenseMap<Value, std::optional<double>> known;
};

} // namespace

std::optional<double> UniformMasks::numberOf(Value value) {
  auto [found, isNew] = known.insert({value, std::nullopt});
  Operation *op = value.getDefiningOp();
  if (!isNew || !op || op->getNumResults() != 1)
    return found->second;
  std::optional<double> number = compute(op);
  return known[value] = number;
}

std::optional<double> UniformMasks::computeBinary(BinaryOp op) {
  auto lhs = numberOf(op.getLhs()), rhs = numberOf(op.getRhs());
  bool isBool = NNBuilder::elementOf(op).isInteger(1);
  if (isBool && op.getKind() == BinaryKind::Or && (lhs == 1 || rhs == 1))
    return 1;
  if (isBool && op.getKind() == BinaryKind::And && (lhs == 0 || rhs == 0))
    return 0;
  if (!lhs || !rhs)
    return std::nullopt;
  switch (op.getKind()) {
  case BinaryKind::Add:
    return *lhs + *rhs;
  case BinaryKind::Sub:
    return *lhs - *rhs;
  case BinaryKind::Mul:
    return *lhs * *rhs;
  case BinaryKind::And:
    return isBool ? std::optional<double>(*lhs * *rhs) : std::nullopt;
  default:
    return std::nullopt;
  }
}

std::optional<double> UniformMasks::compute(Operation *op) {
  if (auto constant = dyn_cast<ConstantOp>(op)) {
    auto splat = dyn_cast<SplatElementsAttr>(constant.getValue());
    if (!splat)
      return std::nullopt;
    Attribute element = splat.getSplatValue<Attribute>();
    if (auto integer = dyn_cast<IntegerAttr>(element))
      return integer.getType().isInteger(1) ? double(integer.getValue().getBoolValue())
                                            : double(integer.getValue().getSExtValue());
    return cast<FloatAttr>(element).getValueAsDouble();
  }
  if (isa<ExpandOp, ReshapeOp, TransposeOp, SliceOp>(op))
    return numberOf(op->getOperand(0));
  if (auto cast = dyn_cast<CastOp>(op)) {
    auto number = numberOf(cast.getInput());
    return number && NNBuilder::elementOf(cast).isInteger(1) ? double(*number != 0) : number;
  }
  if (auto compare = dyn_cast<CompareOp>(op)) {
    auto lhs = numberOf(compare.getLhs()), rhs = numberOf(compare.getRhs());
    if (lhs && rhs && compare.getPredicate() == ComparePredicate::Eq)
      return double(*lhs == *rhs);
    return std::nullopt;
  }
  if (auto unary = dyn_cast<UnaryOp>(op); unary && unary.getKind() == UnaryKind::Not)
    if (auto number = numberOf(unary.getInput()))
      return double(*number == 0);
  if (auto select = dyn_cast<SelectOp>(op))
    if (auto condition = numberOf(select.getCondition()))
      return numberOf(*condition != 0 ? select.getLhs() : select.getRhs());
  auto binary = dyn_cast<BinaryOp>(op);
  return binary ? computeBinary(binary) : std::nullopt;
}

Value UniformMasks::unchanged(BinaryOp op) {
  bool isBool = NNBuilder::elementOf(op).isInteger(1);
  std::optional<double> neutral;
  if (isBool && op.getKind() == BinaryKind::And)
    neutral = 1;
  else if ((isBool && op.getKind() == BinaryKind::Or) || op.getKind() == BinaryKind::Add)
    neutral = 0;
  if (!neutral)
    return {};
  if (numberOf(op.getLhs()) == neutral)
    return op.getRhs();
  return numberOf(op.getRhs()) == neutral ? op.getLhs() : Value();
}

Value UniformMasks::withoutOnes(Value mask) {
  auto reshape = mask.getDefiningOp<ReshapeOp>();
  if (!reshape || NNBuilder::rankOf(reshape.getInput()) < 2)
    return mask;
  Shape from = b.getShapes().getShape(reshape.getInput()), to = b.getShapes().getShape(mask);
  if (to.size() < from.size() || ArrayRef(to).take_back(from.size()) != ArrayRef(from) ||
      !llvm::all_of(ArrayRef(to).drop_back(from.size()),
                    [](DimExpr size) { return getConstant(size) == 1; }))
    return mask;
  return reshape.getInput();
}

/// Masks may have any shape that broadcasts, so what is left need not be as large.
void UniformMasks::run(func::FuncOp func) {
  for (Operation &op : llvm::make_early_inc_range(func.getBody().front())) {
    b.setInsertionPoint(&op);
    b.setLoc(op.getLoc());
    if (auto select = dyn_cast<SelectOp>(op)) {
      auto condition = numberOf(select.getCondition());
      Value left = condition ? (*condition != 0 ? select.getLhs() : select.getRhs()) : Value();
      if (left && left.getType() == select.getType())
        select.getResult().replaceAllUsesWith(left);
    } else if (auto binary = dyn_cast<BinaryOp>(op)) {
      Value left = unchanged(binary);
      int64_t missing = left ? NNBuilder::rankOf(binary) - NNBuilder::rankOf(left) : 0;
      if (!left || numberOf(binary))
        continue;
      if (missing > 0)
        left = b.unsqueeze(left, llvm::to_vector(llvm::seq<int64_t>(0, missing)));
      bool isOfMasks =
          llvm::all_of(binary->getUsers(), llvm::IsaPred<AttentionOp, PadOp, BinaryOp, SelectOp>);
      if (left.getType() == binary.getType() || isOfMasks)
        binary.getResult().replaceAllUsesWith(left);
    } else if (auto pad = dyn_cast<PadOp>(op)) {
      auto pads = b.getShapes().getConstantContents(pad.getPads());
      if (pads && llvm::all_of(*pads, [](int64_t count) { return count == 0; }))
        pad.getResult().replaceAllUsesWith(pad.getInput()); // of as many keys as there are
    } else if (auto attention = dyn_cast<AttentionOp>(op); attention && attention.getMask()) {
      attention.getMaskMutable().assign(withoutOnes(attention.getMask()));
      bool isBool = NNBuilder::elementOf(attention.getMask()).isInteger(1);
      if (numberOf(attention.getMask()) == (isBool ? 1 : 0))
        attention.getMaskMutable().clear();
    }
  }
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

namespace {

struct BindInputs : state::impl::StateBindInputsBase<BindInputs> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    auto decoder = Decoder::match(func);
    if (!decoder)
      return signalPassFailure();
    if (failed(rewriteFunction(func, [&](NNBuilder &b) { bind(*decoder, b); })))
      return signalPassFailure();
    // What an input was for is known by now, so that shapes can be computed anew.
    if (failed(rewriteFunction(func, [&](NNBuilder &b) { UniformMasks(b).run(func); })))
      return signalPassFailure();
    removeInputs(*decoder);
  }

  void bind(Decoder &decoder, NNBuilder &b);
  void bindShapes(Decoder &decoder, NNBuilder &b);
  void removeInputs(Decoder &decoder);
};

} // namespace

/// The sizes of a cache as the model knows it: as many tokens as there are.
void BindInputs::bindShapes(Decoder &decoder, NNBuilder &b) {
  for (const Cache &cache : decoder.caches)
    for (Operation *user : llvm::make_early_inc_range(cache.past.getUsers())) {
      auto shape = dyn_cast<ShapeOp>(user);
      if (!shape)
        continue;
      SmallVector<Value> sizes;
      for (int64_t dim = 0; dim < NNBuilder::rankOf(cache.past); ++dim)
        sizes.push_back(dim == cache.axis ? decoder.length
                        : dim == 0        ? b.sizeOf(decoder.tokens, 0)
                                          : b.sizeOf(cache.past, dim));
      shape.getResult().replaceAllUsesWith(b.concat(sizes, 0));
    }
}

void BindInputs::bind(Decoder &decoder, NNBuilder &b) {
  func::FuncOp func = getOperation();
  b.setInsertionPointToStart(&func.getBody().front());
  b.setLoc(func.getLoc());
  Value batch = b.sizeOf(decoder.tokens, 0), added = b.sizeOf(decoder.tokens, 1);
  for (BlockArgument mask : decoder.masks) {
    Value total = b.binary(BinaryKind::Add, decoder.length, added);
    Value all = b.expand(b.scalar(b.elementOf(mask), 1), b.concat({batch, total}, 0));
    mask.replaceAllUsesWith(all);
  }
  for (BlockArgument positions : decoder.positions) {
    Value places = b.binary(BinaryKind::Add, b.iota(added), decoder.length);
    places = b.convert(places, b.elementOf(positions));
    positions.replaceAllUsesWith(b.expand(places, b.concat({batch, added}, 0)));
  }
  bindShapes(decoder, b);
}

void BindInputs::removeInputs(Decoder &decoder) {
  func::FuncOp func = getOperation();
  llvm::BitVector removed(func.getNumArguments());
  for (ArrayRef<BlockArgument> group : {ArrayRef(decoder.masks), ArrayRef(decoder.positions)})
    for (BlockArgument argument : group)
      removed.set(argument.getArgNumber());
  (void)func.eraseArguments(removed);
}
