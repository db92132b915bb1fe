//===- FlattenConv.cpp - odd channels as longer windows -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See FlattenConv.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Passes/FlattenConv.h"

using namespace mlir;
using namespace optc::nn;

/// `amounts` zeros, first those before each dimension, then those after each.
static Value padWithZeros(NNBuilder &b, Value value, ArrayRef<int64_t> amounts) {
  return b.make<PadOp>(NNBuilder::elementOf(value), PadMode::Constant, value, b.ints(amounts),
                       b.scalarLike(value, 0));
}

/// The input with its border and one place more in each row, [N, space.., C] as [N, .., width C,
/// 1].
static Value flattenInput(NNBuilder &b, ConvOp op) {
  ArrayRef<int64_t> pads = op.getPads();
  size_t spatial = pads.size() / 2;
  SmallVector<int64_t> amounts(2 * (spatial + 2), 0);
  llvm::copy(pads.take_front(spatial), amounts.begin() + 1);
  llvm::copy(pads.drop_front(spatial), amounts.begin() + spatial + 3);
  amounts[2 * spatial + 2] += 1;
  Value padded = padWithZeros(b, op.getInput(), amounts);
  SmallVector<Value> sizes;
  for (size_t d = 0; d <= spatial; ++d)
    sizes.push_back(b.sizeOf(padded, d));
  sizes.back() =
      b.binary(BinaryKind::Mul, sizes.back(), NNBuilder::typeOf(padded).getShape().back());
  sizes.push_back(b.ints(1));
  return b.reshape(padded, b.concat(sizes, 0));
}

/// [O, C, window..] as [O, 1, .., w C], with one zero more where w C is odd.
static Value flattenFilter(NNBuilder &b, ConvOp op) {
  ArrayRef<int64_t> window = op.getWindow();
  int64_t channels = NNBuilder::typeOf(op.getFilter()).getDimSize(1), rank = window.size() + 2;
  SmallVector<int64_t> order = {0};
  for (int64_t d = 2; d < rank; ++d)
    order.push_back(d);
  order.push_back(1);
  SmallVector<int64_t> flat = {NNBuilder::typeOf(op.getFilter()).getDimSize(0), 1};
  llvm::append_range(flat, window);
  flat.back() *= channels;
  Value filter = b.reshape(b.transpose(op.getFilter(), order), flat);
  if (flat.back() % 2 == 0)
    return filter;
  SmallVector<int64_t> amounts(2 * rank, 0);
  amounts.back() = 1;
  return padWithZeros(b, filter, amounts);
}

ConvOp optc::nn::flattenOddConv(NNBuilder &b, ConvOp op) {
  auto filter = NNBuilder::typeOf(op.getFilter());
  int64_t channels = filter.getDimSize(1);
  // One output channel of one input channel would be depthwise.
  if (op.getGroup() != 1 || channels % 2 == 0 || filter.getDimSize(0) == 1 ||
      op.getDilations().back() != 1 || !op.getPhases().empty())
    return {};
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(op);
  b.setLoc(op.getLoc());
  Value input = flattenInput(b, op), weights = flattenFilter(b, op);
  SmallVector<int64_t> strides(op.getStrides()), pads(op.getPads().size(), 0);
  strides.back() *= channels;
  Value result = b.make<ConvOp>(NNBuilder::elementOf(op.getResult()), input, weights, strides,
                                op.getDilations(), pads, op.getGroup(), ArrayRef<int64_t>());
  auto flat = result.getDefiningOp<ConvOp>();
  if (result.getType() != op.getResult().getType()) {
    b.discard(flat);
    return {};
  }
  op.getResult().replaceAllUsesWith(result);
  b.discard(op);
  return flat;
}
