//===- SimplifyEpilogues.cpp - cheaper arithmetic behind products ---------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass cpu-simplify-epilogues. A division costs a CPU as much as ten multiplications, and
// hard-swish and GELU have one by a constant; GELU and SiLU need less of erf and exp than these
// compute. What comes out of a sum of products has the rounding of the sum's order anyway, so
// that one more rounding there changes nothing; elsewhere it could, as in floor(x / 41).
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Passes/Passes.h"
#include "lib/Target/Cpu/Math/ErfTail.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace optc::cpu {
#define GEN_PASS_DEF_CPUSIMPLIFYEPILOGUES
#include "lib/Target/Cpu/Passes.h.inc"
} // namespace optc::cpu

using namespace mlir;
using namespace optc;
using namespace optc::kernel;
using cpu::erfTail;

static std::optional<APFloat> constantOf(Value value) {
  FloatAttr attr;
  if (!matchPattern(value, m_Constant(&attr)))
    return std::nullopt;
  return attr.getValue();
}

/// What has steps, at which a rounding more would show.
static bool hasSteps(Operation *op) {
  return isa<math::FloorOp, math::CeilOp, math::TruncOp, math::RoundOp, math::RoundEvenOp,
             arith::FPToSIOp, arith::FPToUIOp, arith::RemFOp>(op);
}

static bool isWide(Type type) { return type.isF32() || type.isF64(); }

/// x / c -> x * (1 / c), if that is a normal number.
static void multiplyInstead(arith::DivFOp op) {
  std::optional<APFloat> divisor = constantOf(op.getRhs());
  if (!divisor || !isWide(op.getType()))
    return;
  APFloat inverse(divisor->getSemantics(), 1);
  inverse.divide(*divisor, APFloat::rmNearestTiesToEven);
  if (!inverse.isNormal())
    return;
  OpBuilder b(op);
  Value factor = arith::ConstantOp::create(b, op.getLoc(), b.getFloatAttr(op.getType(), inverse));
  op.replaceAllUsesWith(arith::MulFOp::create(b, op.getLoc(), op.getLhs(), factor).getResult());
  op.erase();
}

static Value constant(OpBuilder &b, Location loc, double value) {
  return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(static_cast<float>(value)));
}

/// The only user of an op, if it is an `Op` one of whose operands is the constant 1.
template <typename Op> static Op onlyUserWithOne(Operation *op) {
  auto user = op->hasOneUse() ? dyn_cast<Op>(*op->user_begin()) : Op();
  auto isOne = [](Value value) {
    return constantOf(value) && constantOf(value)->isExactlyValue(1.0);
  };
  return user && llvm::any_of(user->getOperands(), isOne) ? user : Op();
}

/// Whether all that is seen of a value has 8 bits: it is rounded to bf16, perhaps multiplied
/// before.
static bool isNarrowed(Value value) {
  return !value.use_empty() && llvm::all_of(value.getUsers(), [](Operation *user) {
    if (isa<arith::TruncFOp>(user))
      return user->getResult(0).getType().isBF16();
    return isa<arith::MulFOp>(user) && isNarrowed(user->getResult(0));
  });
}

/// Approximations of 13 bits are enough for what has 8.
static arith::FastMathFlags precisionOf(bool isCoarse) {
  return isCoarse ? arith::FastMathFlags::afn : arith::FastMathFlags::none;
}

static Value smaller(OpBuilder &b, Location loc, Value x, double bound) {
  Value limit = constant(b, loc, bound);
  Value isBeyond = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, x, limit);
  return arith::SelectOp::create(b, loc, isBeyond, limit, x);
}

/// 1 / (1 + exp(x)) -> y > 125 ? 0 : 1 / (1 + exp2(min(y, 125))) with y = x log2 e: the product's
/// rounding moves the result by no more than some of its last bits, and the exponential needs no
/// reduction of its argument. The sum is finite, so that its inverse may be computed from an
/// estimate.
static void useExp2(math::ExpOp op) {
  auto sum = onlyUserWithOne<arith::AddFOp>(op);
  auto quotient = sum ? onlyUserWithOne<arith::DivFOp>(sum) : arith::DivFOp();
  if (!quotient || quotient.getRhs() != sum.getResult() || !op.getType().isF32())
    return;
  OpBuilder b(op);
  Value x = op.getOperand();
  double factor = 1.44269504088896341;
  if (auto negated = x.getDefiningOp<arith::NegFOp>())
    x = negated.getOperand(), factor = -factor;
  bool isCoarse = isNarrowed(quotient);
  Value scaled = arith::MulFOp::create(b, op.getLoc(), x, constant(b, op.getLoc(), factor));
  Value limit = constant(b, op.getLoc(), 125);
  Value isBeyond = arith::CmpFOp::create(b, op.getLoc(), arith::CmpFPredicate::OGT, scaled, limit);
  scaled = arith::SelectOp::create(b, op.getLoc(), isBeyond, limit, scaled);
  op.replaceAllUsesWith(
      math::Exp2Op::create(b, op.getLoc(), scaled, precisionOf(isCoarse)).getResult());
  op.erase();
  quotient.setFastmath(arith::FastMathFlags::arcp | precisionOf(isCoarse));
  // No power of two, however small: times infinity, 0 is no infinity.
  b.setInsertionPointAfter(quotient);
  Value zero = constant(b, quotient.getLoc(), 0);
  auto result = arith::SelectOp::create(b, quotient.getLoc(), isBeyond, zero, quotient);
  quotient.getResult().replaceAllUsesExcept(result, result);
}

/// The op that computes x (1 + erf(x / sqrt 2)) / 2 with this erf, however its factors are ordered.
static arith::MulFOp findGelu(math::ErfOp op, Value &x) {
  auto isFactor = [](arith::MulFOp product, double factor) {
    std::optional<APFloat> found = product ? constantOf(product.getRhs()) : std::nullopt;
    return found && std::abs(found->convertToDouble() / factor - 1) < 1e-6;
  };
  auto onlyProduct = [](Operation *of) {
    return of->hasOneUse() ? dyn_cast<arith::MulFOp>(*of->user_begin()) : arith::MulFOp();
  };
  auto scaled = op.getOperand().getDefiningOp<arith::MulFOp>();
  auto sum = onlyUserWithOne<arith::AddFOp>(op);
  arith::MulFOp product = sum ? onlyProduct(sum) : arith::MulFOp();
  if (!product || !isFactor(scaled, std::sqrt(0.5)) || !op.getType().isF32())
    return {};
  x = scaled.getLhs();
  Value other = product.getLhs() == sum.getResult() ? product.getRhs() : product.getLhs();
  if (other == x)
    product = onlyProduct(product);
  return isFactor(other == x ? product : other.getDefiningOp<arith::MulFOp>(), 0.5) &&
                 (other == x || other.getDefiningOp<arith::MulFOp>().getLhs() == x)
             ? product
             : arith::MulFOp();
}

/// GELU: with a = min(|x|, 5.5), x times the normal distribution of x is max(x, 0) - a 2^(a q(a) -
/// 1), q(a) = log2(erfc(a / sqrt 2)) / a being smooth. Measured against 64 bits: within 5.4e-8 (1 +
/// |x|) and 2.6e-6 of itself down to -3; the coarse form within 1.3e-4 of itself down to -5.5.
static bool useGelu(math::ErfOp op) {
  constexpr double fine[] = {-1.3016598359172349e-06, 2.083085746562574e-05, -9.789040632313117e-05,
                             -0.00034811723162420094, 0.0073318867944180965, -0.05267220199108124,
                             -0.4591555893421173,     -1.151110291481018};
  constexpr double coarse[] = {2.6531892217462882e-05, -0.0006677797646261752, 0.007535408716648817,
                               -0.052127450704574585,  -0.46007388830184937,   -1.1507632732391357};
  Value x;
  arith::MulFOp last = findGelu(op, x);
  if (!last)
    return false;
  OpBuilder b(last);
  Location loc = op.getLoc();
  bool isCoarse = isNarrowed(last);
  llvm::ArrayRef<double> coefficients =
      isCoarse ? llvm::ArrayRef<double>(coarse) : llvm::ArrayRef<double>(fine);
  auto number = [&](double value) { return constant(b, loc, value); };
  Value a = smaller(b, loc, math::AbsFOp::create(b, loc, x), 5.5), q = number(coefficients.front());
  for (double coefficient : coefficients.drop_front())
    q = math::FmaOp::create(b, loc, q, a, number(coefficient));
  Value tail = math::Exp2Op::create(b, loc, math::FmaOp::create(b, loc, q, a, number(-1)),
                                    precisionOf(isCoarse));
  Value isNegative = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, number(0), x);
  Value positive = arith::SelectOp::create(b, loc, isNegative, number(0), x);
  Value minus = arith::NegFOp::create(b, loc, a);
  last.replaceAllUsesWith(math::FmaOp::create(b, loc, minus, tail, positive).getResult());
  return true;
}

/// 1 + erf(x), of GELU. With t = min(|x|, 4), erfc(t) = 2^(t q(t)), q(t) = log2(erfc(t)) / t being
/// smooth; the sum is that for negative x, and 2 minus that for others. The largest error is
/// 1.2e-7; that of erf(x) rounded, plus 1, is 0.9e-7.
static void computeAtOnce(math::ErfOp op) {
  auto sum = onlyUserWithOne<arith::AddFOp>(op);
  if (!sum || !op.getType().isF32())
    return;
  constexpr double log2e = 1.44269504088896341;
  OpBuilder b(sum);
  Location loc = op.getLoc();
  auto number = [&](double value) { return constant(b, loc, value); };
  auto choose = [&](arith::CmpFPredicate predicate, Value x, double bound, Value then,
                    Value other) -> Value {
    Value isSo = arith::CmpFOp::create(b, loc, predicate, x, number(bound));
    return arith::SelectOp::create(b, loc, isSo, then, other);
  };
  Value x = op.getOperand(), t = math::AbsFOp::create(b, loc, x);
  t = choose(arith::CmpFPredicate::OGT, t, 4, number(4), t);
  Value q = number(llvm::ArrayRef(erfTail).back() * log2e);
  for (double coefficient : llvm::reverse(llvm::ArrayRef(erfTail).drop_back()))
    q = math::FmaOp::create(b, loc, q, t, number(coefficient * log2e));
  Value erfc = math::Exp2Op::create(b, loc, arith::MulFOp::create(b, loc, q, t));
  Value low = choose(arith::CmpFPredicate::OLT, x, -4, number(0), erfc);
  Value high = arith::SubFOp::create(b, loc, number(2), erfc);
  sum.replaceAllUsesWith(choose(arith::CmpFPredicate::OLT, x, 0, low, high));
  sum.erase();
  op.erase();
}

namespace {
/// min(max(x + shift, low), high) of constants, no part of which is used elsewhere.
struct Gate {
  arith::AddFOp sum;
  arith::MaximumFOp lower;
  arith::MinimumFOp upper;

  static std::optional<Gate> match(Value value) {
    auto upper = value.getDefiningOp<arith::MinimumFOp>();
    auto lower = upper ? upper.getLhs().getDefiningOp<arith::MaximumFOp>() : arith::MaximumFOp();
    auto sum = lower ? lower.getLhs().getDefiningOp<arith::AddFOp>() : arith::AddFOp();
    for (Operation *op : {sum.getOperation(), lower.getOperation(), upper.getOperation()})
      if (!op || !op->hasOneUse() || !constantOf(op->getOperand(1)))
        return std::nullopt;
    return Gate{sum, lower, upper};
  }
};
} // namespace

/// The only user of a value, if it multiplies by a constant.
static arith::MulFOp scaledBy(Value value) {
  auto user = value.hasOneUse() ? dyn_cast<arith::MulFOp>(*value.user_begin()) : arith::MulFOp();
  return user && user.getLhs() == value && constantOf(user.getRhs()) ? user : arith::MulFOp();
}

/// x gate(y) a b .. -> x gate'(y), gate' being the gate times c = a b ..: hard-swish, and a factor
/// behind it, for nothing, as y c + shift c is one instruction.
static void scaleGate(arith::MulFOp product) {
  std::optional<Gate> gate = Gate::match(product.getRhs());
  if (!gate || !product.getType().isF32())
    return;
  double factor = 1;
  arith::MulFOp last = product;
  while (arith::MulFOp next = scaledBy(last)) {
    factor *= constantOf(next.getRhs())->convertToDouble();
    last = next;
  }
  auto scaled = [&](Operation *op) {
    return static_cast<float>(constantOf(op->getOperand(1))->convertToDouble() * factor);
  };
  auto isExact = [&](float value) { return value == 0 || std::isnormal(value); };
  float shift = scaled(gate->sum), low = scaled(gate->lower), high = scaled(gate->upper);
  if (last == product || factor <= 0 || !std::isnormal(static_cast<float>(factor)) ||
      !isExact(shift) || !isExact(low) || !isExact(high))
    return;
  OpBuilder b(gate->sum);
  Location loc = product.getLoc();
  Value y = arith::MulFOp::create(b, loc, gate->sum.getLhs(), constant(b, loc, factor));
  Value sum = arith::AddFOp::create(b, loc, y, constant(b, loc, shift));
  Value lower = arith::MaximumFOp::create(b, loc, sum, constant(b, loc, low));
  Value upper = arith::MinimumFOp::create(b, loc, lower, constant(b, loc, high));
  b.setInsertionPoint(product);
  last.replaceAllUsesWith(arith::MulFOp::create(b, loc, product.getLhs(), upper).getResult());
}

static void simplify(Block &body) {
  if (llvm::any_of(body, [](Operation &op) { return hasSteps(&op); }))
    return;
  for (Operation &op : llvm::make_early_inc_range(body))
    if (auto divide = dyn_cast<arith::DivFOp>(op))
      multiplyInstead(divide);
  for (Operation &op : llvm::make_early_inc_range(body))
    if (auto exponential = dyn_cast<math::ExpOp>(op))
      useExp2(exponential);
  SmallVector<arith::MulFOp> products(body.getOps<arith::MulFOp>());
  for (arith::MulFOp product : llvm::reverse(products))
    scaleGate(product);
  SmallVector<math::ErfOp> errorFunctions(body.getOps<math::ErfOp>());
  for (math::ErfOp op : errorFunctions)
    if (!useGelu(op))
      computeAtOnce(op);
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(body)))
    if (isOpTriviallyDead(&op))
      op.erase();
}

namespace {
struct SimplifyEpiloguesPass : optc::cpu::impl::CpuSimplifyEpiloguesBase<SimplifyEpiloguesPass> {
  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      if (isa<MatmulOp, BlockMatmulOp, ConvOp, AttentionOp>(op))
        simplify(op->getRegion(0).front());
    });
  }
};
} // namespace
