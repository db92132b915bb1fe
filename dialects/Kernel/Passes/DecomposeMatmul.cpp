//===- DecomposeMatmul.cpp - matmul as linalg -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// kernel.matmul becomes one contraction and, if it has an epilogue, one elementwise op.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Passes/Decompose.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace optc;
using namespace optc::kernel;

static FailureOr<Value> decomposeMatmul(RewriterBase &rewriter, MatmulOp op) {
  Location loc = op.getLoc();
  unsigned rank = op.getNumLeading() + 1;
  Value sums = createAccumulator(rewriter, op);
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  iterators.push_back(utils::IteratorType::reduction);
  if (!op.getLayout()) {
    sums = linalg::GenericOp::create(
               rewriter, loc, TypeRange(sums.getType()), ValueRange{op.getLhs(), op.getRhs()},
               ValueRange(sums), {op.getLhsMap(), op.getRhsMap(), op.getResultMap()}, iterators,
               [&](OpBuilder &builder, Location loc, ValueRange args) {
                 Value sum = createMultiplyAdd(builder, loc, args[0], args[1], args[2],
                                               op.getUnsignedLhs(), op.getUnsignedRhs());
                 linalg::YieldOp::create(builder, loc, sum);
               })
               .getResult(0);
    return applyEpilogue(rewriter, op, sums);
  }
  auto position = [](AffineMap map, unsigned dim, MLIRContext *context) {
    return *map.getResultPosition(getAffineDimExpr(dim, context));
  };
  MLIRContext *context = rewriter.getContext();
  Value rows =
      tensor::DimOp::create(rewriter, loc, op.getLhs(), position(op.getLhsMap(), rank, context));
  Value columns = tensor::DimOp::create(rewriter, loc, op.getInit(),
                                        position(op.getResultMap(), rank - 1, context));
  sums = linalg::GenericOp::create(
             rewriter, loc, TypeRange(sums.getType()), ValueRange{op.getLhs()}, ValueRange(sums),
             {op.getLhsMap(), op.getResultMap()}, iterators,
             [&](OpBuilder &builder, Location loc, ValueRange args) {
               Value n = linalg::IndexOp::create(builder, loc, rank - 1);
               Value k = linalg::IndexOp::create(builder, loc, rank);
               Value at = createPanelPosition(builder, loc, *op.getLayout(), k, n, rows, columns);
               Value b = tensor::ExtractOp::create(builder, loc, op.getRhs(), at);
               Value sum = createMultiplyAdd(builder, loc, args[0], b, args[1], op.getUnsignedLhs(),
                                             op.getUnsignedRhs());
               linalg::YieldOp::create(builder, loc, sum);
             })
             .getResult(0);
  return applyEpilogue(rewriter, op, sums);
}

void kernel::populateDecomposeMatmul(RewritePatternSet &patterns, const DecomposeFilter &filter) {
  patterns.add<DecomposeOp<MatmulOp>>(patterns.getContext(), decomposeMatmul, filter);
}
