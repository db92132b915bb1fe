//===- Pool.cpp - pooling ------------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// nn.pool to kernel.pool; positions of maxima to linalg.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/NNToLinalg/KernelOperands.h"
#include "lib/Conversion/NNToLinalg/ScalarBody.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

namespace {
struct LowerPool : NNPattern<PoolOp> {
  using NNPattern::NNPattern;

  LogicalResult matchAndRewrite(PoolOp op, OpAdaptor adaptor, Rewriter &b) const override {
    Location loc = op.getLoc();
    Windows windows{op.getWindow(), op.getStrides(), op.getDilations(), op.getPads()};
    if (!op.getCeil())
      requireWindows(b, loc, windows, op.getInput(), state);
    Value result;
    if (op.getKind() == PoolKind::ArgMax) {
      result = lowerArgMax(op, adaptor, b);
    } else {
      auto kind = op.getKind() == PoolKind::Max ? kernel::PoolKind::Max : kernel::PoolKind::Average;
      size_t rank = windows.rank();
      Value empty = createEmpty(b, loc, op.getResult(), state);
      result =
          kernel::PoolOp::create(b, loc, kind, adaptor.getInput(), empty, op.getWindow(),
                                 op.getStrides(), op.getDilations(), op.getPads().take_front(rank),
                                 op.getPads().take_back(rank), op.getCountPads())
              ->getResult(0);
    }
    b.replaceOp(op, castTo(b, loc, result, lowered(op.getResult())));
    return success();
  }

  /// A reduction over (result.., window..) with the pair (best value, its position).
  Value lowerArgMax(PoolOp op, OpAdaptor adaptor, Rewriter &rewriter) const {
    ScalarBuilder b(op.getLoc(), rewriter);
    Type type = cast<TensorType>(op.getInput().getType()).getElementType();
    auto inputType = cast<RankedTensorType>(adaptor.getInput().getType());
    Type element = inputType.getElementType();
    unsigned rank = inputType.getRank(), spatial = op.getWindow().size();
    // -1 marks "nothing seen yet", so that the lowest values count as well.
    Value none = scalarConstant(b, b.getI64Type(), -1), low = scalarConstant(b, element, 0);
    Value values = createEmpty(rewriter, b.getLoc(), op.getResult(), state, element);
    Value positions = createEmpty(rewriter, b.getLoc(), op.getResult(), state);
    SmallVector<Value> inits = {linalg::FillOp::create(b, low, values).getResult(0),
                                linalg::FillOp::create(b, none, positions).getResult(0)};
    AffineMap outMap =
        AffineMap::getMultiDimIdentityMap(rank + spatial, b.getContext()).getMajorSubMap(rank);
    // The window's sizes come from an operand that is never read.
    SmallVector<AffineExpr> windowDims;
    for (unsigned i = 0; i < spatial; ++i)
      windowDims.push_back(b.getAffineDimExpr(rank + i));
    AffineMap windowMap = AffineMap::get(rank + spatial, 0, windowDims, b.getContext());
    Value window = tensor::EmptyOp::create(b, op.getWindow(), element);
    SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
    iterators.append(spatial, utils::IteratorType::reduction);
    SmallVector<Value> sizes;
    for (unsigned i = 0; i < rank; ++i)
      sizes.push_back(b.createOrFold<tensor::DimOp>(adaptor.getInput(), i));
    auto generic =
        linalg::GenericOp::create(b, TypeRange(ValueRange(inits)), window, inits,
                                  ArrayRef<AffineMap>{windowMap, outMap, outMap}, iterators,
                                  [&](OpBuilder &builder, Location loc, ValueRange args) {
                                    ScalarBuilder body(loc, builder);
                                    argMaxBody(body, op, adaptor.getInput(), type, sizes, args);
                                  });
    return generic.getResult(1);
  }

  /// One step: reads the window's element (clamped), keeps it if it is inside and larger.
  static void argMaxBody(ScalarBuilder &b, PoolOp op, Value input, Type type, ArrayRef<Value> sizes,
                         ValueRange args) {
    unsigned rank = sizes.size();
    Value inside = arith::ConstantIntOp::create(b, 1, 1);
    Value position = arith::ConstantIndexOp::create(b, 0);
    Value zero = position;
    SmallVector<Value> indices = {linalg::IndexOp::create(b, 0)};
    for (unsigned i = 0, e = op.getWindow().size(); i < e; ++i) {
      auto scaled = [&](unsigned dim, int64_t factor) -> Value {
        return arith::MulIOp::create(b, linalg::IndexOp::create(b, dim),
                                     arith::ConstantIndexOp::create(b, factor));
      };
      Value at = arith::AddIOp::create(b, scaled(1 + i, op.getStrides()[i]),
                                       scaled(rank + i, op.getDilations()[i]));
      at = arith::SubIOp::create(b, at, arith::ConstantIndexOp::create(b, op.getPads()[i]));
      Value isIn = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, at, sizes[1 + i]);
      inside = arith::AndIOp::create(b, inside, isIn);
      indices.push_back(arith::SelectOp::create(b, isIn, at, zero));
      position = arith::AddIOp::create(b, arith::MulIOp::create(b, position, sizes[1 + i]), at);
    }
    indices.push_back(linalg::IndexOp::create(b, rank - 1));
    Value element = tensor::ExtractOp::create(b, input, indices);
    Value best = args[1], bestAt = args[2];
    Value isLarger = scalarCompare(b, ComparePredicate::Gt, loadElement(b, element, type),
                                   loadElement(b, best, type), type);
    Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, bestAt,
                                          scalarConstant(b, b.getI64Type(), 0));
    Value takes = arith::AndIOp::create(b, inside, arith::OrIOp::create(b, isFirst, isLarger));
    Value offset = arith::IndexCastOp::create(b, b.getI64Type(), position);
    linalg::YieldOp::create(b, ValueRange{arith::SelectOp::create(b, takes, element, best),
                                          arith::SelectOp::create(b, takes, offset, bestAt)});
  }
};
} // namespace

void optc::nn::populatePool(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerPool>(patterns.getContext(), state);
}
