//===- Quantize.cpp - qnn ops -------------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scalar code of the ops that know what integers stand for.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Kernel.h"
#include "dialects/NN/ConstantFold.h"
#include "dialects/NN/Weights.h"
#include "dialects/QNN/QNN.h"
#include "dialects/QNN/Quantization.h"
#include "lib/Conversion/NNToLinalg/LowerElementwise.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

/// What integers of 32 bits and a zero point hold in any case.
static constexpr double farBeyond = 1 << 30;

/// An integer of a quantized type as a number of a float type that holds it.
static Value toFloat(ScalarBuilder &b, Value x, Type from, Type to) {
  return scalarCast(b, x, from, to);
}

/// x between -most and most; NaN becomes the lower one. In this form processors have instructions.
static Value clamp(ScalarBuilder &b, Value x, double most) {
  auto limit = [&](arith::CmpFPredicate keeps, double bound) {
    Value other = scalarConstant(b, x.getType(), bound);
    x = arith::SelectOp::create(b, arith::CmpFOp::create(b, keeps, x, other), x, other);
  };
  limit(arith::CmpFPredicate::OGT, -most);
  limit(arith::CmpFPredicate::OLT, most);
  return x;
}

/// round(x) + zero between two bounds of the integer type, as such an integer. x is no farther from
/// 0 than `farBeyond`.
static Value saturate(ScalarBuilder &b, Value x, Value zero, std::pair<int64_t, int64_t> bounds,
                      Type type) {
  Type i32 = b.getI32Type();
  x = arith::FPToSIOp::create(b, i32, math::RoundEvenOp::create(b, x));
  if (zero)
    x = arith::AddIOp::create(b, x, scalarCast(b, zero, type, i32));
  x = arith::MaxSIOp::create(b, x, scalarConstant(b, i32, static_cast<double>(bounds.first)));
  x = arith::MinSIOp::create(b, x, scalarConstant(b, i32, static_cast<double>(bounds.second)));
  return scalarCast(b, x, i32, type);
}

/// x / scale for a constant scale, rounded as a division rounds but in a fraction of its time: a
/// quotient and what it leaves of x, twice (P. Markstein, IA-64 and Elementary Functions, 2000). x
/// is bounded first, so that nothing overflows. Null where the scale is so small or large that
/// something may underflow.
static Value divide(ScalarBuilder &b, Value x, std::optional<double> scale) {
  constexpr double mostSteps = 1 << 20, least = 0x1p-60, most = 0x1p60;
  if (!scale || !(*scale > least && *scale < most) || !x.getType().isF32())
    return {};
  Type type = x.getType();
  x = clamp(b, x, *scale * mostSteps);
  Value inverse = scalarConstant(b, type, 1 / static_cast<float>(*scale));
  Value minus = scalarConstant(b, type, -*scale);
  Value quotient = arith::MulFOp::create(b, x, inverse);
  for (int i = 0; i < 2; ++i) {
    Value left = math::FmaOp::create(b, quotient, minus, x);
    quotient = math::FmaOp::create(b, left, inverse, quotient);
  }
  return quotient;
}

static Value computeQuantize(ScalarBuilder &b, qnn::QuantizeOp op, ArrayRef<Value> args) {
  bool isWide = elementType(op.getInput()).isF64();
  Type wide = isWide ? b.getF64Type() : b.getF32Type();
  Value x = toFloat(b, args[0], elementType(op.getInput()), wide);
  Value steps = divide(b, x, qnn::numberOf(op.getScale()));
  if (!steps) {
    Value scale = toFloat(b, args[1], elementType(op.getScale()), wide);
    steps = clamp(b, arith::DivFOp::create(b, x, scale), farBeyond);
  }
  Type type = elementType(op.getResult());
  return saturate(b, steps, args.size() > 2 ? args[2] : Value(), qnn::boundsOf(type), type);
}

static Value computeDequantize(ScalarBuilder &b, qnn::DequantizeOp op, ArrayRef<Value> args) {
  Type from = elementType(op.getInput()), to = elementType(op.getResult());
  Value x = args[0];
  Type wide = to.isF64() ? b.getF64Type() : b.getF32Type();
  Type zero = args.size() > 2 ? elementType(op.getZeroPoint()) : Type();
  if (isa_and_nonnull<FloatType>(zero)) {
    x = arith::SubFOp::create(b, toFloat(b, x, from, wide), toFloat(b, args[2], zero, wide));
    from = wide;
  } else if (zero) {
    x = arith::SubIOp::create(b, scalarCast(b, x, from, b.getI32Type()),
                              scalarCast(b, args[2], from, b.getI32Type()));
    from = b.getI32Type();
  }
  Value scale = toFloat(b, args[1], elementType(op.getScale()), wide);
  Value product = arith::MulFOp::create(b, toFloat(b, x, from, wide), scale);
  return scalarCast(b, product, wide, to);
}

/// In f64, which holds the product of a sum below 2^29 and a scale exactly.
static Value computeRequantize(ScalarBuilder &b, qnn::RequantizeOp op, ArrayRef<Value> args) {
  Type f64 = b.getF64Type();
  Value product = arith::MulFOp::create(b, arith::SIToFPOp::create(b, f64, args[0]),
                                        arith::ExtFOp::create(b, f64, args[1]));
  // Scales that are constants below a half are the rule.
  ElementsAttr scales = getConstantValue(op.getScale());
  auto known = scales ? readFloats(scales) : std::nullopt;
  if (!known || !llvm::all_of(*known, [](double scale) { return std::fabs(scale) < 0.5; }))
    product = clamp(b, product, farBeyond);
  return saturate(b, product, args.size() > 2 ? args[2] : Value(), op.getBounds(),
                  elementType(op.getResult()));
}

static Value computeTable(ScalarBuilder &b, qnn::TableOp op, ArrayRef<Value> args) {
  Type i32 = b.getI32Type();
  Value place = arith::ExtUIOp::create(b, i32, args[0]);
  Value found = kernel::LookUpOp::create(b, i32, place, op.getTableAttr());
  return arith::TruncIOp::create(b, args[0].getType(), found);
}

void optc::nn::populateQuantize(RewritePatternSet &patterns, LoweringState &state) {
  addElementwise<qnn::QuantizeOp>(patterns, state, computeQuantize);
  addElementwise<qnn::DequantizeOp>(patterns, state, computeDequantize);
  addElementwise<qnn::RequantizeOp>(patterns, state, computeRequantize);
  addElementwise<qnn::TableOp>(patterns, state, computeTable);
}
