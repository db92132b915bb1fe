//===- Control.cpp - control flow ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// If as scf.if; Loop and Scan are in LoopImport.cpp.
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "lib/Import/Onnx/LoopImport.h"

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

/// Imports one branch in place of the whole op.
static LogicalResult importBranch(NodeImport &n, StringRef branch) {
  auto values = n.importSubgraph(branch, {});
  if (failed(values))
    return failure();
  for (auto [i, value] : llvm::enumerate(*values))
    n.setResult(i, value);
  return success();
}

/// torch.squeeze as exporters write it: `if (size == 1) squeeze(x) else x`, where the size is
/// dynamic. Ranks are static here, so the squeezing branch is taken: its reshape checks the size
/// when the model runs. Returns that branch, or "".
static StringRef squeezingBranch(ArrayRef<Value> thenValues, ArrayRef<Value> elseValues) {
  auto squeezes = [](ArrayRef<Value> values, ArrayRef<Value> others) {
    return llvm::all_of(llvm::zip(values, others), [](auto pair) {
      auto reshape = std::get<0>(pair).template getDefiningOp<ReshapeOp>();
      return reshape && reshape.getInput() == std::get<1>(pair) &&
             NNBuilder::rankOf(std::get<0>(pair)) < NNBuilder::rankOf(std::get<1>(pair));
    });
  };
  if (squeezes(thenValues, elseValues))
    return "then_branch";
  return squeezes(elseValues, thenValues) ? "else_branch" : "";
}

namespace {
/// A branch before its op exists; what is left of it in the end is forgotten.
struct Branch {
  NNBuilder &b;
  Region region;
  SmallVector<Value> values;

  explicit Branch(NNBuilder &b) : b(b) {}
  ~Branch() { b.discardRegion(region); }
};
} // namespace

static LogicalResult importIf(NodeImport &n) {
  NNBuilder &b = n.b;
  // A condition known at compile time leaves one branch.
  if (auto known = n.constantInts(0))
    return importBranch(n, (*known)[0] ? "then_branch" : "else_branch");
  Value condition = scalarCondition(b, n.operand(0));
  OpBuilder::InsertionGuard guard(b);
  Branch branches[] = {Branch(b), Branch(b)};
  bool isImported = true; // both, to tell all that is wrong
  for (Branch &branch : branches) {
    b.setInsertionPointToStart(&branch.region.emplaceBlock());
    auto imported = n.importSubgraph(&branch == branches ? "then_branch" : "else_branch", {});
    isImported &= succeeded(imported);
    if (succeeded(imported))
      branch.values = *imported;
  }
  if (!isImported)
    return failure();
  ArrayRef<Value> thenValues = branches[0].values, elseValues = branches[1].values;
  if (thenValues.size() != elseValues.size())
    return n.invalid("its branches have different numbers of outputs");
  SmallVector<Type> types;
  for (auto [i, pair] : llvm::enumerate(llvm::zip(thenValues, elseValues))) {
    types.push_back(commonType(std::get<0>(pair), std::get<1>(pair)));
    if (types.back())
      continue;
    StringRef branch = squeezingBranch(thenValues, elseValues);
    if (branch.empty())
      return n.unsupported("its branches give output " + Twine(i) + " different ranks or types");
    b.discardRegion(branches[0].region);
    b.discardRegion(branches[1].region);
    b.setInsertionPointAfterValue(condition);
    return importBranch(n, branch);
  }
  for (Branch &branch : branches) {
    b.setInsertionPointToEnd(&branch.region.front());
    yieldAs(b, branch.values, types);
  }
  b.setInsertionPointAfterValue(condition);
  auto op = scf::IfOp::create(b, b.getLoc(), types, condition, /*addThenBlock=*/false,
                              /*addElseBlock=*/false);
  op.getThenRegion().takeBody(branches[0].region);
  op.getElseRegion().takeBody(branches[1].region);
  for (auto [i, value] : llvm::enumerate(op.getResults()))
    n.setResult(i, value);
  return success();
}

static LogicalResult importWhile(NodeImport &n) { return importLoop(n, /*isScan=*/false); }
static LogicalResult importScan(NodeImport &n) { return importLoop(n, /*isScan=*/true); }

void optc::onnximport::registerControl(HandlerRegistry &r) {
  r.add("If", importIf);
  r.add("Loop", importWhile);
  r.add("Scan", importScan);
}
