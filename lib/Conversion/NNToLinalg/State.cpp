//===- State.cpp - appending to caches -----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// state.append: an insertion in place.
//
//===----------------------------------------------------------------------===//
#include "dialects/State/State.h"
#include "lib/Conversion/NNToLinalg/Lowering.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

namespace {

struct LowerAppend : NNPattern<state::AppendOp> {
  using NNPattern::NNPattern;

  LogicalResult matchAndRewrite(state::AppendOp op, OpAdaptor adaptor, Rewriter &b) const override {
    Location loc = op.getLoc();
    const Shape cache = shapes().getShape(op.getCache()), rows = shapes().getShape(op.getRows());
    auto axis = static_cast<size_t>(op.getAxis());
    for (size_t i = 0; i < cache.size(); ++i)
      if (i != axis)
        requireEqual(b, loc, cache[i], rows[i], "a cache has {0} where what is added has {1}",
                     state);
    Value length = extractIndex(b, loc, adaptor.getLength(), 0);
    Value end = arith::AddIOp::create(b, loc, length, lowerDimValue(b, loc, rows[axis], state));
    Value room = lowerDimValue(b, loc, cache[axis], state);
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    auto compare = [&](arith::CmpIPredicate predicate, Value lhs, Value rhs) -> Value {
      return arith::CmpIOp::create(b, loc, predicate, lhs, rhs);
    };
    Value isPlace = compare(arith::CmpIPredicate::sge, length, zero);
    Value fits = compare(arith::CmpIPredicate::sle, end, room);
    require(b, loc, arith::AndIOp::create(b, loc, isPlace, fits),
            "{0} tokens do not fit into a cache of {1}", {end, room});
    SmallVector<OpFoldResult> offsets(cache.size(), b.getIndexAttr(0));
    offsets[axis] = length;
    SmallVector<OpFoldResult> strides(cache.size(), b.getIndexAttr(1));
    b.replaceOpWithNewOp<tensor::InsertSliceOp>(op, adaptor.getRows(), adaptor.getCache(), offsets,
                                                lowerSizes(b, loc, op.getRows(), state), strides);
    return success();
  }
};

} // namespace

void optc::nn::populateState(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerAppend>(patterns.getContext(), state);
}
