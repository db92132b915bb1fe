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
  for (auto [i, region] : llvm::enumerate(ArrayRef<Region *>{&thenRegion, &elseRegion})) {
    b.setInsertionPointToStart(&region->emplaceBlock());
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

void optc::onnximport::registerControl(HandlerRegistry &r) { r.add("If", importIf); }
