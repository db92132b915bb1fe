//===- Decompose.cpp - kernel ops as linalg -------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass kernel-decompose, its pattern, and what the families share.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Passes/Decompose.h"
#include "dialects/Kernel/Passes/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace optc::kernel {
#define GEN_PASS_DEF_KERNELDECOMPOSE
#include "dialects/Kernel/KernelPasses.h.inc"
} // namespace optc::kernel

using namespace mlir;
using namespace optc;
using namespace optc::kernel;

Value kernel::createFilled(RewriterBase &rewriter, Location loc, ArrayRef<OpFoldResult> sizes,
                           TypedAttr value) {
  Value empty = tensor::EmptyOp::create(rewriter, loc, sizes, value.getType());
  Value element = arith::ConstantOp::create(rewriter, loc, value);
  return linalg::FillOp::create(rewriter, loc, element, empty).getResult(0);
}

Value kernel::createAccumulator(RewriterBase &rewriter, EpilogueOpInterface op) {
  Location loc = op.getLoc();
  Value init = op.getInitOperand().get();
  Type accumulator = op.getAccumulatorType();
  if (!op.hasIdentityEpilogue())
    return createFilled(rewriter, loc, tensor::getMixedSizes(rewriter, loc, init),
                        rewriter.getZeroAttr(accumulator));
  Value zero = arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(accumulator));
  return linalg::FillOp::create(rewriter, loc, zero, init).getResult(0);
}

Value kernel::applyEpilogue(RewriterBase &rewriter, EpilogueOpInterface op, Value sums,
                            ElementFunction first) {
  if (op.hasIdentityEpilogue() && !first)
    return sums;
  Location loc = op.getLoc();
  Value init = op.getInitOperand().get();
  int64_t rank = cast<ShapedType>(init.getType()).getRank();
  SmallVector<AffineMap> maps = {rewriter.getMultiDimIdentityMap(rank)};
  llvm::append_range(maps, op.getExtraMapList());
  maps.push_back(rewriter.getMultiDimIdentityMap(rank));
  SmallVector<Value> inputs = {sums};
  llvm::append_range(inputs, op.getExtraOperands());
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  Block &body = op.getEpilogueRegion().front();
  auto generic = linalg::GenericOp::create(
      rewriter, loc, TypeRange(init.getType()), inputs, ValueRange(init), maps, iterators,
      [&](OpBuilder &builder, Location loc, ValueRange args) {
        IRMapping mapping;
        mapping.map(body.getArguments(), args.drop_back());
        if (first)
          mapping.map(body.getArgument(0), first(builder, loc, args[0]));
        for (Operation &inner : body.without_terminator())
          builder.clone(inner, mapping);
        Value result = mapping.lookupOrDefault(body.getTerminator()->getOperand(0));
        linalg::YieldOp::create(builder, loc, result);
      });
  return generic.getResult(0);
}

Value kernel::createMultiplyAdd(OpBuilder &builder, Location loc, Value a, Value b, Value sum,
                                bool isUnsignedA, bool isUnsignedB) {
  Type type = sum.getType();
  a = convertScalarToDtype(builder, loc, a, type, isUnsignedA);
  b = convertScalarToDtype(builder, loc, b, type, isUnsignedB);
  if (isa<FloatType>(type)) {
    Value product = arith::MulFOp::create(builder, loc, a, b);
    return arith::AddFOp::create(builder, loc, sum, product);
  }
  Value product = arith::MulIOp::create(builder, loc, a, b);
  return arith::AddIOp::create(builder, loc, sum, product);
}

Value kernel::createPanelPosition(OpBuilder &builder, Location loc, PanelsAttr layout, Value k,
                                  Value n, Value rows, Value columns) {
  AffineExpr dn, dColumns, dk;
  bindDims(builder.getContext(), dn, dColumns, dk);
  int64_t width = layout.getWidth(), align = layout.getAlign(), together = layout.getInterleave();
  AffineExpr panelStart = dn.floorDiv(width) * width;
  // The last panel is narrower.
  AffineExpr left = dColumns.ceilDiv(align) * align - panelStart;
  SmallVector<OpFoldResult> operands = {n, columns, k};
  AffineMap widths =
      AffineMap::get(3, 0, {builder.getAffineConstantExpr(width), left}, builder.getContext());
  OpFoldResult panelWidth = builder.getIndexAttr(width);
  std::optional<int64_t> known = getConstantIntValue(columns);
  if (!known || layout.getStoredColumns(*known) % width != 0)
    panelWidth = affine::makeComposedFoldedAffineMin(builder, loc, widths, operands);
  Value start = affine::makeComposedAffineApply(builder, loc, panelStart, operands);
  Value column = affine::makeComposedAffineApply(
      builder, loc, (dn - panelStart) * together + dk % together, operands);
  Value rowStart = k;
  if (together > 1)
    rowStart = affine::makeComposedAffineApply(builder, loc, dk - dk % together, operands);
  Value panel = arith::MulIOp::create(builder, loc, start, rows);
  Value row = arith::MulIOp::create(builder, loc, rowStart,
                                    getValueOrCreateConstantIndexOp(builder, loc, panelWidth));
  Value inPanel = arith::AddIOp::create(builder, loc, row, column);
  return arith::AddIOp::create(builder, loc, panel, inPanel);
}

namespace {

struct DecomposePass : kernel::impl::KernelDecomposeBase<DecomposePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateDecomposePatterns(patterns, [](Operation *) { return true; });
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

void kernel::populateDecomposePatterns(RewritePatternSet &patterns, const DecomposeFilter &filter) {
#define F(Name) populateDecompose##Name(patterns, filter);
#include "dialects/Kernel/Passes/Families.def"
}
