//===- Scatter.cpp - scatters --------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scatters as loops over the updates that write into the input in place (a copy of it,
// where it is needed afterwards). Positions may repeat, so the loops are sequential.
//
//===----------------------------------------------------------------------===//
#include "dialects/Run/Run.h"
#include "lib/Conversion/NNToLinalg/Indexing.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

static Type elementType(Value value) { return cast<TensorType>(value.getType()).getElementType(); }

/// Stores an update, combined with what is there if `reduction` says so.
static Value storeUpdate(ScalarBuilder &b, Value update, Value tensor, ValueRange place,
                         std::optional<ReduceKind> reduction, Type type) {
  if (reduction) {
    Value present = loadElement(b, tensor::ExtractOp::create(b, tensor, place), type);
    Value next = scalarBinary(b, combiner(*reduction), present, loadElement(b, update, type), type);
    update = storeElement(b, next, type);
  }
  return tensor::InsertOp::create(b, update, tensor, place);
}

namespace {
/// for p in updates: result[p with p[axis] = indices[p]] = updates[p]
struct LowerScatterElements : NNPattern<ScatterElementsOp> {
  using NNPattern::NNPattern;

  LogicalResult matchAndRewrite(ScatterElementsOp op, OpAdaptor adaptor,
                                Rewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    Shape indices = shapes().getShape(op.getIndices()),
          updates = shapes().getShape(op.getUpdates());
    for (auto [left, right] : llvm::zip(indices, updates))
      requireEqual(rewriter, op.getLoc(), left, right, "indices and updates have sizes {0} and {1}",
                   state);
    SmallVector<Value> inputSizes = sizeValues(rewriter, op.getLoc(), op.getInput(), state);
    SmallVector<Value> sizes = sizeValues(rewriter, op.getLoc(), op.getIndices(), state);
    auto body = [&](ScalarBuilder &inner, ValueRange at, ValueRange carried) {
      SmallVector<Value> place = checkedPlace(inner, op, at, inputSizes, indices);
      Value index = tensor::ExtractOp::create(inner, adaptor.getIndices(), at);
      place[op.getAxis()] =
          resolveIndex(inner, index, elementType(op.getIndices()), inputSizes[op.getAxis()]);
      Value update = tensor::ExtractOp::create(inner, adaptor.getUpdates(), at);
      return SmallVector<Value>{storeUpdate(inner, update, carried[0], place, op.getReduction(),
                                            elementType(op.getInput()))};
    };
    Value result = buildLoops(b, sizes, adaptor.getInput(), body)[0];
    rewriter.replaceOp(op, castTo(b, op.getLoc(), result, lowered(op.getResult())));
    return success();
  }

  /// The position of an update; it may be outside of the input where the sizes do not tell.
  SmallVector<Value> checkedPlace(ScalarBuilder &b, ScatterElementsOp op, ValueRange at,
                                  ArrayRef<Value> inputSizes, const Shape &indices) const {
    const Shape &input = shapes().getShape(op.getInput());
    SmallVector<Value> place(at);
    std::string message =
        "node '" + nodeName(op.getLoc()) + "': update at {0} is out of range for a size of {1}";
    for (auto [i, size] : llvm::enumerate(inputSizes)) {
      auto have = getConstant(input[i]), want = getConstant(indices[i]);
      bool isInside = input[i] == indices[i] || (have && want && *want <= *have);
      if (i != op.getAxis() && !isInside)
        place[i] = run::CheckedIndexOp::create(b, at[i], size, b.getStringAttr(message));
    }
    return place;
  }
};

/// for j... in indices: for k...: result[indices[j...], k...] = updates[j..., k...]
struct LowerScatterND : NNPattern<ScatterNDOp> {
  using NNPattern::NNPattern;

  LogicalResult matchAndRewrite(ScatterNDOp op, OpAdaptor adaptor,
                                Rewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    Shape indices = shapes().getShape(op.getIndices()), input = shapes().getShape(op.getInput()),
          updates = shapes().getShape(op.getUpdates());
    int64_t length = *getConstant(indices.back()), outerRank = indices.size() - 1;
    for (auto [i, size] : llvm::enumerate(updates)) {
      bool isOuter = static_cast<int64_t>(i) < outerRank;
      requireEqual(rewriter, op.getLoc(), size,
                   isOuter ? indices[i] : input[i - outerRank + length],
                   "updates have the size {0}, needed is {1}", state);
    }
    SmallVector<Value> inputSizes = sizeValues(rewriter, op.getLoc(), op.getInput(), state);
    SmallVector<Value> sizes = sizeValues(rewriter, op.getLoc(), op.getUpdates(), state);
    auto outer = [&](ScalarBuilder &middle, ValueRange at, ValueRange carried) {
      SmallVector<Value> prefix, read(at);
      for (int64_t i = 0; i < length; ++i) {
        read.push_back(arith::ConstantIndexOp::create(middle, i));
        Value index = tensor::ExtractOp::create(middle, adaptor.getIndices(), read);
        prefix.push_back(resolveIndex(middle, index, elementType(op.getIndices()), inputSizes[i]));
        read.pop_back();
      }
      return buildLoops(
          middle, ArrayRef(sizes).drop_front(outerRank), carried,
          [&](ScalarBuilder &inner, ValueRange rest, ValueRange tensors) {
            SmallVector<Value> place(prefix), source(at);
            place.append(rest.begin(), rest.end());
            source.append(rest.begin(), rest.end());
            Value update = tensor::ExtractOp::create(inner, adaptor.getUpdates(), source);
            return SmallVector<Value>{storeUpdate(inner, update, tensors[0], place,
                                                  op.getReduction(), elementType(op.getInput()))};
          });
    };
    Value result =
        buildLoops(b, ArrayRef(sizes).take_front(outerRank), adaptor.getInput(), outer)[0];
    rewriter.replaceOp(op, castTo(b, op.getLoc(), result, lowered(op.getResult())));
    return success();
  }
};
} // namespace

void optc::nn::populateScatter(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerScatterElements, LowerScatterND>(patterns.getContext(), state);
}
