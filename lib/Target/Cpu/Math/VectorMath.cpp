//===- VectorMath.cpp - exponentials and logarithms -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See VectorMath.h. The exponential and logarithmic half, and the building blocks.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Math/VectorMath.h"
#include "lib/Target/Cpu/Vector/Intrinsics.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

static Type withElement(Type shape, Type element) {
  if (auto vector = dyn_cast<VectorType>(shape))
    return vector.clone(element);
  return element;
}

static Value splatConstant(ImplicitLocOpBuilder &b, Type shape, TypedAttr scalar) {
  if (auto vector = dyn_cast<VectorType>(shape))
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(vector.clone(scalar.getType()), Attribute(scalar)));
  return arith::ConstantOp::create(b, scalar);
}

VectorMath::VectorMath(ImplicitLocOpBuilder &builder, Type type, const CpuLevel &level,
                       LaneCall laneCall)
    : b(builder), type(type), level(level), laneCall(laneCall) {
  auto vector = dyn_cast<VectorType>(type);
  hasScale = vector && hasIntrinsic(level, ScalesByPowers, vector.getNumElements());
}

// The building blocks.

Value VectorMath::c(double value) {
  return splatConstant(b, type, b.getF32FloatAttr(static_cast<float>(value)));
}
Value VectorMath::ci(int64_t value) {
  return splatConstant(b, type, b.getI32IntegerAttr(static_cast<int32_t>(value)));
}
Value VectorMath::add(Value x, Value y) { return arith::AddFOp::create(b, x, y); }
Value VectorMath::sub(Value x, Value y) { return arith::SubFOp::create(b, x, y); }
Value VectorMath::mul(Value x, Value y) { return arith::MulFOp::create(b, x, y); }
Value VectorMath::div(Value x, Value y) { return arith::DivFOp::create(b, x, y); }
Value VectorMath::fma(Value x, Value y, Value z) { return math::FmaOp::create(b, x, y, z); }
Value VectorMath::neg(Value x) { return arith::NegFOp::create(b, x); }
Value VectorMath::abs(Value x) { return math::AbsFOp::create(b, x); }
Value VectorMath::sqrt(Value x) { return math::SqrtOp::create(b, x); }
Value VectorMath::copySign(Value magnitude, Value sign) {
  return math::CopySignOp::create(b, magnitude, sign);
}
Value VectorMath::cmp(Predicate predicate, Value x, Value y) {
  return arith::CmpFOp::create(b, predicate, x, y);
}
Value VectorMath::select(Value condition, Value x, Value y) {
  return arith::SelectOp::create(b, condition, x, y);
}
Value VectorMath::either(Value x, Value y) { return arith::OrIOp::create(b, x, y); }
Value VectorMath::clamp(Value x, double lower, double upper) {
  Value low = c(lower), high = c(upper);
  x = select(cmp(Predicate::OLT, x, low), low, x);
  return select(cmp(Predicate::OGT, x, high), high, x);
}
Value VectorMath::toBits(Value x) {
  return arith::BitcastOp::create(b, withElement(type, b.getI32Type()), x);
}
Value VectorMath::fromBits(Value x) { return arith::BitcastOp::create(b, type, x); }

Value VectorMath::polynomial(Value x, ArrayRef<double> coefficients) {
  Value sum = c(coefficients.back());
  for (double coefficient : llvm::reverse(coefficients.drop_back()))
    sum = fma(sum, x, c(coefficient));
  return sum;
}

/// Adding 1.5 * 2^23 rounds to an integer, which is then in the low bits. A conversion to
/// int would be poison for NaN.
static constexpr double roundingMagic = 12582912.0;

std::pair<Value, Value> VectorMath::nearest(Value x) {
  Value shifted = add(x, c(roundingMagic));
  return {sub(shifted, c(roundingMagic)), toBits(shifted)};
}

Value VectorMath::power2(Value bits) {
  Value exponent = arith::ShLIOp::create(b, bits, ci(23));
  return fromBits(arith::AddIOp::create(b, exponent, ci(0x3f800000)));
}

Value VectorMath::scale(Value x, const Reduced &power) {
  if (hasScale)
    return scaleByPower(b, b.getLoc(), level, x, power.n);
  // Two factors, since 2^n alone may not exist where x * 2^n does.
  Value n = arith::SubIOp::create(b, power.bits, ci(0x4b400000));
  Value half = arith::ShRSIOp::create(b, n, ci(1));
  Value rest = arith::SubIOp::create(b, n, half);
  return mul(mul(x, power2(half)), power2(rest));
}

VectorMath::Reduced VectorMath::reduceExp(Value x) {
  auto [n, bits] = nearest(mul(x, c(1.44269504088896341)));
  Value rest = fma(n, c(-0.693145751953125), x); // the high bits of ln 2
  return {fma(n, c(-1.42860682030941723212e-6), rest), n, bits};
}

Value VectorMath::expScaled(Value x, int64_t shift) {
  x = clamp(x, -104.0 - shift, 89.0 - shift);
  Reduced power = reduceExp(x);
  Value r = power.rest;
  Value p = polynomial(r, {0.5, 0.16666515171527863, 0.04166637733578682, 0.008369393646717072,
                           0.0013942922232672572});
  if (shift != 0) {
    power.n = add(power.n, c(shift));
    power.bits = arith::AddIOp::create(b, power.bits, ci(shift));
  }
  return scale(add(fma(mul(r, r), p, r), c(1.0)), power);
}

Value VectorMath::exp(Value x) { return expScaled(x, 0); }

Value VectorMath::exp2(Value x, bool isCoarse) {
  static constexpr double fine[] = {0.6931471824645996,    0.24022650718688965,
                                    0.05550357699394226,   0.009618059732019901,
                                    0.0013392065884545445, 0.0001546413404867053};
  static constexpr double coarse[] = {0.6932829022407532, 0.24221095442771912, 0.05500893294811249};
  Value r, n, bits;
  if (hasScale) { // of any x: what is left of an infinity is NaN, for which `scale` gives 0 or
                  // infinity
    n = math::RoundEvenOp::create(b, x);
    r = sub(x, n);
  } else {
    x = clamp(x, -151.0, 129.0);
    std::tie(n, bits) = nearest(x);
    r = sub(x, n);
  }
  Value p = polynomial(r, isCoarse ? ArrayRef<double>(coarse) : ArrayRef<double>(fine));
  return scale(fma(r, p, c(1.0)), {r, n, bits});
}

/// expm1(r) of a reduced argument.
static constexpr double expm1Coefficients[] = {0.5,
                                               0.1666666716337204,
                                               0.041666481643915176,
                                               0.008333208039402962,
                                               0.0013933564769104123,
                                               0.00019944223458878696};

Value VectorMath::expm1Inside(Value x) {
  Reduced power = reduceExp(x);
  Value r = power.rest;
  Value small = fma(mul(r, r), polynomial(r, expm1Coefficients), r);
  Value whole = power2(power.bits);
  return fma(whole, small, sub(whole, c(1.0)));
}

Value VectorMath::expm1(Value x) {
  Reduced power = reduceExp(clamp(x, -18.0, 89.0));
  Value r = power.rest;
  Value small = fma(mul(r, r), polynomial(r, expm1Coefficients), r);
  // 2^n (1 + small) - 1, with 2^(n-1) as n reaches 128.
  Value whole = power2(arith::SubIOp::create(b, power.bits, ci(1)));
  Value half = fma(whole, small, sub(whole, c(0.5)));
  return select(cmp(Predicate::OEQ, x, c(0.0)), x, add(half, half));
}

VectorMath::LogParts VectorMath::logParts(Value u, Value correction) {
  Value tiny = cmp(Predicate::OLT, u, c(1.17549435e-38));
  Value normal = select(tiny, mul(u, c(33554432.0)), u);
  // The mantissa is taken from [sqrt(1/2), sqrt(2)).
  Value bits = toBits(normal);
  Value shifted = arith::SubIOp::create(b, bits, ci(0x3f3504f3));
  Value n = arith::ShRSIOp::create(b, shifted, ci(23));
  Value exponentBits = arith::ShLIOp::create(b, n, ci(23));
  Value mantissa = fromBits(arith::SubIOp::create(b, bits, exponentBits));
  Value exponent = arith::SIToFPOp::create(b, type, n);
  exponent = add(exponent, select(tiny, c(-25.0), c(0.0)));
  Value f = sub(mantissa, c(1.0));
  if (correction) { // u + c = 2^n (m + c 2^-n), and c is nothing beside a large u
    Value inverse = fromBits(arith::SubIOp::create(b, ci(0x3f800000), exponentBits));
    Value scaled = mul(correction, inverse);
    f = add(f, select(cmp(Predicate::OGT, u, c(1.0e9)), c(0.0), scaled));
  }
  Value p = polynomial(f, {-0.49999988079071045, 0.33333325386047363, -0.2500160038471222,
                           0.20001959800720215, -0.16608716547489166, 0.14182329177856445,
                           -0.1324642449617386, 0.12900985777378082, -0.07608474045991898});
  return {exponent, f, mul(mul(f, f), p)};
}

Value VectorMath::logSpecials(Value x, Value result) {
  Value zero = c(0.0), infinity = c(INFINITY);
  result = select(cmp(Predicate::OEQ, x, zero), c(-INFINITY), result);
  result = select(cmp(Predicate::ULT, x, zero), c(NAN), result);
  return select(cmp(Predicate::OEQ, x, infinity), infinity, result);
}

Value VectorMath::logSum(Value u, Value correction) {
  LogParts parts = logParts(u, correction);
  Value rest = fma(parts.exponent, c(-2.12194440e-4), parts.rest);
  return fma(parts.exponent, c(0.693359375), add(parts.first, rest));
}

Value VectorMath::log(Value x) { return logSpecials(x, logSum(x, {})); }

Value VectorMath::log2(Value x) {
  LogParts parts = logParts(x, {});
  // (first + rest) * log2(e), the factor split so that first * high is nearly exact.
  Value low = fma(parts.rest, c(1.44269504), mul(add(parts.first, parts.rest), c(1.925963033e-8)));
  Value product = mul(parts.first, c(1.44269502162933349609));
  Value error = fma(parts.first, c(1.44269502162933349609), neg(product));
  return logSpecials(x, add(add(parts.exponent, product), add(low, error)));
}

Value VectorMath::log10(Value x) {
  LogParts parts = logParts(x, {});
  Value low = fma(parts.rest, c(0.434294482), mul(parts.exponent, c(4.605038981e-6)));
  Value product = mul(parts.first, c(0.434294492006301879883));
  Value error = fma(parts.first, c(0.434294492006301879883), neg(product));
  low = add(fma(parts.first, c(-1.0103050e-8), error), low);
  Value high = mul(parts.exponent, c(0.301025390625));
  // high + product with the error of the sum, which matters where they cancel.
  Value sum = add(high, product);
  Value lost = sub(product, sub(sum, high));
  return logSpecials(x, add(sum, add(low, lost)));
}

Value VectorMath::log1p(Value x) {
  Value one = c(1.0);
  Value u = add(x, one);
  // What the sum lost, taken from the larger term.
  Value large = cmp(Predicate::OGT, x, one);
  Value lost = select(large, sub(one, sub(u, x)), sub(x, sub(u, one)));
  Value result = logSpecials(u, logSum(u, lost));
  return select(cmp(Predicate::OEQ, x, c(0.0)), x, result);
}

Value VectorMath::cbrt(Value x) {
  Value magnitude = abs(x);
  Value tiny = cmp(Predicate::OLT, magnitude, c(1.17549435e-38));
  Value huge = cmp(Predicate::OGT, magnitude, c(1.0e37));
  Value factor = select(tiny, c(16777216.0), select(huge, c(1.0 / 16777216.0), c(1.0)));
  magnitude = mul(magnitude, factor);
  // A third of the exponent by integer division of the bits, then two Halley steps.
  Value third = arith::DivUIOp::create(b, toBits(magnitude), ci(3));
  Value y = fromBits(arith::AddIOp::create(b, third, ci(0x2a5137a0)));
  for (int step = 0; step < 2; ++step) {
    Value cube = mul(mul(y, y), y);
    y = mul(y, div(fma(magnitude, c(2.0), cube), fma(cube, c(2.0), magnitude)));
  }
  // One Newton step on the exact residual: y - (y^3 - a) / (3 y^2).
  Value square = mul(y, y);
  Value squareError = fma(y, y, neg(square));
  Value residual = fma(square, y, neg(magnitude));
  residual = fma(squareError, y, residual);
  y = sub(y, div(residual, mul(square, c(3.0))));
  y = mul(y, select(tiny, c(0.00390625), select(huge, c(256.0), c(1.0))));
  Value special = either(cmp(Predicate::UEQ, x, c(0.0)), cmp(Predicate::OEQ, abs(x), c(INFINITY)));
  return select(special, x, copySign(y, x));
}

/// log2 and exp2 in f64 leave enough bits for an f32 result of any exponent.
namespace {
struct DoubleMath {
  ImplicitLocOpBuilder &b;
  Type type; ///< f64 or a vector of it

  Value c(double value) { return splatConstant(b, type, b.getF64FloatAttr(value)); }
  Value ci(int64_t value) { return splatConstant(b, type, b.getI64IntegerAttr(value)); }
  Value toBits(Value x) {
    return arith::BitcastOp::create(b, withElement(type, b.getI64Type()), x);
  }
  Value fromBits(Value x) { return arith::BitcastOp::create(b, type, x); }
  Value fma(Value x, Value y, Value z) { return math::FmaOp::create(b, x, y, z); }

  /// log2 of a positive normal number, relative error 1e-13.
  Value log2(Value x) {
    constexpr int64_t sqrtHalf = 0x3fe6a09e667f3bcd;
    Value bits = toBits(x);
    Value shifted = arith::SubIOp::create(b, bits, ci(sqrtHalf));
    Value n = arith::ShRSIOp::create(b, shifted, ci(52));
    Value m = fromBits(arith::SubIOp::create(b, bits, arith::ShLIOp::create(b, n, ci(52))));
    // n as a double without a 64-bit conversion: it is in the low bits of 1.5 * 2^52 + n.
    constexpr double magic = 6755399441055744.0;
    Value exponent = fromBits(arith::AddIOp::create(b, n, toBits(c(magic))));
    exponent = arith::SubFOp::create(b, exponent, c(magic));
    Value s = arith::DivFOp::create(b, arith::SubFOp::create(b, m, c(1.0)),
                                    arith::AddFOp::create(b, m, c(1.0)));
    Value z = arith::MulFOp::create(b, s, s);
    Value p = c(1.0 / 17);
    for (int k = 15; k >= 1; k -= 2)
      p = fma(p, z, c(1.0 / k));
    Value scaled = arith::MulFOp::create(b, s, c(2.88539008177792681472));
    return fma(scaled, p, exponent);
  }

  /// 2^x for |x| <= 300, relative error 1e-11.
  Value exp2(Value x) {
    constexpr double magic = 6755399441055744.0;
    Value shifted = arith::AddFOp::create(b, x, c(magic));
    Value n = arith::SubFOp::create(b, shifted, c(magic));
    Value r = arith::MulFOp::create(b, arith::SubFOp::create(b, x, n), c(0.693147180559945309417));
    double factorial = 3628800.0;
    Value p = c(1.0 / factorial);
    for (int k = 10; k >= 1; --k) {
      factorial /= k;
      p = fma(p, r, c(1.0 / factorial));
    }
    Value exponent = arith::ShLIOp::create(b, toBits(shifted), ci(52));
    Value power = fromBits(arith::AddIOp::create(b, exponent, ci(0x3ff0000000000000)));
    return arith::MulFOp::create(b, p, power);
  }
};
} // namespace

Value VectorMath::pow(Value x, Value y) {
  DoubleMath wide{b, withElement(type, b.getF64Type())};
  Value magnitude = abs(x);
  Value exponent = wide.log2(arith::ExtFOp::create(b, wide.type, magnitude));
  Value product = arith::MulFOp::create(b, exponent, arith::ExtFOp::create(b, wide.type, y));
  Value low = wide.c(-300.0), high = wide.c(300.0);
  product = arith::SelectOp::create(b, arith::CmpFOp::create(b, Predicate::OLT, product, low), low,
                                    product);
  product = arith::SelectOp::create(b, arith::CmpFOp::create(b, Predicate::OGT, product, high),
                                    high, product);
  Value power = arith::TruncFOp::create(b, type, wide.exp2(product));

  Value zero = c(0.0), one = c(1.0), infinity = c(INFINITY);
  // |x| = 0 or inf: 0 or inf by the sign of y.
  Value yNegative = cmp(Predicate::OLT, y, zero);
  Value xZero = cmp(Predicate::OEQ, x, zero);
  Value xInfinite = cmp(Predicate::OEQ, magnitude, infinity);
  power = select(xZero, select(yNegative, infinity, zero), power);
  power = select(xInfinite, select(yNegative, zero, infinity), power);
  // Negative x: the sign of odd powers, NaN for powers that are no integers.
  Value half = mul(y, c(0.5));
  Value isInteger = cmp(Predicate::OEQ, y, Value(math::FloorOp::create(b, y)));
  Value isEven = cmp(Predicate::OEQ, half, Value(math::FloorOp::create(b, half)));
  Value yInfinite = cmp(Predicate::OEQ, abs(y), infinity);
  Value odd = select(isEven, power, copySign(power, x));
  Value finiteNegative =
      arith::AndIOp::create(b, cmp(Predicate::OLT, x, zero), cmp(Predicate::OGT, x, c(-INFINITY)));
  Value notInteger = select(finiteNegative, c(NAN), power);
  power = select(isInteger, odd, select(yInfinite, power, notInteger));
  // NaN in either operand, then the cases that are 1 even so.
  power = select(cmp(Predicate::UNO, x, y), c(NAN), power);
  Value unit = arith::AndIOp::create(b, cmp(Predicate::OEQ, magnitude, one), yInfinite);
  unit = either(unit, either(cmp(Predicate::OEQ, x, one), cmp(Predicate::OEQ, y, zero)));
  return select(unit, one, power);
}
