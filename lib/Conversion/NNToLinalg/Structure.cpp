//===- Structure.cpp - functions and control flow ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Types of functions, scf ops and scalar accesses follow the lowered tensor types.
//
//===----------------------------------------------------------------------===//
#include "dialects/Run/Run.h"
#include "lib/Conversion/NNToLinalg/Lowering.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Func/Transforms/FuncConversions.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"

using namespace mlir;
using namespace optc::nn;

namespace {
/// tensor.extract of a lowered tensor: the scalar has the nn type (conditions of scf.if are i1).
struct LowerExtract : OpConversionPattern<tensor::ExtractOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(tensor::ExtractOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value stored =
        tensor::ExtractOp::create(rewriter, loc, adaptor.getTensor(), adaptor.getIndices());
    if (op.getType().isInteger(1)) {
      Value zero = arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(stored.getType()));
      stored = arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::ne, stored, zero);
    }
    rewriter.replaceOp(op, stored);
    return success();
  }
};

/// tensor.from_elements and tensor.cast on lowered tensors.
struct LowerFromElements : OpConversionPattern<tensor::FromElementsOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(tensor::FromElementsOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(getTypeConverter()->convertType(op.getType()));
    SmallVector<Value> elements;
    for (Value element : adaptor.getElements())
      elements.push_back(
          element.getType() == type.getElementType()
              ? element
              : arith::ExtUIOp::create(rewriter, op.getLoc(), type.getElementType(), element)
                    .getResult());
    rewriter.replaceOpWithNewOp<tensor::FromElementsOp>(op, type, elements);
    return success();
  }
};

/// An op that is the same for every element type.
template <typename Op> struct LowerTypes : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;
  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    SmallVector<Type> types;
    if (failed(this->getTypeConverter()->convertTypes(op->getResultTypes(), types)))
      return rewriter.notifyMatchFailure(op, "a result has no lowered type");
    OperationState state(op.getLoc(), op->getName(), adaptor.getOperands(), types,
                         llvm::to_vector(op->getDiscardableAttrs()));
    state.propertiesAttr = op->getPropertiesAsAttribute();
    rewriter.replaceOp(op, rewriter.create(state));
    return success();
  }
};
} // namespace

void optc::nn::populateStructure(RewritePatternSet &patterns, LoweringState &state) {
  MLIRContext *context = patterns.getContext();
  auto &types = const_cast<LoweredTypes &>(state.types);
  populateFunctionOpInterfaceTypeConversionPattern<func::FuncOp>(patterns, types);
  populateReturnOpTypeConversionPattern(patterns, types);
  scf::populateSCFStructuralTypeConversions(types, patterns);
  patterns
      .add<LowerExtract, LowerFromElements, LowerTypes<tensor::CastOp>, LowerTypes<tensor::DimOp>,
           LowerTypes<tensor::EmptyOp>, LowerTypes<tensor::ExtractSliceOp>,
           LowerTypes<tensor::InsertSliceOp>, LowerTypes<run::AppendOp>, LowerTypes<run::TakeOp>>(
          types, context);
}
