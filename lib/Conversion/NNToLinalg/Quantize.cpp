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
#include "dialects/QNN/QNN.h"
#include "dialects/QNN/Quantization.h"
#include "lib/Conversion/NNToLinalg/LowerElementwise.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

/// An integer of a quantized type as a number of a float type that holds it.
static Value toFloat(ScalarBuilder &b, Value x, Type from, Type to) {
  return scalarCast(b, x, from, to);
}

/// x between two bounds; NaN becomes the lower one. In this form processors have instructions.
static Value clamp(ScalarBuilder &b, Value x, double low, double high) {
  auto limit = [&](arith::CmpFPredicate keeps, double bound) {
    Value other = scalarConstant(b, x.getType(), bound);
    x = arith::SelectOp::create(b, arith::CmpFOp::create(b, keeps, x, other), x, other);
  };
  limit(arith::CmpFPredicate::OGT, low);
  limit(arith::CmpFPredicate::OLT, high);
  return x;
}

/// round(x) + zero between two bounds of the integer type, as such an integer.
static Value saturate(ScalarBuilder &b, Value x, Value zero, std::pair<int64_t, int64_t> bounds,
                      Type type) {
  x = math::RoundEvenOp::create(b, x);
  if (zero)
    x = arith::AddFOp::create(b, x, toFloat(b, zero, type, x.getType()));
  x = clamp(b, x, static_cast<double>(bounds.first), static_cast<double>(bounds.second));
  return scalarCast(b, arith::FPToSIOp::create(b, b.getI32Type(), x), b.getI32Type(), type);
}

static Value computeQuantize(ScalarBuilder &b, qnn::QuantizeOp op, ArrayRef<Value> args) {
  bool isWide = elementType(op.getInput()).isF64();
  Type wide = isWide ? b.getF64Type() : b.getF32Type();
  Value x = toFloat(b, args[0], elementType(op.getInput()), wide);
  Value scale = toFloat(b, args[1], elementType(op.getScale()), wide);
  Type type = elementType(op.getResult());
  return saturate(b, arith::DivFOp::create(b, x, scale), args.size() > 2 ? args[2] : Value(),
                  qnn::boundsOf(type), type);
}

static Value computeDequantize(ScalarBuilder &b, qnn::DequantizeOp op, ArrayRef<Value> args) {
  Type from = elementType(op.getInput()), to = elementType(op.getResult());
  Value x = args[0];
  if (args.size() > 2) {
    x = arith::SubIOp::create(b, scalarCast(b, x, from, b.getI32Type()),
                              scalarCast(b, args[2], from, b.getI32Type()));
    from = b.getI32Type();
  }
  Type wide = to.isF64() ? b.getF64Type() : b.getF32Type();
  Value scale = toFloat(b, args[1], elementType(op.getScale()), wide);
  Value product = arith::MulFOp::create(b, toFloat(b, x, from, wide), scale);
  return scalarCast(b, product, wide, to);
}

/// In f64, which holds the product of a sum below 2^29 and a scale exactly.
static Value computeRequantize(ScalarBuilder &b, qnn::RequantizeOp op, ArrayRef<Value> args) {
  Type f64 = b.getF64Type();
  Value product = arith::MulFOp::create(b, arith::SIToFPOp::create(b, f64, args[0]),
                                        arith::ExtFOp::create(b, f64, args[1]));
  return saturate(b, product, args.size() > 2 ? args[2] : Value(), op.getBounds(),
                  elementType(op.getResult()));
}

void optc::nn::populateQuantize(RewritePatternSet &patterns, LoweringState &state) {
  addElementwise<qnn::QuantizeOp>(patterns, state, computeQuantize);
  addElementwise<qnn::DequantizeOp>(patterns, state, computeDequantize);
  addElementwise<qnn::RequantizeOp>(patterns, state, computeRequantize);
}
