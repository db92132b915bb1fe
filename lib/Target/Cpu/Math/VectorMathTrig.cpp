//===- VectorMathTrig.cpp - trigonometric and hyperbolic functions ----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See VectorMath.h. The trigonometric and hyperbolic half, and the error function.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Math/ErfTail.h"
#include "lib/Target/Cpu/Math/VectorMath.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

/// Up to here three parts of pi/2 leave enough bits; larger arguments take the slow path.
static constexpr double largestFastAngle = 30000.0;

VectorMath::Quadrant VectorMath::reduceTrig(Value x) {
  auto [n, bits] = nearest(mul(x, c(0.636619772367581343)));
  Value r = fma(n, c(-1.57079637050628662109), x);
  r = fma(n, c(4.37113900018624283e-8), r);
  r = fma(n, c(1.71512450610174500e-15), r);
  return {r, bits};
}

Value VectorMath::sinPolynomial(Value r) {
  Value z = mul(r, r);
  Value p = polynomial(z, {-0.1666666716337204, 0.008333379402756691, -0.00019852982950396836,
                           2.830801577147213e-06});
  return fma(mul(r, z), p, r);
}

Value VectorMath::cosPolynomial(Value r) {
  Value z = mul(r, r);
  Value p = polynomial(z, {0.0416666679084301, -0.0013888980029150844, 2.4821911210892722e-05,
                           -2.885931280616205e-07});
  return fma(mul(z, z), p, fma(z, c(-0.5), c(1.0)));
}

Value VectorMath::slowTrig(StringRef name, Value x, Value fast) {
  Value large = cmp(Predicate::OGT, abs(x), c(largestFastAngle));
  return laneCall(b, name, x, large, fast);
}

/// sin(x + quadrantShift * pi / 2).
Value VectorMath::sinCos(Value x, int64_t quadrantShift) {
  auto [r, bits] = reduceTrig(x);
  if (quadrantShift != 0)
    bits = arith::AddIOp::create(b, bits, ci(quadrantShift));
  Value odd = arith::AndIOp::create(b, bits, ci(1));
  Value useCos = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, odd, ci(0));
  Value result = select(useCos, cosPolynomial(r), sinPolynomial(r));
  Value sign = arith::ShLIOp::create(b, arith::AndIOp::create(b, bits, ci(2)), ci(30));
  return fromBits(arith::XOrIOp::create(b, toBits(result), sign));
}

Value VectorMath::sin(Value x) {
  // The reduction turns -0 into +0.
  Value fast = select(cmp(Predicate::OEQ, x, c(0.0)), x, sinCos(x, 0));
  return slowTrig("sinf", x, fast);
}

Value VectorMath::cos(Value x) { return slowTrig("cosf", x, sinCos(x, 1)); }

Value VectorMath::tan(Value x) {
  auto [r, bits] = reduceTrig(x);
  Value s = sinPolynomial(r), q = cosPolynomial(r);
  Value odd = arith::AndIOp::create(b, bits, ci(1));
  Value swap = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, odd, ci(0));
  Value fast = div(select(swap, neg(q), s), select(swap, s, q));
  fast = select(cmp(Predicate::OEQ, x, c(0.0)), x, fast);
  return slowTrig("tanf", x, fast);
}

/// asin for |x| <= 1/2.
Value VectorMath::asinPolynomial(Value x) {
  Value z = mul(x, x);
  Value p = polynomial(z, {0.16666659712791443, 0.07500527799129486, 0.04451155290007591,
                           0.031858235597610474, 0.014231077395379543, 0.03782740980386734});
  return fma(mul(x, z), p, x);
}

Value VectorMath::asin(Value x) {
  // asin(x) = pi/2 - 2 asin(sqrt((1 - x) / 2)) for large x.
  Value magnitude = abs(x);
  Value large = cmp(Predicate::OGT, magnitude, c(0.5));
  Value root = sqrt(mul(sub(c(1.0), magnitude), c(0.5)));
  Value p = asinPolynomial(select(large, root, magnitude));
  // pi/2 in two parts, so that the subtraction rounds once.
  Value high = sub(c(1.57079637050628662109), add(add(p, p), c(4.37113900018624283e-8)));
  return copySign(select(large, high, p), x);
}

Value VectorMath::acos(Value x) {
  Value magnitude = abs(x);
  Value large = cmp(Predicate::OGT, magnitude, c(0.5));
  Value root = sqrt(mul(sub(c(1.0), magnitude), c(0.5)));
  Value p = asinPolynomial(select(large, root, x));
  Value twice = add(p, p);
  Value negative = cmp(Predicate::OLT, x, c(0.0));
  Value reflected = sub(c(3.14159274101257324219), add(twice, c(8.74227800037248566e-8)));
  Value middle = sub(c(1.57079637050628662109), add(p, c(4.37113900018624283e-8)));
  return select(large, select(negative, reflected, twice), middle);
}

Value VectorMath::atan(Value x) {
  // atan(x) = pi/2 - atan(1/x) for x > 1.
  Value magnitude = abs(x);
  Value large = cmp(Predicate::OGT, magnitude, c(1.0));
  Value t = select(large, div(c(1.0), magnitude), magnitude);
  Value z = mul(t, t);
  Value p = polynomial(z, {-0.33333301544189453, 0.1999862790107727, -0.1426512598991394,
                           0.10956933349370956, -0.08417543023824692, 0.05820125713944435,
                           -0.03142214193940163, 0.011046255007386208, -0.0018231159774586558});
  Value small = fma(mul(t, z), p, t);
  Value reflected = sub(c(1.57079637050628662109), add(small, c(4.37113900018624283e-8)));
  return copySign(select(large, reflected, small), x);
}

Value VectorMath::atan2(Value y, Value x) {
  Value ax = abs(x), ay = abs(y);
  Value infinity = c(INFINITY), zero = c(0.0);
  // inf / inf and 0 / 0 stand for 1 and 0.
  Value bothInfinite = arith::AndIOp::create(b, cmp(Predicate::OEQ, ax, infinity),
                                             cmp(Predicate::OEQ, ay, infinity));
  Value ratio = div(ay, ax);
  ratio = select(cmp(Predicate::OEQ, ay, zero), zero, ratio);
  ratio = select(bothInfinite, c(1.0), ratio);
  Value angle = atan(ratio);
  Value bits = toBits(x);
  Value negative = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, bits, ci(0));
  Value reflected = sub(c(3.14159274101257324219), add(angle, c(8.74227800037248566e-8)));
  angle = select(negative, reflected, angle);
  angle = select(cmp(Predicate::UNO, x, y), c(NAN), angle);
  return copySign(angle, y);
}

Value VectorMath::sinh(Value x) {
  Value magnitude = abs(x);
  // With t = expm1(|x|): (t + t / (t + 1)) / 2; from 10 on exp(|x|) / 2.
  Value t = expm1(magnitude);
  Value small = mul(add(t, div(t, add(t, c(1.0)))), c(0.5));
  Value large = expScaled(magnitude, -1);
  Value result = select(cmp(Predicate::OGT, magnitude, c(10.0)), large, small);
  return copySign(result, x);
}

Value VectorMath::cosh(Value x) {
  Value half = expScaled(abs(x), -1);
  return add(half, div(c(0.25), half));
}

Value VectorMath::tanh(Value x) {
  // With t = expm1(2 |x|): t / (t + 2).
  Value magnitude = abs(x);
  Value limited = select(cmp(Predicate::OGT, magnitude, c(10.0)), c(10.0), magnitude);
  Value t = expm1Inside(add(limited, limited));
  return copySign(div(t, add(t, c(2.0))), x);
}

Value VectorMath::asinh(Value x) {
  // log1p(a + a^2 / (1 + sqrt(a^2 + 1))), and log(a) + log(2) where a^2 overflows.
  Value a = abs(x);
  Value big = cmp(Predicate::OGT, a, c(1.0e9));
  Value square = mul(a, a);
  Value argument = add(a, div(square, add(c(1.0), sqrt(add(square, c(1.0))))));
  Value result = log1p(select(big, a, argument));
  result = select(big, add(result, c(0.693147180559945309)), result);
  return copySign(result, x);
}

Value VectorMath::acosh(Value x) {
  // With t = x - 1: log1p(t + sqrt(2 t + t^2)).
  Value big = cmp(Predicate::OGT, x, c(1.0e9));
  Value t = sub(x, c(1.0));
  Value argument = add(t, sqrt(fma(t, t, add(t, t))));
  Value result = log1p(select(big, x, argument));
  result = select(big, add(result, c(0.693147180559945309)), result);
  return select(cmp(Predicate::OLT, x, c(1.0)), c(NAN), result);
}

Value VectorMath::atanh(Value x) {
  Value a = abs(x);
  Value ratio = div(add(a, a), sub(c(1.0), a));
  return copySign(mul(log1p(ratio), c(0.5)), x);
}

Value VectorMath::erf(Value x) {
  // erf(t) = -expm1(log(erfc(t))), and log(erfc(t)) / t is smooth on [0, 4].
  Value t = abs(x);
  t = select(cmp(Predicate::OGT, t, c(4.0)), c(4.0), t);
  llvm::SmallVector<double> coefficients(std::begin(erfTail), std::end(erfTail));
  coefficients.front() = erfTailLow;
  Value exponent = fma(t, polynomial(t, coefficients), mul(t, c(erfTailHigh)));
  return copySign(expm1Inside(exponent), x);
}

Value VectorMath::erfc(Value x) { return laneCall(b, "erfcf", x, {}, x); }

Value VectorMath::round(Value x) {
  // Half away from zero; the largest float below 1/2 keeps 0.49999997 at 0.
  Value half = copySign(c(0.49999997019767761), x);
  Value rounded = math::TruncOp::create(b, add(x, half));
  return select(cmp(Predicate::OGE, abs(x), c(8388608.0)), x, rounded);
}

Value VectorMath::rsqrt(Value x) { return div(c(1.0), sqrt(x)); }
