//===- Elementwise.cpp - elementwise ops ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Elementwise ops as linalg.generic over the broadcast shape.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/NNToLinalg/Broadcasting.h"
#include "lib/Conversion/NNToLinalg/ScalarBody.h"
#include "lib/IR/ErrorId.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

static Type elementType(Value value) { return cast<TensorType>(value.getType()).getElementType(); }

static Value computeScalar(ScalarBuilder &b, UnaryOp op, ArrayRef<Value> args) {
  return scalarUnary(b, op.getKind(), args[0], elementType(op.getInput()));
}
static Value computeScalar(ScalarBuilder &b, BinaryOp op, ArrayRef<Value> args) {
  return scalarBinary(b, op.getKind(), args[0], args[1], elementType(op.getLhs()));
}
static Value computeScalar(ScalarBuilder &b, CompareOp op, ArrayRef<Value> args) {
  return scalarCompare(b, op.getPredicate(), args[0], args[1], elementType(op.getLhs()));
}
static Value computeScalar(ScalarBuilder &b, SelectOp op, ArrayRef<Value> args) {
  return arith::SelectOp::create(b, args[0], args[1], args[2]);
}
static Value computeScalar(ScalarBuilder &b, CastOp op, ArrayRef<Value> args) {
  return scalarCast(b, args[0], elementType(op.getInput()), elementType(op.getResult()));
}

namespace {
template <typename Op> struct LowerElementwise : NNPattern<Op> {
  using NNPattern<Op>::NNPattern;

  SmallVector<Shape> shapesOf(ValueRange values) const {
    return llvm::map_to_vector(values, [&](Value value) { return this->shapes().getShape(value); });
  }

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Shape shape = this->shapes().getShape(op.getResult());
    requireBroadcast(rewriter, loc, shapesOf(op->getOperands()), shape, this->state);
    SmallVector<Value> inputs;
    SmallVector<AffineMap> maps;
    for (auto [original, value] : llvm::zip(op->getOperands(), adaptor.getOperands())) {
      auto operand = broadcastOperand(rewriter, loc, original, value, shape, this->state);
      inputs.push_back(operand.value);
      maps.push_back(operand.map);
    }
    Value empty = createEmpty(rewriter, loc, op.getResult(), this->state);
    maps.push_back(rewriter.getMultiDimIdentityMap(shape.size()));
    SmallVector<utils::IteratorType> iterators(shape.size(), utils::IteratorType::parallel);
    bool isComputed = true;
    auto generic = linalg::GenericOp::create(
        rewriter, loc, empty.getType(), inputs, empty, maps, iterators,
        [&](OpBuilder &builder, Location, ValueRange args) {
          ScalarBuilder b(loc, builder);
          SmallVector<Value> values;
          for (auto [original, arg] : llvm::zip(op->getOperands(), args.drop_back()))
            values.push_back(loadElement(b, arg, elementType(original)));
          Value result = computeScalar(b, op, values);
          isComputed = static_cast<bool>(result);
          linalg::YieldOp::create(
              b, isComputed ? storeElement(b, result, elementType(op.getResult())) : args.back());
        });
    if (!isComputed) { // the conversion goes on, to tell all such ops
      withId(op.emitOpError(), E2001)
          << "is not defined for elements of type " << elementType(op->getOperand(0));
      this->state.isRefused = true;
    }
    rewriter.replaceOp(op,
                       castTo(rewriter, loc, generic.getResult(0), this->lowered(op.getResult())));
    return success();
  }
};
} // namespace

void optc::nn::populateElementwise(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerElementwise<UnaryOp>, LowerElementwise<BinaryOp>, LowerElementwise<CompareOp>,
               LowerElementwise<SelectOp>, LowerElementwise<CastOp>>(patterns.getContext(), state);
}
