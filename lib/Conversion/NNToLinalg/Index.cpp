//===- Index.cpp - gathers -----------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Gathers as linalg.generic over the result that extracts at checked positions, and the
// positions of non-zero elements. Scatters are in Scatter.cpp.
//
//===----------------------------------------------------------------------===//
#include "dialects/Run/Run.h"
#include "lib/Conversion/NNToLinalg/Indexing.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

static Type elementType(Value value) { return cast<TensorType>(value.getType()).getElementType(); }

static Value toIndex(ScalarBuilder &b, Value i64) {
  return arith::IndexCastOp::create(b, b.getIndexType(), i64);
}

namespace {
/// result[i..., j..., k...] = input[i..., indices[j...], k...]; the indices are resolved once,
/// not per element.
struct LowerGather : NNPattern<GatherOp> {
  using NNPattern::NNPattern;

  LogicalResult matchAndRewrite(GatherOp op, OpAdaptor adaptor, Rewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    int64_t axis = op.getAxis(), indexRank = cast<TensorType>(op.getIndices().getType()).getRank();
    Value size = sizeValues(rewriter, op.getLoc(), op.getInput(), state)[axis];
    Value indices = resolveIndices(b, op.getIndices(), adaptor.getIndices(), size);
    Value empty = createEmpty(rewriter, op.getLoc(), op.getResult(), state);
    int64_t rank = cast<RankedTensorType>(empty.getType()).getRank();
    AffineMap map = b.getMultiDimIdentityMap(rank).getSubMap(
        llvm::to_vector_of<unsigned>(llvm::seq<int64_t>(axis, axis + indexRank)));
    Value result = buildGeneric(b, empty, indices, map, [&](ScalarBuilder &body, ValueRange read) {
      SmallVector<Value> place = loopPositions(body, 0, axis);
      place.push_back(toIndex(body, read[0]));
      place.append(loopPositions(body, axis + indexRank, rank));
      return tensor::ExtractOp::create(body, adaptor.getInput(), place);
    });
    rewriter.replaceOp(op, castTo(b, op.getLoc(), result, lowered(op.getResult())));
    return success();
  }
};

/// result[i..., j, k...] = input[i..., indices[i..., j, k...], k...]
struct LowerGatherElements : NNPattern<GatherElementsOp> {
  using NNPattern::NNPattern;

  LogicalResult matchAndRewrite(GatherElementsOp op, OpAdaptor adaptor,
                                Rewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    int64_t axis = op.getAxis();
    SmallVector<Value> sizes = sizeValues(rewriter, op.getLoc(), op.getInput(), state);
    requireInside(op, rewriter);
    Value empty = createEmpty(rewriter, op.getLoc(), op.getResult(), state);
    int64_t rank = sizes.size();
    Value result = buildGeneric(b, empty, adaptor.getIndices(), b.getMultiDimIdentityMap(rank),
                                [&](ScalarBuilder &body, ValueRange read) {
                                  SmallVector<Value> place = loopPositions(body, 0, rank);
                                  place[axis] = resolveIndex(
                                      body, read[0], elementType(op.getIndices()), sizes[axis]);
                                  return tensor::ExtractOp::create(body, adaptor.getInput(), place);
                                });
    rewriter.replaceOp(op, castTo(b, op.getLoc(), result, lowered(op.getResult())));
    return success();
  }

  /// The indices have no more elements than the input in the other dimensions.
  void requireInside(GatherElementsOp op, Rewriter &b) const {
    Location loc = op.getLoc();
    Shape input = shapes().getShape(op.getInput()), indices = shapes().getShape(op.getIndices());
    for (auto [i, have] : llvm::enumerate(input)) {
      if (i == op.getAxis() || have == indices[i] || (getConstant(have) && getConstant(indices[i])))
        continue;
      Value size = getValueOrCreateConstantIndexOp(b, loc, lowerDim(b, loc, have, state));
      Value wanted = getValueOrCreateConstantIndexOp(b, loc, lowerDim(b, loc, indices[i], state));
      Value fits = b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::ule, wanted, size);
      run::RequireOp::create(
          b, loc, fits,
          b.getStringAttr("node '" + nodeName(loc) + "': indices have the size {0}, the data {1}"),
          ValueRange{wanted, size});
    }
  }
};

/// result[b..., j..., k...] = input[b..., indices[b..., j..., 0...q-1], k...]
struct LowerGatherND : NNPattern<GatherNDOp> {
  using NNPattern::NNPattern;

  LogicalResult matchAndRewrite(GatherNDOp op, OpAdaptor adaptor,
                                Rewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    int64_t batch = op.getBatchDims();
    Shape input = shapes().getShape(op.getInput()), indices = shapes().getShape(op.getIndices());
    for (int64_t i = 0; i < batch; ++i)
      requireEqual(rewriter, op.getLoc(), input[i], indices[i], "batch sizes {0} and {1} differ",
                   state);
    SmallVector<Value> sizes = sizeValues(rewriter, op.getLoc(), op.getInput(), state);
    Value empty = createEmpty(rewriter, op.getLoc(), op.getResult(), state);
    int64_t rank = cast<RankedTensorType>(empty.getType()).getRank();
    int64_t indexRank = indices.size(), length = *getConstant(indices.back());
    Value result = buildGeneric(b, empty, {}, {}, [&](ScalarBuilder &body, ValueRange) {
      SmallVector<Value> place = loopPositions(body, 0, batch);
      SmallVector<Value> at = loopPositions(body, 0, indexRank - 1);
      for (int64_t i = 0; i < length; ++i) {
        at.push_back(arith::ConstantIndexOp::create(body, i));
        Value stored = tensor::ExtractOp::create(body, adaptor.getIndices(), at);
        place.push_back(resolveIndex(body, stored, elementType(op.getIndices()), sizes[batch + i]));
        at.pop_back();
      }
      place.append(loopPositions(body, indexRank - 1, rank));
      return tensor::ExtractOp::create(body, adaptor.getInput(), place);
    });
    rewriter.replaceOp(op, castTo(b, op.getLoc(), result, lowered(op.getResult())));
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Non-zero elements
//===----------------------------------------------------------------------===//

/// Counts, allocates, fills.
struct LowerNonZero : NNPattern<NonZeroOp> {
  using NNPattern::NNPattern;

  static Value isNonZero(ScalarBuilder &b, Value stored, Type type) {
    Value value = loadElement(b, stored, type);
    return scalarCast(b, value, type, b.getI1Type());
  }

  static Value count(ScalarBuilder &b, Value input, Type type) {
    int64_t rank = cast<RankedTensorType>(input.getType()).getRank();
    Value zero = scalarConstant(b, b.getI64Type(), 0);
    Value empty = createEmpty(b, b.getLoc(), {}, b.getI64Type());
    Value init = linalg::FillOp::create(b, zero, empty).getResult(0);
    SmallVector<AffineMap> maps = {b.getMultiDimIdentityMap(rank),
                                   AffineMap::get(rank, 0, b.getContext())};
    SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::reduction);
    auto generic = linalg::GenericOp::create(
        b, init.getType(), input, init, maps, iterators,
        [&](OpBuilder &builder, Location loc, ValueRange args) {
          ScalarBuilder body(loc, builder);
          Value one =
              arith::ExtUIOp::create(body, body.getI64Type(), isNonZero(body, args[0], type));
          linalg::YieldOp::create(body, arith::AddIOp::create(body, args[1], one).getResult());
        });
    return toIndex(b, tensor::ExtractOp::create(b, generic.getResult(0), ValueRange()));
  }

  /// Stores an index vector into column `column`.
  static Value store(ScalarBuilder &b, Value result, ValueRange at, Value column) {
    for (auto [i, index] : llvm::enumerate(at)) {
      Value row = arith::ConstantIndexOp::create(b, i);
      Value wide = arith::IndexCastOp::create(b, b.getI64Type(), index);
      result = tensor::InsertOp::create(b, wide, result, ValueRange{row, column});
    }
    return result;
  }

  LogicalResult matchAndRewrite(NonZeroOp op, OpAdaptor adaptor,
                                Rewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    Type type = elementType(op.getInput());
    auto resultType = lowered(op.getResult());
    Value total = count(b, adaptor.getInput(), type);
    OpFoldResult sizes[] = {b.getIndexAttr(resultType.getDimSize(0)),
                            dataSize(b, total, resultType, 1)};
    // One column more takes what the elements that are zero store.
    Value one = arith::ConstantIndexOp::create(b, 1), zero = arith::ConstantIndexOp::create(b, 0);
    OpFoldResult room[] = {sizes[0], b.createOrFold<arith::AddIOp>(total, one)};
    Value empty = createEmpty(b, op.getLoc(), room, b.getI64Type());
    SmallVector<Value> inputSizes = sizeValues(rewriter, op.getLoc(), op.getInput(), state);
    Value filled = buildLoops(
        b, inputSizes, {empty, zero}, [&](ScalarBuilder &body, ValueRange at, ValueRange carried) {
          Value stored = tensor::ExtractOp::create(body, adaptor.getInput(), at);
          Value isTaken = isNonZero(body, stored, type);
          Value step = arith::SelectOp::create(body, isTaken, one, zero);
          return SmallVector<Value>{store(body, carried[0], at, carried[1]),
                                    arith::AddIOp::create(body, carried[1], step)};
        })[0];
    OpFoldResult origin[] = {b.getIndexAttr(0), b.getIndexAttr(0)};
    OpFoldResult strides[] = {b.getIndexAttr(1), b.getIndexAttr(1)};
    Value result = tensor::ExtractSliceOp::create(b, filled, origin, sizes, strides);
    rewriter.replaceOp(op, castTo(b, op.getLoc(), result, resultType));
    return success();
  }
};
} // namespace

void optc::nn::populateIndex(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerGather, LowerGatherElements, LowerGatherND, LowerNonZero>(patterns.getContext(),
                                                                              state);
}
