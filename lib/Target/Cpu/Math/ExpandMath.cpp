//===- ExpandMath.cpp - math ops without libm in hot code -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass cpu-expand-math. Functions of f32 become VectorMath's polynomials; f16 and bf16 go
// through f32; f64 calls libm lane by lane under the C names, which the code generator maps to
// the runtime's table.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Kernel.h"
#include "lib/Target/Cpu/Math/VectorMath.h"
#include "lib/Target/Cpu/Passes.h"
#include "lib/Target/Cpu/Vector/Intrinsics.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/TypeSwitch.h"

namespace optc::cpu {
#define GEN_PASS_DEF_CPUEXPANDMATH
#include "lib/Target/Cpu/Passes.h.inc"
} // namespace optc::cpu

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

/// Functions that LLVM emits inline for f32 and f64.
static bool isInline(Operation *op) {
  return isa<math::AbsFOp, math::CeilOp, math::FloorOp, math::TruncOp, math::RoundEvenOp,
             math::FmaOp, math::SqrtOp, math::CopySignOp, math::IsNaNOp, math::IsInfOp,
             math::IsFiniteOp, math::IsNormalOp>(op);
}

/// The libm function of an op, without the `f` of the f32 form.
static StringRef libmName(Operation *op) {
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case<math::AcosOp>([](auto) { return "acos"; })
      .Case<math::AcoshOp>([](auto) { return "acosh"; })
      .Case<math::AsinOp>([](auto) { return "asin"; })
      .Case<math::AsinhOp>([](auto) { return "asinh"; })
      .Case<math::AtanOp>([](auto) { return "atan"; })
      .Case<math::Atan2Op>([](auto) { return "atan2"; })
      .Case<math::AtanhOp>([](auto) { return "atanh"; })
      .Case<math::CbrtOp>([](auto) { return "cbrt"; })
      .Case<math::CosOp>([](auto) { return "cos"; })
      .Case<math::CoshOp>([](auto) { return "cosh"; })
      .Case<math::ErfOp>([](auto) { return "erf"; })
      .Case<math::ErfcOp>([](auto) { return "erfc"; })
      .Case<math::ExpOp>([](auto) { return "exp"; })
      .Case<math::Exp2Op>([](auto) { return "exp2"; })
      .Case<math::ExpM1Op>([](auto) { return "expm1"; })
      .Case<math::LogOp>([](auto) { return "log"; })
      .Case<math::Log10Op>([](auto) { return "log10"; })
      .Case<math::Log1pOp>([](auto) { return "log1p"; })
      .Case<math::Log2Op>([](auto) { return "log2"; })
      .Case<math::PowFOp>([](auto) { return "pow"; })
      .Case<math::RoundOp>([](auto) { return "round"; })
      .Case<math::SinOp>([](auto) { return "sin"; })
      .Case<math::SinhOp>([](auto) { return "sinh"; })
      .Case<math::TanOp>([](auto) { return "tan"; })
      .Case<math::TanhOp>([](auto) { return "tanh"; })
      .Case<arith::RemFOp>([](auto) { return "fmod"; })
      .Default(StringRef());
}

/// The f32 expansion, or null for an op that has none.
static Value expandF32(Operation *op, VectorMath &m) {
  Value x = op->getOperand(0), y = op->getNumOperands() > 1 ? op->getOperand(1) : Value();
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case<math::AcosOp>([&](auto) { return m.acos(x); })
      .Case<math::AcoshOp>([&](auto) { return m.acosh(x); })
      .Case<math::AsinOp>([&](auto) { return m.asin(x); })
      .Case<math::AsinhOp>([&](auto) { return m.asinh(x); })
      .Case<math::AtanOp>([&](auto) { return m.atan(x); })
      .Case<math::Atan2Op>([&](auto) { return m.atan2(x, y); })
      .Case<math::AtanhOp>([&](auto) { return m.atanh(x); })
      .Case<math::CbrtOp>([&](auto) { return m.cbrt(x); })
      .Case<math::CosOp>([&](auto) { return m.cos(x); })
      .Case<math::CoshOp>([&](auto) { return m.cosh(x); })
      .Case<math::ErfOp>([&](auto) { return m.erf(x); })
      .Case<math::ErfcOp>([&](auto) { return m.erfc(x); })
      .Case<math::ExpOp>([&](auto) { return m.exp(x); })
      .Case<math::Exp2Op>([&](math::Exp2Op exp2) {
        return m.exp2(x, arith::bitEnumContainsAll(exp2.getFastmath(), arith::FastMathFlags::afn));
      })
      .Case<math::ExpM1Op>([&](auto) { return m.expm1(x); })
      .Case<math::LogOp>([&](auto) { return m.log(x); })
      .Case<math::Log10Op>([&](auto) { return m.log10(x); })
      .Case<math::Log1pOp>([&](auto) { return m.log1p(x); })
      .Case<math::Log2Op>([&](auto) { return m.log2(x); })
      .Case<math::PowFOp>([&](auto) { return m.pow(x, y); })
      .Case<math::RoundOp>([&](auto) { return m.round(x); })
      .Case<math::RsqrtOp>([&](auto) { return m.rsqrt(x); })
      .Case<math::SinOp>([&](auto) { return m.sin(x); })
      .Case<math::SinhOp>([&](auto) { return m.sinh(x); })
      .Case<math::TanOp>([&](auto) { return m.tan(x); })
      .Case<math::TanhOp>([&](auto) { return m.tanh(x); })
      .Default(Value());
}

/// Declares the C function `name` of the element type.
static func::FuncOp declare(ModuleOp module, StringRef name, Type element, unsigned operands) {
  if (auto found = module.lookupSymbol<func::FuncOp>(name))
    return found;
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  auto type = builder.getFunctionType(SmallVector<Type>(operands, element), element);
  auto function = func::FuncOp::create(builder, module.getLoc(), name, type);
  function.setPrivate();
  return function;
}

/// A loop over the lanes, or one call for a scalar: see LaneCall.
static Value callLanes(ImplicitLocOpBuilder &b, StringRef name, ValueRange operands, Value mask,
                       Value otherwise) {
  Type type = otherwise.getType(), element = getElementTypeOrSelf(type);
  auto module = b.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  func::FuncOp callee = declare(module, name, element, operands.size());
  auto vector = dyn_cast<VectorType>(type);
  auto ifAny = [&](Value condition, function_ref<Value()> then, Value other) -> Value {
    if (!condition)
      return then();
    auto branch = scf::IfOp::create(b, TypeRange(other), condition, true, true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(b, then());
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, other);
    return branch.getResult(0);
  };
  if (!vector)
    return ifAny(
        mask, [&] { return func::CallOp::create(b, callee, operands).getResult(0); }, otherwise);
  Value any = mask ? vector::ReductionOp::create(b, vector::CombiningKind::OR, mask) : Value();
  auto eachLane = [&]() -> Value {
    Value zero = arith::ConstantIndexOp::create(b, 0), one = arith::ConstantIndexOp::create(b, 1);
    Value lanes = arith::ConstantIndexOp::create(b, vector.getNumElements());
    auto loop = scf::ForOp::create(b, zero, lanes, one, otherwise);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value lane = loop.getInductionVar(), result = loop.getRegionIterArg(0);
    auto extract = [&](Value from) -> Value {
      return vector::ExtractOp::create(b, from, ArrayRef<OpFoldResult>{lane});
    };
    Value old = extract(result);
    Value value = ifAny(
        mask ? extract(mask) : Value(),
        [&] {
          auto args = llvm::map_to_vector(operands, extract);
          return func::CallOp::create(b, callee, args).getResult(0);
        },
        old);
    Value next = vector::InsertOp::create(b, value, result, ArrayRef<OpFoldResult>{lane});
    scf::YieldOp::create(b, next);
    return loop.getResult(0);
  };
  return ifAny(any, eachLane, otherwise);
}

static bool isHalf(Type type) {
  Type element = getElementTypeOrSelf(type);
  return element.isF16() || element.isBF16();
}

/// The type with f32 for f16 and bf16.
static Type widenHalf(Type type) {
  Type f32 = Float32Type::get(type.getContext());
  if (!isHalf(type))
    return type;
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(f32);
  return f32;
}

namespace {

/// op : f16 -> truncf(op : f32 (extf))
struct ThroughF32 : RewritePattern {
  ThroughF32(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), 2, context) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!isa<math::MathDialect>(op->getDialect()) || op->getNumResults() != 1)
      return failure();
    if (!llvm::any_of(op->getOperandTypes(), isHalf) || isa<math::AbsFOp>(op))
      return failure();
    OperationState state(op->getLoc(), op->getName());
    for (Value operand : op->getOperands()) {
      Type wide = widenHalf(operand.getType());
      state.addOperands(wide == operand.getType()
                            ? operand
                            : arith::ExtFOp::create(rewriter, op->getLoc(), wide, operand));
    }
    Type type = op->getResult(0).getType();
    state.addTypes(widenHalf(type));
    state.propertiesAttr = op->getPropertiesAsAttribute();
    Value result = rewriter.create(state)->getResult(0);
    if (result.getType() != type)
      result = arith::TruncFOp::create(rewriter, op->getLoc(), type, result);
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// truncf f64 -> bf16 becomes truncf f64 -> f32 -> bf16, and so for integers: LLVM would call
/// a helper of its runtime library.
template <typename Cast> struct CastThroughF32 : OpRewritePattern<Cast> {
  using OpRewritePattern<Cast>::OpRewritePattern;

  LogicalResult matchAndRewrite(Cast op, PatternRewriter &rewriter) const override {
    Type from = op.getIn().getType(), to = op.getType();
    if (isHalf(from) == isHalf(to))
      return rewriter.notifyMatchFailure(op, "no conversion to or from a half");
    if (getElementTypeOrSelf(isHalf(from) ? to : from).isF32())
      return rewriter.notifyMatchFailure(op, "is single precision already");
    Location loc = op.getLoc();
    if (isHalf(from)) {
      Value wide = arith::ExtFOp::create(rewriter, loc, widenHalf(from), op.getIn());
      rewriter.replaceOpWithNewOp<Cast>(op, to, wide);
    } else {
      Value single = Cast::create(rewriter, loc, widenHalf(to), op.getIn());
      rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, to, single);
    }
    return success();
  }
};

/// math.f : f32 -> polynomials; math.f : f64 -> calls of libm; arith.remf -> calls
struct ExpandFunction : RewritePattern {
  ExpandFunction(MLIRContext *context, const CpuLevel &level)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context), level(level) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!isa<math::MathDialect>(op->getDialect()) && !isa<arith::RemFOp>(op))
      return failure();
    if (isInline(op) || op->getNumResults() != 1)
      return failure();
    Type type = op->getResult(0).getType(), element = getElementTypeOrSelf(type);
    ImplicitLocOpBuilder b(op->getLoc(), rewriter);
    Value result;
    if (element.isF32()) {
      VectorMath math(b, type, level, callLanes);
      result = expandF32(op, math);
    } else if (element.isF64() && isa<math::RsqrtOp>(op)) {
      Value one = arith::ConstantOp::create(b, rewriter.getOneAttr(type));
      result = arith::DivFOp::create(b, one, Value(math::SqrtOp::create(b, op->getOperand(0))));
    }
    StringRef name = libmName(op);
    if (!result && !name.empty() && (element.isF32() || element.isF64())) {
      SmallString<16> full(name);
      if (element.isF32())
        full += 'f';
      result = callLanes(b, full, op->getOperands(), {}, op->getOperand(0));
    }
    if (!result)
      return rewriter.notifyMatchFailure(op, "no expansion");
    rewriter.replaceOp(op, result);
    return success();
  }

  const CpuLevel &level;
};

/// Tables are looked up in registers.
struct ExpandLookUp : OpRewritePattern<kernel::LookUpOp> {
  ExpandLookUp(MLIRContext *context, const CpuLevel &level)
      : OpRewritePattern(context), level(level) {}

  LogicalResult matchAndRewrite(kernel::LookUpOp op, PatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, lookUpTable(rewriter, op.getLoc(), level, op.getTable(), op.getIndex()));
    return success();
  }

  const CpuLevel &level;
};

/// x ^ 2 -> x * x and the like, exact special cases of pow.
struct ConstantPower : OpRewritePattern<math::PowFOp> {
  ConstantPower(MLIRContext *context) : OpRewritePattern(context, 3) {}

  LogicalResult matchAndRewrite(math::PowFOp op, PatternRewriter &rewriter) const override {
    APFloat power(0.0f);
    if (!matchPattern(op.getRhs(), m_ConstantFloat(&power)))
      return failure();
    Value x = op.getLhs();
    Location loc = op.getLoc();
    auto multiply = [&](Value a, Value b) -> Value {
      return arith::MulFOp::create(rewriter, loc, a, b);
    };
    Value result;
    if (power.isExactlyValue(1.0))
      result = x;
    else if (power.isExactlyValue(2.0))
      result = multiply(x, x);
    else if (power.isExactlyValue(3.0))
      result = multiply(multiply(x, x), x);
    else if (power.isExactlyValue(-1.0))
      result = arith::DivFOp::create(
          rewriter, loc, arith::ConstantOp::create(rewriter, loc, rewriter.getOneAttr(x.getType())),
          x);
    if (!result)
      return rewriter.notifyMatchFailure(op, "no shorter form of this power");
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct ExpandMath : cpu::impl::CpuExpandMathBase<ExpandMath> {
  using CpuExpandMathBase::CpuExpandMathBase;

  /// Arithmetic of f16 and bf16 in f32: the CPUs have none.
  LogicalResult emulateHalves() {
    MLIRContext *context = &getContext();
    TypeConverter converter;
    arith::populateEmulateUnsupportedFloatsConversions(
        converter, {Float16Type::get(context), BFloat16Type::get(context)},
        Float32Type::get(context));
    RewritePatternSet patterns(context);
    arith::populateEmulateUnsupportedFloatsPatterns(patterns, converter);
    ConversionTarget target(*context);
    arith::populateEmulateUnsupportedFloatsLegality(target, converter);
    if (failed(applyPartialConversion(getOperation(), target, std::move(patterns))))
      return failure();
    // Casts have no fast-math flags in the LLVM dialect.
    getOperation()->walk([](Operation *op) {
      if (isa<arith::ExtFOp, arith::TruncFOp>(op))
        op->removeAttr("fastmath");
    });
    return success();
  }

  void runOnOperation() override {
    const CpuLevel *target = requireCpuLevel(level, getOperation());
    if (!target)
      return signalPassFailure();
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<ExpandFunction, ExpandLookUp>(context, *target);
    patterns.add<ThroughF32, ConstantPower, CastThroughF32<arith::TruncFOp>,
                 CastThroughF32<arith::ExtFOp>, CastThroughF32<arith::SIToFPOp>,
                 CastThroughF32<arith::UIToFPOp>, CastThroughF32<arith::FPToSIOp>,
                 CastThroughF32<arith::FPToUIOp>>(context);
    math::populateExpansionPatterns(patterns, {"fpowi", "ipowi", "clampf", "ctlz"});
    GreedyRewriteConfig onOps; // blocks stay as they are
    onOps.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), onOps)) ||
        failed(emulateHalves()))
      return signalPassFailure();
    RewritePatternSet casts(context);
    arith::populateExpandBFloat16Patterns(casts);
    arith::populateCeilFloorDivExpandOpsPatterns(casts);
    if (failed(applyPatternsGreedily(getOperation(), std::move(casts), onOps)))
      signalPassFailure();
  }
};

} // namespace
