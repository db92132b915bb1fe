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
#include "lib/Conversion/NNToLinalg/Broadcasting.h"
#include "lib/Conversion/NNToLinalg/KernelOperands.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

namespace {
struct LowerMatmul : NNPattern<MatmulOp> {
  using NNPattern::NNPattern;

  Shape leading(Value matrices) const {
    return Shape(ArrayRef(shapes().getShape(matrices)).drop_back(2));
  }

  /// The operand in the iteration space (leading dims, n, k): `row` and `column` are the dims of
  /// its last two dimensions. Leading dimensions of size 1 that broadcast are dropped. Of a
  /// transpose its input is read, with a permuted map.
  MappedValue prepare(Rewriter &rewriter, MatmulOp op, Value original, Value value, unsigned row,
                      unsigned column) const {
    Shape target = leading(op.getResult());
    for (DimExpr size : ArrayRef(shapes().getShape(original)).take_back(2))
      target.push_back(size);
    unsigned rank = target.size();
    auto places = llvm::to_vector(llvm::seq(0u, rank)); // where dimensions are in the operand
    auto transpose = original.getDefiningOp<TransposeOp>();
    if (Value input = transpose ? rewriter.getRemappedValue(transpose.getInput()) : Value()) {
      original = transpose.getInput();
      value = input;
      Shape moved(target);
      unsigned first = rank - transpose.getPermutation().size();
      for (auto [to, from] : llvm::enumerate(transpose.getPermutation())) {
        moved[first + from] = target[first + to];
        places[first + from] = first + to;
      }
      target = moved;
    }
    auto operand = broadcastOperand(rewriter, op.getLoc(), original, value, target, state);
    MappedValue prepared{operand.value, {}};
    for (AffineExpr expr : operand.map.getResults()) {
      unsigned dim = places[cast<AffineDimExpr>(expr).getPosition()];
      prepared.dims.push_back(dim == rank - 2 ? row : dim == rank - 1 ? column : dim);
    }
    return prepared;
  }

  LogicalResult matchAndRewrite(MatmulOp op, OpAdaptor adaptor, Rewriter &rewriter) const override {
    Location loc = op.getLoc();
    unsigned rank = shapes().getShape(op.getResult()).size(), n = rank - 1, k = rank;
    requireEqual(rewriter, loc, shapes().getShape(op.getLhs()).back(),
                 shapes().getShape(op.getRhs()).end()[-2],
                 "the inner sizes of the matrix product differ: {0} and {1}", state);
    requireBroadcast(rewriter, loc, {leading(op.getLhs()), leading(op.getRhs())},
                     leading(op.getResult()), state);
    MappedValue lhs = prepare(rewriter, op, op.getLhs(), adaptor.getLhs(), rank - 2, k);
    MappedValue rhs = prepare(rewriter, op, op.getRhs(), adaptor.getRhs(), k, n);
    Value empty = createEmpty(rewriter, loc, op.getResult(), state);
    SmallVector<unsigned> resultDims = llvm::to_vector(llvm::seq(0u, rank));
    SmallVector<AffineMap> maps;
    for (ArrayRef<unsigned> dims : {ArrayRef(lhs.dims), ArrayRef(rhs.dims), ArrayRef(resultDims)})
      maps.push_back(AffineMap::getMultiDimMapWithTargets(rank + 1, dims, op.getContext()));
    auto product =
        kernel::MatmulOp::create(rewriter, loc, lhs.value, rhs.value, empty, maps,
                                 accumulatorType(lowered(op.getLhs()).getElementType(),
                                                 lowered(op.getResult()).getElementType()));
    product.setUnsignedLhs(isUnsigned(op.getLhs()));
    product.setUnsignedRhs(isUnsigned(op.getRhs()));
    rewriter.replaceOp(op, castTo(rewriter, loc, product->getResult(0), lowered(op.getResult())));
    return success();
  }
};
} // namespace

void optc::nn::populateMatmul(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerMatmul>(patterns.getContext(), state);
}
