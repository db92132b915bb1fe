//===- ScalarBody.cpp - scalar semantics of elementwise ops --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See ScalarBody.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/NNToLinalg/ScalarBody.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace optc::nn;

static bool isHalf(Type type) { return type.isF16() || type.isBF16(); }
static bool isUnsigned(Type type) { return type.isUnsignedInteger() || type.isInteger(1); }

/// The type scalar code uses for an nn element type.
static Type valueType(Type type) {
  MLIRContext *context = type.getContext();
  if (isHalf(type))
    return Float32Type::get(context);
  if (auto integer = dyn_cast<IntegerType>(type))
    return integer.getWidth() == 1 ? integer
                                   : IntegerType::get(context, std::max(8u, integer.getWidth()));
  return type;
}

/// The low bits of a byte as a number of a type below 8 bits.
static Value signExtendBits(ScalarBuilder &b, Value x, Type type) {
  Value amount = scalarConstant(b, x.getType(), 8 - type.getIntOrFloatBitWidth());
  Value top = arith::ShLIOp::create(b, x, amount);
  return isUnsigned(type) ? arith::ShRUIOp::create(b, top, amount).getResult()
                          : arith::ShRSIOp::create(b, top, amount).getResult();
}

Value optc::nn::loadElement(ScalarBuilder &b, Value stored, Type type) {
  if (type.isInteger(1))
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, stored,
                                 scalarConstant(b, stored.getType(), 0));
  if (isHalf(type))
    return arith::ExtFOp::create(b, valueType(type), stored);
  // Only the low bits of what a user stores in a byte count.
  return type.getIntOrFloatBitWidth() < 8 ? signExtendBits(b, stored, type) : stored;
}

Value optc::nn::storeElement(ScalarBuilder &b, Value value, Type type) {
  if (type.isInteger(1))
    return arith::ExtUIOp::create(b, b.getI8Type(), value);
  return isHalf(type) ? arith::TruncFOp::create(b, type, value).getResult() : value;
}

Value optc::nn::scalarConstant(ScalarBuilder &b, Type type, double value) {
  if (auto floatType = dyn_cast<FloatType>(type))
    return arith::ConstantOp::create(b, b.getFloatAttr(floatType, value));
  return arith::ConstantOp::create(b, b.getIntegerAttr(type, static_cast<int64_t>(value)));
}

//===----------------------------------------------------------------------===//
// Unary
//===----------------------------------------------------------------------===//

static Value floatSign(ScalarBuilder &b, Value x) {
  Value zero = scalarConstant(b, x.getType(), 0), one = scalarConstant(b, x.getType(), 1);
  Value isZero = arith::CmpFOp::create(b, arith::CmpFPredicate::UEQ, x, zero); // keeps NaN too
  Value sign = math::CopySignOp::create(b, one, x);
  return arith::SelectOp::create(b, isZero, x, sign);
}

/// log(1 + e^x) = max(x, 0) + log1p(e^-|x|), which does not overflow.
static Value softplus(ScalarBuilder &b, Value x) {
  Value zero = scalarConstant(b, x.getType(), 0);
  Value small = math::ExpOp::create(b, arith::NegFOp::create(b, math::AbsFOp::create(b, x)));
  return arith::AddFOp::create(b, arith::MaximumFOp::create(b, x, zero),
                               math::Log1pOp::create(b, small));
}

static Value floatUnary(ScalarBuilder &b, UnaryKind kind, Value x) {
  Value one = scalarConstant(b, x.getType(), 1);
  switch (kind) {
  case UnaryKind::Abs:
    return math::AbsFOp::create(b, x);
  case UnaryKind::Neg:
    return arith::NegFOp::create(b, x);
  case UnaryKind::Exp:
    return math::ExpOp::create(b, x);
  case UnaryKind::Log:
    return math::LogOp::create(b, x);
  case UnaryKind::Sqrt:
    return math::SqrtOp::create(b, x);
  case UnaryKind::Rsqrt:
    return arith::DivFOp::create(b, one, math::SqrtOp::create(b, x));
  case UnaryKind::Reciprocal:
    return arith::DivFOp::create(b, one, x);
  case UnaryKind::Sin:
    return math::SinOp::create(b, x);
  case UnaryKind::Cos:
    return math::CosOp::create(b, x);
  case UnaryKind::Tan:
    return math::TanOp::create(b, x);
  case UnaryKind::Asin:
    return math::AsinOp::create(b, x);
  case UnaryKind::Acos:
    return math::AcosOp::create(b, x);
  case UnaryKind::Atan:
    return math::AtanOp::create(b, x);
  case UnaryKind::Sinh:
    return math::SinhOp::create(b, x);
  case UnaryKind::Cosh:
    return math::CoshOp::create(b, x);
  case UnaryKind::Tanh:
    return math::TanhOp::create(b, x);
  case UnaryKind::Asinh:
    return math::AsinhOp::create(b, x);
  case UnaryKind::Acosh:
    return math::AcoshOp::create(b, x);
  case UnaryKind::Atanh:
    return math::AtanhOp::create(b, x);
  case UnaryKind::Erf:
    return math::ErfOp::create(b, x);
  case UnaryKind::Ceil:
    return math::CeilOp::create(b, x);
  case UnaryKind::Floor:
    return math::FloorOp::create(b, x);
  case UnaryKind::Round:
    return math::RoundEvenOp::create(b, x);
  case UnaryKind::Sign:
    return floatSign(b, x);
  case UnaryKind::IsNan:
    return arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, x, x);
  case UnaryKind::Sigmoid: {
    Value e = math::ExpOp::create(b, arith::NegFOp::create(b, x));
    return arith::DivFOp::create(b, one, arith::AddFOp::create(b, one, e));
  }
  case UnaryKind::Relu:
    return arith::MaximumFOp::create(b, x, scalarConstant(b, x.getType(), 0));
  case UnaryKind::Softplus:
    return softplus(b, x);
  case UnaryKind::Not:
    return {};
  }
  return {};
}

static Value intUnary(ScalarBuilder &b, UnaryKind kind, Value x, Type type) {
  Value zero = scalarConstant(b, x.getType(), 0);
  switch (kind) {
  case UnaryKind::Abs:
    return isUnsigned(type) ? x : math::AbsIOp::create(b, x).getResult();
  case UnaryKind::Neg:
    return arith::SubIOp::create(b, zero, x);
  case UnaryKind::Not:
    return arith::XOrIOp::create(b, x, scalarConstant(b, x.getType(), type.isInteger(1) ? 1 : -1));
  case UnaryKind::Relu:
    return isUnsigned(type) ? x : arith::MaxSIOp::create(b, x, zero).getResult();
  case UnaryKind::Sign: {
    Value one = scalarConstant(b, x.getType(), 1), minus = scalarConstant(b, x.getType(), -1);
    auto above = isUnsigned(type) ? arith::CmpIPredicate::ugt : arith::CmpIPredicate::sgt;
    Value positive = arith::CmpIOp::create(b, above, x, zero);
    Value isZero = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, x, zero);
    return arith::SelectOp::create(b, positive, one,
                                   arith::SelectOp::create(b, isZero, zero, minus));
  }
  case UnaryKind::Ceil:
  case UnaryKind::Floor:
  case UnaryKind::Round:
    return x;
  default:
    return {};
  }
}

Value optc::nn::scalarUnary(ScalarBuilder &b, UnaryKind kind, Value x, Type type) {
  return isa<FloatType>(type) ? floatUnary(b, kind, x) : intUnary(b, kind, x, type);
}

//===----------------------------------------------------------------------===//
// Binary
//===----------------------------------------------------------------------===//

/// fmod with the divisor's sign (Python's %), also of a zero: r == 0 ? copysign(r, y)
/// : sign(r) != sign(y) ? r + y : r.
static Value floatFloorMod(ScalarBuilder &b, Value x, Value y) {
  Value zero = scalarConstant(b, x.getType(), 0);
  Value rest = arith::RemFOp::create(b, x, y);
  Value isZero = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, rest, zero);
  Value restNegative = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, rest, zero);
  Value divisorNegative = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, y, zero);
  Value differ = arith::XOrIOp::create(b, restNegative, divisorNegative);
  Value moved = arith::SelectOp::create(b, differ, arith::AddFOp::create(b, rest, y), rest);
  return arith::SelectOp::create(b, isZero, math::CopySignOp::create(b, rest, y), moved);
}

static Value floatBinary(ScalarBuilder &b, BinaryKind kind, Value x, Value y) {
  switch (kind) {
  case BinaryKind::Add:
    return arith::AddFOp::create(b, x, y);
  case BinaryKind::Sub:
    return arith::SubFOp::create(b, x, y);
  case BinaryKind::Mul:
    return arith::MulFOp::create(b, x, y);
  case BinaryKind::Div:
    return arith::DivFOp::create(b, x, y);
  case BinaryKind::Max:
    return arith::MaximumFOp::create(b, x, y);
  case BinaryKind::Min:
    return arith::MinimumFOp::create(b, x, y);
  case BinaryKind::Pow:
    return math::PowFOp::create(b, x, y);
  case BinaryKind::Mod:
    return floatFloorMod(b, x, y);
  case BinaryKind::Fmod:
    return arith::RemFOp::create(b, x, y);
  default:
    return {};
  }
}

/// A divisor that can not trap: 1 in place of 0, and of -1 for the most negative dividend
/// (whose quotient is itself then, as two's complement wraps).
static Value safeDivisor(ScalarBuilder &b, Value x, Value y, bool isSigned) {
  Value zero = scalarConstant(b, y.getType(), 0), one = scalarConstant(b, y.getType(), 1);
  Value bad = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, y, zero);
  if (isSigned) {
    unsigned width = y.getType().getIntOrFloatBitWidth();
    Value lowest = arith::ConstantOp::create(
        b, b.getIntegerAttr(y.getType(), APInt::getSignedMinValue(width)));
    Value minus = scalarConstant(b, y.getType(), -1);
    Value overflows =
        arith::AndIOp::create(b, arith::CmpIOp::create(b, arith::CmpIPredicate::eq, x, lowest),
                              arith::CmpIOp::create(b, arith::CmpIPredicate::eq, y, minus));
    bad = arith::OrIOp::create(b, bad, overflows);
  }
  return arith::SelectOp::create(b, bad, one, y);
}

static Value intDivision(ScalarBuilder &b, BinaryKind kind, Value x, Value y, bool isSigned) {
  Value divisor = safeDivisor(b, x, y, isSigned);
  if (kind == BinaryKind::Div)
    return isSigned ? arith::DivSIOp::create(b, x, divisor).getResult()
                    : arith::DivUIOp::create(b, x, divisor).getResult();
  if (!isSigned)
    return arith::RemUIOp::create(b, x, divisor);
  Value rest = arith::RemSIOp::create(b, x, divisor);
  if (kind == BinaryKind::Fmod)
    return rest;
  Value zero = scalarConstant(b, x.getType(), 0);
  Value isNonZero = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, rest, zero);
  Value differ = arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                                       arith::XOrIOp::create(b, rest, divisor), zero);
  return arith::SelectOp::create(b, arith::AndIOp::create(b, isNonZero, differ),
                                 arith::AddIOp::create(b, rest, divisor), rest);
}

/// Shifts by the width or more (negative amounts count as such) shift every bit out.
static Value shift(ScalarBuilder &b, BinaryKind kind, Value x, Value y, bool isSigned) {
  unsigned bits = y.getType().getIntOrFloatBitWidth();
  Value width = scalarConstant(b, y.getType(), bits),
        last = scalarConstant(b, y.getType(), bits - 1);
  Value inRange = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, y, width);
  Value amount = arith::SelectOp::create(b, inRange, y, last);
  if (kind == BinaryKind::Shr && isSigned)
    return arith::ShRSIOp::create(b, x, amount); // the last bit is the sign
  Value shifted = kind == BinaryKind::Shl ? arith::ShLIOp::create(b, x, amount).getResult()
                                          : arith::ShRUIOp::create(b, x, amount).getResult();
  return arith::SelectOp::create(b, inRange, shifted, scalarConstant(b, x.getType(), 0));
}

static Value intBinary(ScalarBuilder &b, BinaryKind kind, Value x, Value y, Type type) {
  bool isSigned = !isUnsigned(type);
  switch (kind) {
  case BinaryKind::Add:
    return arith::AddIOp::create(b, x, y);
  case BinaryKind::Sub:
    return arith::SubIOp::create(b, x, y);
  case BinaryKind::Mul:
    return arith::MulIOp::create(b, x, y);
  case BinaryKind::Div:
  case BinaryKind::Mod:
  case BinaryKind::Fmod:
    return intDivision(b, kind, x, y, isSigned);
  case BinaryKind::Max:
    return isSigned ? arith::MaxSIOp::create(b, x, y).getResult()
                    : arith::MaxUIOp::create(b, x, y).getResult();
  case BinaryKind::Min:
    return isSigned ? arith::MinSIOp::create(b, x, y).getResult()
                    : arith::MinUIOp::create(b, x, y).getResult();
  case BinaryKind::And:
    return arith::AndIOp::create(b, x, y);
  case BinaryKind::Or:
    return arith::OrIOp::create(b, x, y);
  case BinaryKind::Xor:
    return arith::XOrIOp::create(b, x, y);
  case BinaryKind::Shl:
  case BinaryKind::Shr:
    return shift(b, kind, x, y, isSigned);
  case BinaryKind::Pow: {
    // Through f64, which is exact up to 2^53.
    Value base = isSigned ? arith::SIToFPOp::create(b, b.getF64Type(), x).getResult()
                          : arith::UIToFPOp::create(b, b.getF64Type(), x).getResult();
    Value exponent =
        isa<FloatType>(y.getType()) ? y : arith::SIToFPOp::create(b, b.getF64Type(), y);
    if (exponent.getType() != b.getF64Type())
      exponent = arith::ExtFOp::create(b, b.getF64Type(), exponent);
    Value power = math::PowFOp::create(b, base, exponent);
    return scalarCast(b, power, b.getF64Type(), type);
  }
  }
  return {};
}

Value optc::nn::scalarBinary(ScalarBuilder &b, BinaryKind kind, Value x, Value y, Type type) {
  if (!isa<FloatType>(type))
    return intBinary(b, kind, x, y, type);
  if (kind == BinaryKind::Pow && x.getType() != y.getType()) {
    if (isa<IntegerType>(y.getType()))
      y = arith::SIToFPOp::create(b, x.getType(), y);
    else if (y.getType().getIntOrFloatBitWidth() > x.getType().getIntOrFloatBitWidth())
      y = arith::TruncFOp::create(b, x.getType(), y);
    else
      y = arith::ExtFOp::create(b, x.getType(), y);
  }
  return floatBinary(b, kind, x, y);
}

Value optc::nn::scalarCompare(ScalarBuilder &b, ComparePredicate predicate, Value x, Value y,
                              Type type) {
  int index = static_cast<int>(predicate);
  if (isa<FloatType>(type)) {
    constexpr arith::CmpFPredicate table[] = {arith::CmpFPredicate::OEQ, arith::CmpFPredicate::UNE,
                                              arith::CmpFPredicate::OLT, arith::CmpFPredicate::OLE,
                                              arith::CmpFPredicate::OGT, arith::CmpFPredicate::OGE};
    return arith::CmpFOp::create(b, table[index], x, y);
  }
  constexpr arith::CmpIPredicate isSigned[] = {
      arith::CmpIPredicate::eq,  arith::CmpIPredicate::ne,  arith::CmpIPredicate::slt,
      arith::CmpIPredicate::sle, arith::CmpIPredicate::sgt, arith::CmpIPredicate::sge};
  constexpr arith::CmpIPredicate unsignedTable[] = {
      arith::CmpIPredicate::eq,  arith::CmpIPredicate::ne,  arith::CmpIPredicate::ult,
      arith::CmpIPredicate::ule, arith::CmpIPredicate::ugt, arith::CmpIPredicate::uge};
  return arith::CmpIOp::create(b, (isUnsigned(type) ? unsignedTable : isSigned)[index], x, y);
}

//===----------------------------------------------------------------------===//
// Cast
//===----------------------------------------------------------------------===//

static Value floatToFloat(ScalarBuilder &b, Value x, Type to) {
  unsigned from = x.getType().getIntOrFloatBitWidth(), width = to.getIntOrFloatBitWidth();
  if (from == width)
    return x;
  return from < width ? arith::ExtFOp::create(b, to, x).getResult()
                      : arith::TruncFOp::create(b, to, x).getResult();
}

/// x truncated to a signed integer as an x86 does it: what does not fit, and NaN, is the lowest
/// one.
static Value truncate(ScalarBuilder &b, Value x, IntegerType type) {
  double limit = std::ldexp(1.0, type.getWidth() - 1);
  Value low = scalarConstant(b, x.getType(), -limit), high = scalarConstant(b, x.getType(), limit);
  Value fits = arith::AndIOp::create(b, arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, x, low),
                                     arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, high));
  return arith::FPToSIOp::create(b, type, arith::SelectOp::create(b, fits, x, low));
}

/// x as an unsigned integer: from half its range on, the excess over that is truncated.
static Value truncateUnsigned(ScalarBuilder &b, Value x, IntegerType type) {
  unsigned width = type.getWidth();
  Value half = scalarConstant(b, x.getType(), std::ldexp(1.0, width - 1));
  Value isLarge = arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, x, half);
  Value excess = arith::SubFOp::create(b, x, half);
  Value rest = truncate(b, arith::SelectOp::create(b, isLarge, excess, x), type);
  Value top = arith::ConstantOp::create(b, b.getIntegerAttr(type, APInt::getSignMask(width)));
  return arith::SelectOp::create(b, isLarge, arith::XOrIOp::create(b, rest, top), rest);
}

/// ONNX says nothing of numbers that the type does not hold. They become what ONNX Runtime makes of
/// them, at every level: types below 32 bits take the low ones of 32. ConstantFold.cpp has the
/// same.
static Value floatToInt(ScalarBuilder &b, Value x, Type from, Type to, IntegerType result) {
  if (to.isInteger(1))
    return arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, x,
                                 scalarConstant(b, x.getType(), 0));
  unsigned width = to.getIntOrFloatBitWidth();
  if (width == 32 && to.isUnsignedInteger() && from.isF16())
    return arith::TruncIOp::create(b, result, truncate(b, x, b.getI64Type()));
  if (width >= 32)
    return to.isUnsignedInteger() ? truncateUnsigned(b, x, result) : truncate(b, x, result);
  return arith::TruncIOp::create(b, result, truncate(b, x, b.getI32Type()));
}

Value optc::nn::scalarCast(ScalarBuilder &b, Value x, Type from, Type to) {
  Type result = valueType(to);
  if (isa<FloatType>(from)) {
    if (!isa<FloatType>(to))
      return floatToInt(b, x, from, to, cast<IntegerType>(result));
    Value rounded = floatToFloat(b, x, result);
    return rounded;
  }
  if (isa<FloatType>(to)) {
    return isUnsigned(from) ? arith::UIToFPOp::create(b, result, x).getResult()
                            : arith::SIToFPOp::create(b, result, x).getResult();
  }
  if (to.isInteger(1))
    return from.isInteger(1) ? x
                             : arith::CmpIOp::create(b, arith::CmpIPredicate::ne, x,
                                                     scalarConstant(b, x.getType(), 0))
                                   .getResult();
  unsigned have = x.getType().getIntOrFloatBitWidth(), want = result.getIntOrFloatBitWidth();
  if (have < want)
    x = isUnsigned(from) ? arith::ExtUIOp::create(b, result, x).getResult()
                         : arith::ExtSIOp::create(b, result, x).getResult();
  else if (have > want)
    x = arith::TruncIOp::create(b, result, x);
  return to.getIntOrFloatBitWidth() < 8 ? signExtendBits(b, x, to) : x;
}
