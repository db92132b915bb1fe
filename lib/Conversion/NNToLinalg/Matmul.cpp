//===- Matmul.cpp - matrix products --------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// nn.matmul to kernel.matmul. Transposes of the operands become part of its maps.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/NNToLinalg/KernelOperands.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

namespace {
struct LowerMatmul : NNPattern<MatmulOp> {
  using NNPattern::NNPattern;

  /// The operand in the iteration space (leading dims, n, k): `row` and `column` are the dims of
  /// its last two dimensions. Leading dimensions of size 1 that broadcast are dropped.
  MappedValue prepare(Rewriter &rewriter, MatmulOp op, Value original, Value value, unsigned row,
                        unsigned column) const {
    Shape target(ArrayRef(shapes().getShape(op.getResult())).drop_back(2));
    for (DimExpr size : ArrayRef(shapes().getShape(original)).take_back(2))
      target.push_back(size);
    auto operand = broadcastOperand(rewriter, op.getLoc(), original, value, target, state);
    unsigned rank = target.size();
    MappedValue prepared{operand.value, {}};
    for (AffineExpr expr : operand.map.getResults()) {
      unsigned dim = cast<AffineDimExpr>(expr).getPosition();
      prepared.dims.push_back(dim == rank - 2 ? row : dim == rank - 1 ? column : dim);
    }
    // With a dimension dropped, the value is not the transpose's any more.
    return operand.value == value ? throughTranspose(rewriter, original, prepared) : prepared;
  }

  LogicalResult matchAndRewrite(MatmulOp op, OpAdaptor adaptor, Rewriter &rewriter) const override {
    Location loc = op.getLoc();
    unsigned rank = shapes().getShape(op.getResult()).size(), n = rank - 1, k = rank;
    requireEqual(rewriter, loc, shapes().getShape(op.getLhs()).back(),
                 shapes().getShape(op.getRhs()).end()[-2],
                 "the inner sizes of the matrix product differ: {0} and {1}", state);
    MappedValue lhs = prepare(rewriter, op, op.getLhs(), adaptor.getLhs(), rank - 2, k);
    MappedValue rhs = prepare(rewriter, op, op.getRhs(), adaptor.getRhs(), k, n);
    Value empty = createEmpty(rewriter, loc, op.getResult(), state);
    SmallVector<unsigned> resultDims = llvm::to_vector(llvm::seq(0u, rank));
    SmallVector<AffineMap> maps;
    for (ArrayRef<unsigned> dims : {ArrayRef(lhs.dims), ArrayRef(rhs.dims), ArrayRef(resultDims)})
      maps.push_back(AffineMap::getMultiDimMapWithTargets(rank + 1, dims, op.getContext()));
    auto product = kernel::MatmulOp::create(rewriter, loc, lhs.value, rhs.value, empty, maps,
                                            accumulatorType(lowered(op.getLhs()).getElementType()));
    rewriter.replaceOp(op, castTo(rewriter, loc, product->getResult(0), lowered(op.getResult())));
    return success();
  }
};
} // namespace

void optc::nn::populateMatmul(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerMatmul>(patterns.getContext(), state);
}
