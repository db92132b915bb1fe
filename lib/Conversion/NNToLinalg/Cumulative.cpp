//===- Cumulative.cpp - prefix sums and sorting --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops in which an element of the result depends on its neighbours along one dimension.
//
//===----------------------------------------------------------------------===//
#include "dialects/Run/Run.h"
#include "lib/Conversion/NNToLinalg/Indexing.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

static Type elementType(Value value) { return cast<TensorType>(value.getType()).getElementType(); }

namespace {
/// Loops over all dimensions, `axis` innermost, that carry the sum.
struct LowerCumulative : NNPattern<CumulativeOp> {
  using NNPattern::NNPattern;

  LogicalResult matchAndRewrite(CumulativeOp op, OpAdaptor adaptor,
                                Rewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    Type type = elementType(op.getInput());
    int64_t axis = op.getAxis();
    SmallVector<Value> outer = sizeValues(rewriter, op.getLoc(), op.getInput(), state);
    Value length = outer[axis];
    outer.erase(outer.begin() + axis);
    Value empty = createEmpty(rewriter, op.getLoc(), op.getResult(), state);
    Value start = neutralElement(b, op.getKind(), type);
    Value last = arith::SubIOp::create(b, length, arith::ConstantIndexOp::create(b, 1));

    auto step = [&](ScalarBuilder &body, ArrayRef<Value> place, ValueRange carried) {
      Value element =
          loadElement(body, tensor::ExtractOp::create(body, adaptor.getInput(), place), type);
      Value sum = scalarBinary(body, combiner(op.getKind()), carried[1], element, type);
      Value stored = storeElement(body, op.getExclusive() ? carried[1] : sum, type);
      return SmallVector<Value>{tensor::InsertOp::create(body, stored, carried[0], place), sum};
    };
    auto row = [&](ScalarBuilder &body, ValueRange at, ValueRange carried) {
      SmallVector<Value> results =
          buildLoops(body, length, {carried[0], start},
                     [&](ScalarBuilder &inner, ValueRange i, ValueRange running) {
                       Value here = op.getReverse()
                                        ? arith::SubIOp::create(inner, last, i[0]).getResult()
                                        : i[0];
                       SmallVector<Value> place(at);
                       place.insert(place.begin() + axis, here);
                       return step(inner, place, running);
                     });
      return SmallVector<Value>{results[0]};
    };
    Value result = buildLoops(b, outer, empty, row)[0];
    rewriter.replaceOp(op, castTo(b, op.getLoc(), result, lowered(op.getResult())));
    return success();
  }
};

struct LowerArgSort : NNPattern<ArgSortOp> {
  using NNPattern::NNPattern;

  LogicalResult matchAndRewrite(ArgSortOp op, OpAdaptor adaptor,
                                Rewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    requireFits(op, rewriter);
    Value empty = createEmpty(rewriter, op.getLoc(), op.getResult(), state);
    Type type = elementType(op.getInput());
    bool isUnsigned = type.isUnsignedInteger() || type.isInteger(1);
    auto sort = kernel::ArgSortOp::create(b, empty.getType(), adaptor.getInput(), empty,
                                          op.getDescending(), isUnsigned);
    rewriter.replaceOp(op, castTo(b, op.getLoc(), sort->getResult(0), lowered(op.getResult())));
    return success();
  }

  /// k is at most the size of a row, and not negative.
  void requireFits(ArgSortOp op, Rewriter &b) const {
    Location loc = op.getLoc();
    DimExpr wanted = shapes().getShape(op.getResult()).back();
    DimExpr size = shapes().getShape(op.getInput()).back();
    if (wanted == size || (getConstant(wanted) && getConstant(size)))
      return;
    Value k = getValueOrCreateConstantIndexOp(b, loc, lowerDim(b, loc, wanted, state));
    Value n = getValueOrCreateConstantIndexOp(b, loc, lowerDim(b, loc, size, state));
    // As unsigned numbers, a negative k is above every size.
    Value fits = b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::ule, k, n);
    run::RequireOp::create(b, loc, fits,
                           b.getStringAttr("node '" + nodeName(loc) +
                                           "': the first {0} of {1} elements are asked for"),
                           ValueRange{k, n});
  }
};
} // namespace

void optc::nn::populateCumulative(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerCumulative, LowerArgSort>(patterns.getContext(), state);
}
