//===- Constant.cpp - constants ------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// nn.constant to arith.constant in lowered types; resources keep their bytes.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/NNToLinalg/Lowering.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace optc::nn;

/// The attribute under its lowered type.
static ElementsAttr lowerElements(ElementsAttr value, RankedTensorType type) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    return DenseResourceElementsAttr::get(type, resource.getRawHandle());
  auto dense = cast<DenseElementsAttr>(value);
  Type from = dense.getElementType(), to = type.getElementType();
  if (from == to)
    return dense;
  if (from.getIntOrFloatBitWidth() == to.getIntOrFloatBitWidth())
    return dense.bitcast(to);
  unsigned width = to.getIntOrFloatBitWidth();
  bool isSigned = from.isSignlessInteger() && !from.isInteger(1);
  return cast<DenseIntElementsAttr>(dense).mapValues(to, [&](const APInt &element) {
    return isSigned ? element.sext(width) : element.zext(width);
  });
}

namespace {
struct LowerConstant : NNPattern<ConstantOp> {
  using NNPattern::NNPattern;
  LogicalResult matchAndRewrite(ConstantOp op, OpAdaptor, Rewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(
        op, lowerElements(op.getValue(), lowered(op.getResult())));
    return success();
  }
};

/// What canonicalization folds a tensor.from_elements to.
struct LowerFoldedConstant : OpConversionPattern<arith::ConstantOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(arith::ConstantOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto elements = dyn_cast<ElementsAttr>(op.getValue());
    if (!elements)
      return rewriter.notifyMatchFailure(op, "not a tensor");
    auto type = cast<RankedTensorType>(getTypeConverter()->convertType(op.getType()));
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, lowerElements(elements, type));
    return success();
  }
};
} // namespace

void optc::nn::populateConstant(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerConstant>(patterns.getContext(), state);
  patterns.add<LowerFoldedConstant>(state.types, patterns.getContext());
}
