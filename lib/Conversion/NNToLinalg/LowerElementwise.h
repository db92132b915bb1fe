//===- LowerElementwise.h - ops on elements as linalg.generic -----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pattern of all ops that compute each element of their result from one of each operand.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_CONVERSION_NNTOLINALG_LOWERELEMENTWISE_H
#define OPTC_CONVERSION_NNTOLINALG_LOWERELEMENTWISE_H

#include "lib/Conversion/NNToLinalg/Broadcasting.h"
#include "lib/Conversion/NNToLinalg/ScalarBody.h"
#include "lib/IR/ErrorId.h"

namespace optc::nn {

inline mlir::Type elementType(mlir::Value value) {
  return mlir::cast<mlir::TensorType>(value.getType()).getElementType();
}

template <typename Op> struct LowerElementwise : NNPattern<Op> {
  /// An element of the result from those of the operands; null if there is no such function of
  /// them.
  using Compute = mlir::Value (*)(ScalarBuilder &, Op, llvm::ArrayRef<mlir::Value>);

  LowerElementwise(mlir::MLIRContext *context, LoweringState &state, Compute compute)
      : NNPattern<Op>(context, state), compute(compute) {}

  mlir::LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                      mlir::ConversionPatternRewriter &rewriter) const override {
    mlir::Location loc = op.getLoc();
    Shape shape = this->shapes().getShape(op.getResult());
    auto shapesOf = llvm::map_to_vector(
        op->getOperands(), [&](mlir::Value value) { return this->shapes().getShape(value); });
    requireBroadcast(rewriter, loc, shapesOf, shape, this->state);
    llvm::SmallVector<mlir::Value> inputs;
    llvm::SmallVector<mlir::AffineMap> maps;
    for (auto [original, value] : llvm::zip(op->getOperands(), adaptor.getOperands())) {
      auto operand = broadcastOperand(rewriter, loc, original, value, shape, this->state);
      inputs.push_back(operand.value);
      maps.push_back(operand.map);
    }
    mlir::Value empty = createEmpty(rewriter, loc, op.getResult(), this->state);
    maps.push_back(rewriter.getMultiDimIdentityMap(shape.size()));
    llvm::SmallVector<mlir::utils::IteratorType> iterators(shape.size(),
                                                           mlir::utils::IteratorType::parallel);
    bool isComputed = true;
    auto generic = mlir::linalg::GenericOp::create(
        rewriter, loc, empty.getType(), inputs, empty, maps, iterators,
        [&](mlir::OpBuilder &builder, mlir::Location, mlir::ValueRange args) {
          ScalarBuilder b(loc, builder);
          llvm::SmallVector<mlir::Value> values;
          for (auto [original, arg] : llvm::zip(op->getOperands(), args.drop_back()))
            values.push_back(loadElement(b, arg, elementType(original)));
          mlir::Value result = compute(b, op, values);
          isComputed = static_cast<bool>(result);
          mlir::linalg::YieldOp::create(
              b, isComputed ? storeElement(b, result, elementType(op.getResult())) : args.back());
        });
    if (!isComputed) { // the conversion goes on, to tell all such ops
      withId(op.emitOpError(), E2001)
          << "is not defined for elements of type " << elementType(op->getOperand(0));
      this->state.isRefused = true;
    }
    rewriter.replaceOp(op,
                       castTo(rewriter, loc, generic.getResult(0), this->lowered(op.getResult())));
    return mlir::success();
  }

private:
  Compute compute;
};

template <typename Op>
void addElementwise(mlir::RewritePatternSet &patterns, LoweringState &state,
                    typename LowerElementwise<Op>::Compute compute) {
  patterns.add<LowerElementwise<Op>>(patterns.getContext(), state, compute);
}

} // namespace optc::nn

#endif // OPTC_CONVERSION_NNTOLINALG_LOWERELEMENTWISE_H
