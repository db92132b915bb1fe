//===- VectorMath.h - functions of f32 vectors without libm -----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes exp, log, sin and so on as polynomials, for f32 scalars and vectors alike. Errors
// below are the largest found by test/unit/Target/VectorMathTest.cpp over many millions of
// arguments, in units of the last place (ULP). Infinities, NaN, zeros and subnormals behave as in
// C.
//
// The polynomials were fitted to the functions by weighted least squares on Chebyshev nodes,
// low coefficients rounded to f32 first.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_MATH_VECTORMATH_H
#define OPTC_TARGET_CPU_MATH_VECTORMATH_H

#include "lib/Target/Host/CpuLevel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace optc::cpu {

/// Calls the C function `name` for the lanes of `operands` where `mask` holds (null: all
/// lanes) and returns `otherwise` with these lanes replaced.
using LaneCall = llvm::function_ref<mlir::Value(mlir::ImplicitLocOpBuilder &, llvm::StringRef name,
                                                mlir::ValueRange operands, mlir::Value mask,
                                                mlir::Value otherwise)>;

class VectorMath {
public:
  /// For values of `type`, f32 or a vector of it, on CPUs of this level.
  VectorMath(mlir::ImplicitLocOpBuilder &builder, mlir::Type type, const CpuLevel &level,
             LaneCall laneCall);

  using Value = mlir::Value;

  Value exp(Value x);
  /// Coarse: with a relative error of 1.1e-4, enough for what is rounded to bf16.
  Value exp2(Value x, bool isCoarse = false);
  Value expm1(Value x);
  Value log(Value x);
  Value log2(Value x);
  Value log10(Value x);
  Value log1p(Value x);
  Value pow(Value x, Value y);
  Value cbrt(Value x);

  Value sin(Value x);
  Value cos(Value x);
  Value tan(Value x);
  Value asin(Value x);
  Value acos(Value x);
  Value atan(Value x);
  Value atan2(Value y, Value x);

  Value sinh(Value x);
  Value cosh(Value x);
  Value tanh(Value x);
  Value asinh(Value x);
  Value acosh(Value x);
  Value atanh(Value x);
  Value erf(Value x);
  Value erfc(Value x);
  Value round(Value x);
  Value rsqrt(Value x);

private:
  using Predicate = mlir::arith::CmpFPredicate;

  Value c(double value);
  Value ci(int64_t value);
  Value add(Value x, Value y);
  Value sub(Value x, Value y);
  Value mul(Value x, Value y);
  Value div(Value x, Value y);
  Value fma(Value x, Value y, Value z);
  Value neg(Value x);
  Value abs(Value x);
  Value copySign(Value magnitude, Value sign);
  Value sqrt(Value x);
  Value cmp(Predicate predicate, Value x, Value y);
  Value select(Value condition, Value x, Value y);
  Value either(Value x, Value y);
  /// min(max(x, lower), upper), NaN stays.
  Value clamp(Value x, double lower, double upper);
  Value toBits(Value x);
  Value fromBits(Value x);
  /// coefficients[0] + x * (coefficients[1] + x * ...).
  Value polynomial(Value x, llvm::ArrayRef<double> coefficients);
  /// The nearest integer of x, |x| < 2^22, as a float and (plus a constant that shifts of
  /// 23 lose) as bits.
  std::pair<Value, Value> nearest(Value x);
  /// 2^n from the bits of `nearest`, |n| < 127.
  Value power2(Value bits);
  struct Reduced {
    Value rest, n, bits; ///< n as `nearest` gives it
  };
  /// x * 2^n, also where 2^n or the result is subnormal or infinite; with hasScale, for infinite n
  /// also of NaN.
  Value scale(Value x, const Reduced &power);

  /// x = n ln 2 + rest.
  Reduced reduceExp(Value x);
  /// expm1 for -18 <= x <= 40; -0 becomes +0.
  Value expm1Inside(Value x);
  /// exp(x) * 2^shift, without overflow before the result overflows.
  Value expScaled(Value x, int64_t shift);
  /// log(u + c) = exponent * ln 2 + first + rest, of u > 0 and a c (or null) that is no more
  /// than a rounding error of u.
  struct LogParts {
    Value exponent, first, rest;
  };
  LogParts logParts(Value u, Value c);
  Value logSpecials(Value x, Value result);
  Value logSum(Value u, Value c);

  struct Quadrant {
    Value rest, bits;
  };
  Quadrant reduceTrig(Value x);
  Value sinPolynomial(Value r);
  Value cosPolynomial(Value r);
  Value sinCos(Value x, int64_t quadrantShift);
  Value slowTrig(llvm::StringRef name, Value x, Value fast);
  Value asinPolynomial(Value x);

  mlir::ImplicitLocOpBuilder &b;
  mlir::Type type;
  const CpuLevel &level;
  LaneCall laneCall;
  /// x * 2^n is one instruction.
  bool hasScale;
};

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_MATH_VECTORMATH_H
