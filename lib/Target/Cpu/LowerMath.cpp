//===- LowerMath.cpp - math ops become arithmetic or calls of libm -------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Passes.td. One block per step, each with the reason for its place.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Cpu.h"
#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace optc::cpu {
#define GEN_PASS_DEF_CPULOWERMATH
#include "lib/Target/Cpu/Passes.h.inc"

namespace {

/// The type with every half-width float replaced by f32.
Type widened(Type type) {
  Type f32 = Float32Type::get(type.getContext());
  return isa<VectorType>(type) ? cast<VectorType>(type).clone(f32) : f32;
}

bool isHalf(Type type) {
  Type element = getElementTypeOrSelf(type);
  return element.isF16() || element.isBF16();
}

/// Before: arith.truncf %x : f64 to bf16
/// After:  arith.truncf (arith.truncf %x : f64 to f32) : f32 to bf16
/// as LLVM would call a function of compiler-rt; likewise for integers to and from halves.
template <typename Op> struct ThroughF32 : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    Type from = op.getIn().getType(), to = op.getType();
    if (isHalf(from) == isHalf(to))
      return rewriter.notifyMatchFailure(op, "no conversion to or from a half");
    Type other = getElementTypeOrSelf(isHalf(from) ? to : from);
    if (other.isF32())
      return rewriter.notifyMatchFailure(op, "is single precision already");
    Location loc = op.getLoc();
    if (isHalf(from)) {
      Value wide = arith::ExtFOp::create(rewriter, loc, widened(from), op.getIn());
      rewriter.replaceOpWithNewOp<Op>(op, to, wide);
    } else {
      Value single = Op::create(rewriter, loc, widened(to), op.getIn());
      rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, to, single);
    }
    return success();
  }
};

/// Before: arith.remf %a, %b        After: call @fmodf(%a, %b)
/// which is what LLVM does with it too late for the runtime's table.
struct RemToLibm : OpRewritePattern<arith::RemFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::RemFOp op, PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!type.isF32() && !type.isF64())
      return rewriter.notifyMatchFailure(op, "not a scalar of libm");
    StringRef name = type.isF32() ? "fmodf" : "fmod";
    rewriter.replaceOpWithNewOp<func::CallOp>(op, name, type, op.getOperands());
    return success();
  }
};

/// Scalar functions that vectors are unrolled to.
struct UnrollRem : OpRewritePattern<arith::RemFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::RemFOp op, PatternRewriter &rewriter) const override {
    auto type = dyn_cast<VectorType>(op.getType());
    if (!type || type.getRank() != 1 || type.isScalable())
      return rewriter.notifyMatchFailure(op, "not a fixed vector");
    Location loc = op.getLoc();
    Value result = ub::PoisonOp::create(rewriter, loc, type);
    for (int64_t lane = 0; lane < type.getNumElements(); ++lane) {
      Value a = vector::ExtractOp::create(rewriter, loc, op.getLhs(), lane);
      Value b = vector::ExtractOp::create(rewriter, loc, op.getRhs(), lane);
      Value r = arith::RemFOp::create(rewriter, loc, a, b);
      result = vector::InsertOp::create(rewriter, loc, r, result, lane);
    }
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct LowerMathPass : impl::CpuLowerMathBase<LowerMathPass> {
  using CpuLowerMathBase::CpuLowerMathBase;

  void runOnOperation() override {
    if (failed(widenHalves()) || failed(approximate()) || failed(callLibm()))
      signalPassFailure();
  }

private:
  /// bf16 has no instructions here and f16 only conversions: compute in f32.
  LogicalResult widenHalves() {
    MLIRContext *context = &getContext();
    Type f32 = Float32Type::get(context);
    SmallVector<Type> halves{Float16Type::get(context), BFloat16Type::get(context)};
    RewritePatternSet conversions(context);
    conversions.add<ThroughF32<arith::TruncFOp>, ThroughF32<arith::ExtFOp>,
                    ThroughF32<arith::SIToFPOp>, ThroughF32<arith::UIToFPOp>,
                    ThroughF32<arith::FPToSIOp>, ThroughF32<arith::FPToUIOp>>(context);
    if (failed(applyPatternsGreedily(getOperation(), std::move(conversions))))
      return failure();
    TypeConverter mathTypes;
    llvm::SetVector<Type> supported;
    supported.insert(f32);
    supported.insert(Float64Type::get(context));
    math::populateExtendToSupportedTypesTypeConverter(mathTypes, supported, f32);
    ConversionTarget mathTarget(*context);
    math::populateExtendToSupportedTypesConversionTarget(mathTarget, mathTypes);
    RewritePatternSet mathPatterns(context);
    math::populateExtendToSupportedTypesPatterns(mathPatterns, mathTypes);
    if (failed(applyPartialConversion(getOperation(), mathTarget, std::move(mathPatterns))))
      return failure();
    TypeConverter arithTypes;
    arith::populateEmulateUnsupportedFloatsConversions(arithTypes, halves, f32);
    ConversionTarget arithTarget(*context);
    arithTarget.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    arith::populateEmulateUnsupportedFloatsLegality(arithTarget, arithTypes);
    RewritePatternSet arithPatterns(context);
    arith::populateEmulateUnsupportedFloatsPatterns(arithPatterns, arithTypes);
    return applyPartialConversion(getOperation(), arithTarget, std::move(arithPatterns));
  }

  /// Polynomials where they are accurate to a few ULP, and forms LLVM has instructions for.
  LogicalResult approximate() {
    RewritePatternSet patterns(&getContext());
    math::populateExpansionPatterns(patterns, {"rsqrt", "clampf", "fpowi", "ctlz"});
    static const llvm::StringSet<> accurate{"exp", "expm1", "log", "log1p", "log2", "tanh", "erf"};
    populateMathPolynomialApproximationPatterns(
        patterns, [](StringRef name) {
          name.consume_front("math.");
          return accurate.contains(name);
        });
    arith::populateArithExpandOpsPatterns(patterns);
    arith::populateExpandBFloat16Patterns(patterns);
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }

  LogicalResult callLibm() {
    MLIRContext *context = &getContext();
    RewritePatternSet rem(context);
    rem.add<UnrollRem, RemToLibm>(context);
    if (failed(applyPatternsGreedily(getOperation(), std::move(rem))))
      return failure();
    RewritePatternSet patterns(context);
    populateMathToLibmConversionPatterns(patterns);
    ConversionTarget target(*context);
    target.addLegalDialect<arith::ArithDialect, func::FuncDialect, vector::VectorDialect,
                           ub::UBDialect, LLVM::LLVMDialect>();
    target.addIllegalDialect<math::MathDialect>();
    // One or a few instructions each.
    target.addLegalOp<math::AbsFOp, math::AbsIOp, math::CeilOp, math::FloorOp, math::TruncOp,
                      math::RoundEvenOp, math::FmaOp, math::SqrtOp, math::CopySignOp,
                      math::CountLeadingZerosOp, math::CountTrailingZerosOp, math::CtPopOp,
                      math::IsNaNOp, math::IsInfOp, math::IsFiniteOp, math::IsNormalOp,
                      math::IPowIOp>();
    return applyPartialConversion(getOperation(), target, std::move(patterns));
  }
};

} // namespace
} // namespace optc::cpu
