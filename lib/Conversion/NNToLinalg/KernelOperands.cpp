//===- KernelOperands.cpp - what lowerings to kernel ops share -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See KernelOperands.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/NNToLinalg/KernelOperands.h"
#include "dialects/Run/Run.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

Type optc::nn::accumulatorType(Type element, Type result) {
  bool isHalf = element.isF16() || element.isBF16();
  return isHalf                      ? Float32Type::get(element.getContext())
         : isa<IntegerType>(element) ? result
                                     : element;
}

bool optc::nn::isUnsigned(Value original) {
  return cast<TensorType>(original.getType()).getElementType().isUnsignedInteger();
}

MappedValue optc::nn::throughTranspose(ConversionPatternRewriter &rewriter, Value original,
                                       MappedValue value) {
  auto transpose = original.getDefiningOp<TransposeOp>();
  Value input = transpose ? rewriter.getRemappedValue(transpose.getInput()) : Value();
  if (!input)
    return value;
  MappedValue result{input, SmallVector<unsigned>(value.dims.size())};
  for (auto [i, from] : llvm::enumerate(transpose.getPermutation()))
    result.dims[from] = value.dims[i];
  return result;
}

void optc::nn::requireWindows(ConversionPatternRewriter &rewriter, Location loc,
                              const Windows &windows, Value original, LoweringState &state) {
  for (size_t i = 0; i < windows.rank(); ++i) {
    DimExpr size = state.shapes.getShape(original)[1 + i];
    int64_t least = windows.extent(i) - windows.pads[i] - windows.pads[windows.rank() + i];
    if (getConstant(size) || least <= 0)
      continue;
    Value have = cast<Value>(lowerDim(rewriter, loc, size, state));
    Value need = arith::ConstantIndexOp::create(rewriter, loc, least);
    Value fits = arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::sge, have, need);
    run::RequireOp::create(
        rewriter, loc, fits,
        rewriter.getStringAttr("node '" + nodeName(loc) +
                               "': the input has spatial size {0}, its window needs {1}"),
        ValueRange{have, need});
  }
}
