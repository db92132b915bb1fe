//===- ShortenArithmetic.cpp - fewer instructions for the same --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass cpu-shorten-arithmetic. Epilogues run on every element that is stored: behind few
// products, as in a depthwise or a 1x1 convolution of few channels, they are the larger part of
// the work, and a division takes as long as ten sums of products.
//
// No rewrite rounds more often than what it replaces, and none changes where NaN and infinity
// go, unless the op allows it. A division alone stays one: x / 49 * 49 is x, x * (1 / 49) * 49 is
// not.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Passes.h"
#include "lib/Target/Cpu/Vector/Intrinsics.h"
#include "lib/Target/Host/CpuLevel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace optc::cpu {
#define GEN_PASS_DEF_CPUSHORTENARITHMETIC
#include "lib/Target/Cpu/Passes.h.inc"
} // namespace optc::cpu

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

/// The number that all elements of an f32 value are.
static std::optional<float> constantOf(Value value) {
  APFloat number(0.0f);
  if (!getElementTypeOrSelf(value.getType()).isF32() ||
      !matchPattern(value, m_ConstantFloat(&number)))
    return std::nullopt;
  return number.convertToFloat();
}

static Value makeConstant(OpBuilder &builder, Location loc, Type type, float value) {
  TypedAttr number = builder.getFloatAttr(getElementTypeOrSelf(type), value);
  if (auto vector = dyn_cast<VectorType>(type))
    number = DenseElementsAttr::get(vector, number);
  return arith::ConstantOp::create(builder, loc, number);
}

namespace {

/// (x / a) * b, (x * a) * b   ->   x * (b / a), x * (a * b)
struct JoinFactors : OpRewritePattern<arith::MulFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::MulFOp op, PatternRewriter &rewriter) const override {
    Operation *first = op.getLhs().getDefiningOp();
    std::optional<float> outer = constantOf(op.getRhs());
    if (!outer || !first || !first->hasOneUse() || !isa<arith::MulFOp, arith::DivFOp>(first))
      return rewriter.notifyMatchFailure(op, "no product with two constants");
    std::optional<float> inner = constantOf(first->getOperand(1));
    if (!inner || constantOf(first->getOperand(0)))
      return rewriter.notifyMatchFailure(op, "no product with two constants");
    double exact = isa<arith::DivFOp>(first) ? *outer / double(*inner) : *outer * double(*inner);
    float factor = static_cast<float>(exact);
    if (!std::isnormal(*inner) || !std::isnormal(*outer) || !std::isnormal(factor))
      return rewriter.notifyMatchFailure(op, "the joint factor would lose digits");
    Value joint = makeConstant(rewriter, op.getLoc(), op.getType(), factor);
    rewriter.replaceOpWithNewOp<arith::MulFOp>(op, first->getOperand(0), joint);
    return success();
  }
};

/// x * y + b   ->   fma(x, y, b)
/// Only with a constant b: of variables, x * y - x * y would not be 0 any more.
struct FuseMultiplyAdd : OpRewritePattern<arith::AddFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::AddFOp op, PatternRewriter &rewriter) const override {
    auto product = op.getLhs().getDefiningOp<arith::MulFOp>();
    if (!product || !product->hasOneUse() || !constantOf(op.getRhs()))
      return rewriter.notifyMatchFailure(op, "no product plus a constant");
    rewriter.replaceOpWithNewOp<math::FmaOp>(op, product.getLhs(), product.getRhs(), op.getRhs());
    return success();
  }
};

/// max(x, 0)   ->   0 > x ? 0 : x
/// Where the instruction is that: a NaN in x is kept. LLVM would add code for the sign of the zero
/// that max(-0, 0) is, which no ONNX op defines.
template <typename Op, arith::CmpFPredicate predicate> struct SelectZero : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    std::optional<float> bound = constantOf(op.getRhs());
    if (!bound || *bound != 0)
      return rewriter.notifyMatchFailure(op, "the bound is not 0");
    Value isBeyond =
        arith::CmpFOp::create(rewriter, op.getLoc(), predicate, op.getRhs(), op.getLhs());
    rewriter.replaceOpWithNewOp<arith::SelectOp>(op, isBeyond, op.getRhs(), op.getLhs());
    return success();
  }
};

/// 1 / x, allowed to be estimated   ->   an estimate e of 14 bits; then e + e (1 - e x), unless
/// coarse is enough. Needs a finite x, as who allows it has made sure.
struct EstimateInverse : OpRewritePattern<arith::DivFOp> {
  EstimateInverse(MLIRContext *context, const CpuLevel &level)
      : OpRewritePattern(context), level(level) {}

  LogicalResult matchAndRewrite(arith::DivFOp op, PatternRewriter &rewriter) const override {
    auto type = dyn_cast<VectorType>(op.getType());
    std::optional<float> one = constantOf(op.getLhs());
    if (!type || !one || *one != 1 ||
        !arith::bitEnumContainsAll(op.getFastmath(), arith::FastMathFlags::arcp))
      return rewriter.notifyMatchFailure(op, "no inverse of a vector that may be estimated");
    if (type.getRank() != 1 || !hasIntrinsic(level, EstimatesInverses, type.getNumElements()))
      return rewriter.notifyMatchFailure(op, "no instruction for so many lanes");
    Location loc = op.getLoc();
    Value x = op.getRhs(), estimate = estimateInverse(rewriter, loc, level, x);
    if (!arith::bitEnumContainsAll(op.getFastmath(), arith::FastMathFlags::afn)) {
      Value minus = arith::NegFOp::create(rewriter, loc, estimate);
      Value error = math::FmaOp::create(rewriter, loc, minus, x, op.getLhs());
      estimate = math::FmaOp::create(rewriter, loc, estimate, error, estimate);
    }
    rewriter.replaceOp(op, estimate);
    return success();
  }

  const CpuLevel &level;
};

/// fptosi(roundeven(x)) : vector<16xi32>   ->   the conversion that rounds to nearest itself.
struct ConvertRounded : OpRewritePattern<arith::FPToSIOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::FPToSIOp op, PatternRewriter &rewriter) const override {
    auto rounded = op.getIn().getDefiningOp<math::RoundEvenOp>();
    auto type = dyn_cast<VectorType>(op.getType());
    if (!rounded || !type || type.getRank() != 1 || !type.getElementType().isInteger(32) ||
        getElementTypeOrSelf(rounded.getType()).getIntOrFloatBitWidth() < 32)
      return rewriter.notifyMatchFailure(op, "no vector that is rounded first");
    rewriter.replaceOp(op, roundToI32(rewriter, op.getLoc(), rounded.getOperand()));
    return success();
  }
};

/// truncf : vector<16xf32> to vector<16xbf16>   ->   the instruction for it, of wider vectors one
/// per part. It rounds to nearest, too; that of x86 takes denormals for 0.
struct NarrowAtOnce : OpRewritePattern<arith::TruncFOp> {
  NarrowAtOnce(MLIRContext *context, const CpuLevel &level)
      : OpRewritePattern(context), level(level) {}

  LogicalResult matchAndRewrite(arith::TruncFOp op, PatternRewriter &rewriter) const override {
    auto type = dyn_cast<VectorType>(op.getType());
    if (!type || type.getRank() != 1 || !type.getElementType().isBF16() ||
        !getElementTypeOrSelf(op.getIn().getType()).isF32())
      return rewriter.notifyMatchFailure(op, "no vector of f32 to bf16");
    Value narrow = roundToBf16(rewriter, op.getLoc(), level, op.getIn());
    if (!narrow)
      return rewriter.notifyMatchFailure(op, "no instruction for so many lanes");
    rewriter.replaceOp(op, narrow);
    return success();
  }

  const CpuLevel &level;
};

struct ShortenArithmetic : cpu::impl::CpuShortenArithmeticBase<ShortenArithmetic> {
  using CpuShortenArithmeticBase::CpuShortenArithmeticBase;

  void runOnOperation() override {
    const CpuLevel *target = requireCpuLevel(level, getOperation());
    if (!target)
      return signalPassFailure();
    MLIRContext *context = &getContext();
    // Factors first: a product that has become part of an fma is none any more.
    RewritePatternSet factors(context), patterns(context);
    factors.add<JoinFactors>(context);
    patterns.add<FuseMultiplyAdd>(context);
    if (!target->can(KeepsNanInMaximum))
      patterns.add<SelectZero<arith::MaximumFOp, arith::CmpFPredicate::OGT>,
                   SelectZero<arith::MinimumFOp, arith::CmpFPredicate::OLT>>(context);
    if (target->can(ConvertsRounded))
      patterns.add<ConvertRounded>(context);
    if (target->can(EstimatesInverses))
      patterns.add<EstimateInverse>(context, *target);
    if (target->can(MultipliesBf16Pairs))
      patterns.add<NarrowAtOnce>(context, *target);
    GreedyRewriteConfig onOps; // blocks stay as they are
    onOps.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    if (failed(applyPatternsGreedily(getOperation(), std::move(factors), onOps)) ||
        failed(applyPatternsGreedily(getOperation(), std::move(patterns), onOps)))
      signalPassFailure();
  }
};

} // namespace
