//===- Control.cpp - control flow ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// If, Loop and Scan as scf ops with nn ops inside.
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "lib/Import/Onnx/Importer.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;

/// The i1 of a condition tensor of one element.
static Value scalarCondition(NNBuilder &b, Value tensor) {
  Value scalar = b.reshape(tensor, ArrayRef<int64_t>());
  return tensor::ExtractOp::create(b, b.getLoc(), scalar, ValueRange());
}

/// A type both branches' values can be cast to; null if their ranks or elements differ.
static RankedTensorType commonType(Value a, Value b) {
  RankedTensorType left = NNBuilder::typeOf(a), right = NNBuilder::typeOf(b);
  if (left.getRank() != right.getRank() || left.getElementType() != right.getElementType())
    return {};
  SmallVector<int64_t> sizes;
  for (auto [x, y] : llvm::zip(left.getShape(), right.getShape()))
    sizes.push_back(x == y ? x : ShapedType::kDynamic);
  return left.clone(sizes);
}

static void yieldAs(NNBuilder &b, ValueRange values, TypeRange types) {
  SmallVector<Value> results;
  for (auto [value, type] : llvm::zip(values, types))
    results.push_back(value.getType() == type
                          ? value
                          : tensor::CastOp::create(b, b.getLoc(), type, value).getResult());
  scf::YieldOp::create(b, b.getLoc(), results);
}

static LogicalResult importIf(NodeImport &n) {
  NNBuilder &b = n.b;
  // A condition known at compile time leaves one branch.
  if (auto known = n.constantInts(0)) {
    auto values = n.importSubgraph((*known)[0] ? "then_branch" : "else_branch", {});
    if (failed(values))
      return failure();
    for (auto [i, value] : llvm::enumerate(*values))
      n.setResult(i, value);
    return success();
  }
  Value condition = scalarCondition(b, n.operand(0));
  OpBuilder::InsertionGuard guard(b);
  Region thenRegion, elseRegion;
  SmallVector<Value> values[2];
  for (size_t i = 0; i < 2; ++i) {
    b.setInsertionPointToStart(&(i == 0 ? thenRegion : elseRegion).emplaceBlock());
    auto imported = n.importSubgraph(i == 0 ? "then_branch" : "else_branch", {});
    if (failed(imported))
      return failure();
    values[i] = *imported;
  }
  if (values[0].size() != values[1].size())
    return n.invalid("its branches have different numbers of outputs");
  SmallVector<Type> types;
  for (auto [i, pair] : llvm::enumerate(llvm::zip(values[0], values[1]))) {
    types.push_back(commonType(std::get<0>(pair), std::get<1>(pair)));
    if (!types.back())
      return n.unsupported("its branches give output " + Twine(i) + " different ranks or types");
  }
  b.setInsertionPointToEnd(&thenRegion.front());
  yieldAs(b, values[0], types);
  b.setInsertionPointToEnd(&elseRegion.front());
  yieldAs(b, values[1], types);
  b.setInsertionPointAfterValue(condition);
  auto op = scf::IfOp::create(b, b.getLoc(), types, condition, /*addThenBlock=*/false,
                              /*addElseBlock=*/false);
  op.getThenRegion().takeBody(thenRegion);
  op.getElseRegion().takeBody(elseRegion);
  for (auto [i, value] : llvm::enumerate(op.getResults()))
    n.setResult(i, value);
  return success();
}

//===----------------------------------------------------------------------===//
// Loop
//===----------------------------------------------------------------------===//

namespace {
/// ONNX's Loop as scf.while over (iteration, condition, state..., scan outputs...). Scan outputs
/// grow by concatenation. Where the body changes the shape of a state, its type gets dynamic
/// sizes, which takes another try at importing the body.
class LoopImport {
public:
  explicit LoopImport(NodeImport &n) : n(n), b(n.b) {}
  LogicalResult run();

private:
  size_t stateCount() const { return n.numOperands() - 2; }
  LogicalResult tryImport(ArrayRef<Type> carried, SmallVectorImpl<Type> &produced, scf::WhileOp &loop);
  LogicalResult initialValues(const Graph &body);
  Value append(Value stack, Value element);

  NodeImport &n;
  NNBuilder &b;
  SmallVector<Value> initial; // state, then empty scan outputs
};
} // namespace

/// A scalar of the IR as a tensor of one element.
static Value scalarTensor(NNBuilder &b, Value scalar) {
  return tensor::FromElementsOp::create(b, b.getLoc(), RankedTensorType::get({}, scalar.getType()),
                                        scalar);
}

/// Joins [count, ...] and [...] to [count + 1, ...].
Value LoopImport::append(Value stack, Value element) {
  return b.concat({stack, b.unsqueeze(element, {0})}, 0);
}

/// The states, and for each scan output a tensor of no rows, of the type the model declares.
LogicalResult LoopImport::initialValues(const Graph &body) {
  for (size_t i = 0; i < stateCount(); ++i)
    initial.push_back(n.operand(i + 2));
  for (size_t i = stateCount() + 1; i < body.outputs.size(); ++i) {
    const ValueType &type = n.resultType(i - 1);
    FailureOr<Type> element = n.resultElementType(i - 1);
    if (failed(element))
      return failure();
    if (!type.hasRank || type.dims.empty())
      return n.unsupported("the rank of scan output " + Twine(i - 1) + " is not known");
    SmallVector<int64_t> sizes = {0};
    for (const Dim &dim : ArrayRef(type.dims).drop_front())
      sizes.push_back(dim.isKnown() ? dim.size : 0);
    initial.push_back(b.expand(b.scalar(*element, 0), b.ints(sizes)));
  }
  return success();
}

/// Imports the body for given types of what is carried; `produced` are the types it gives back.
LogicalResult LoopImport::tryImport(ArrayRef<Type> carried, SmallVectorImpl<Type> &produced,
                                    scf::WhileOp &loop) {
  Location loc = b.getLoc();
  OpBuilder::InsertionGuard guard(b);
  Value first = arith::ConstantIntOp::create(b, loc, 0, 64);
  Value limit = n.hasOperand(0)
                    ? tensor::ExtractOp::create(b, loc, b.reshape(n.operand(0), ArrayRef<int64_t>()),
                                                ValueRange())
                          .getResult()
                    : arith::ConstantIntOp::create(b, loc, std::numeric_limits<int64_t>::max(), 64);
  Value condition = n.hasOperand(1) ? scalarCondition(b, n.operand(1))
                                    : arith::ConstantIntOp::create(b, loc, 1, 1).getResult();
  SmallVector<Value> inits = {first, condition};
  for (auto [value, type] : llvm::zip(initial, carried))
    inits.push_back(value.getType() == type ? value
                                            : tensor::CastOp::create(b, loc, type, value).getResult());
  SmallVector<Type> types = llvm::map_to_vector(inits, [](Value value) { return value.getType(); });
  loop = scf::WhileOp::create(b, loc, types, inits);
  SmallVector<Location> locs(types.size(), loc);
  Block *before = b.createBlock(&loop.getBefore(), {}, types, locs);
  Value inRange = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, before->getArgument(0), limit);
  Value goesOn = arith::AndIOp::create(b, loc, inRange, before->getArgument(1));
  scf::ConditionOp::create(b, loc, goesOn, before->getArguments());
  Block *after = b.createBlock(&loop.getAfter(), {}, types, locs);
  SmallVector<Value> arguments = {scalarTensor(b, after->getArgument(0)),
                                  scalarTensor(b, after->getArgument(1))};
  llvm::append_range(arguments, after->getArguments().slice(2, stateCount()));
  auto results = n.importSubgraph("body", arguments);
  if (failed(results))
    return failure();
  SmallVector<Value> next(results->begin() + 1, results->begin() + 1 + stateCount());
  for (size_t i = stateCount(); i < carried.size(); ++i)
    next.push_back(append(after->getArgument(i + 2), (*results)[i + 1]));
  for (Value value : next)
    produced.push_back(value.getType());
  Value one = arith::ConstantIntOp::create(b, loc, 1, 64);
  SmallVector<Value> yielded = {arith::AddIOp::create(b, loc, after->getArgument(0), one),
                                scalarCondition(b, results->front())};
  for (auto [value, type] : llvm::zip(next, carried))
    yielded.push_back(tensor::CastOp::areCastCompatible(value.getType(), type) && value.getType() != type
                          ? tensor::CastOp::create(b, loc, type, value).getResult()
                          : value);
  scf::YieldOp::create(b, loc, yielded);
  return success();
}

LogicalResult LoopImport::run() {
  const Graph *body = n.subgraph("body");
  if (!body || n.numOperands() < 2)
    return n.invalid("it has no body");
  if (failed(initialValues(*body)))
    return failure();
  SmallVector<Type> carried = llvm::map_to_vector(initial, [](Value value) { return value.getType(); });
  while (true) {
    SmallVector<Type> produced;
    scf::WhileOp loop;
    if (failed(tryImport(carried, produced, loop)))
      return failure();
    bool isStable = true;
    for (auto [have, type] : llvm::zip(carried, produced)) {
      auto old = cast<RankedTensorType>(have), next = cast<RankedTensorType>(type);
      if (old.getRank() != next.getRank() || old.getElementType() != next.getElementType())
        return n.unsupported("its body changes the rank or type of a state");
      SmallVector<int64_t> sizes;
      for (auto [x, y] : llvm::zip(old.getShape(), next.getShape()))
        sizes.push_back(x == y ? x : ShapedType::kDynamic);
      isStable &= old.clone(sizes) == old;
      have = old.clone(sizes);
    }
    if (isStable) {
      for (size_t i = 0; i < carried.size(); ++i)
        n.setResult(i, loop.getResult(i + 2));
      return success();
    }
    b.discard(loop);
  }
}

static LogicalResult importLoop(NodeImport &n) { return LoopImport(n).run(); }

void optc::onnximport::registerControl(HandlerRegistry &r) {
  r.add("If", importIf);
  r.add("Loop", importLoop);
}
