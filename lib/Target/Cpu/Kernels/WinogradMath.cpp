//===- WinogradMath.cpp - Winograd transforms of vectors ------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See WinogradMath.h. 12 operations for the 6 positions of m = 4, and 12 for its 4 outputs: the
// two positions of a pair of points share their even and their odd part.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/WinogradMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

/// sum + factor * value; a null sum counts as 0.
Value WinogradMath::addScaled(OpBuilder &builder, Value sum, double factor, Value value) const {
  if (factor == 1)
    return sum ? arith::AddFOp::create(builder, loc, sum, value).getResult() : value;
  if (sum && factor == -1)
    return arith::SubFOp::create(builder, loc, sum, value);
  auto type = cast<VectorType>(value.getType());
  Attribute number = builder.getFloatAttr(type.getElementType(), factor);
  Value factors = arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, number));
  if (!sum)
    return arith::MulFOp::create(builder, loc, factors, value);
  return vector::FMAOp::create(builder, loc, factors, value, sum);
}

/// Sum of coefficient i times input `first` + 2 i. The last coefficient is 1.
Value WinogradMath::evaluate(OpBuilder &builder, ArrayRef<double> polynomial,
                             ArrayRef<Value> inputs, int64_t first) const {
  Value sum = inputs[first + 2 * (polynomial.size() - 1)];
  for (size_t i = 0; i + 1 < polynomial.size(); ++i)
    sum = addScaled(builder, sum, polynomial[i], inputs[first + 2 * i]);
  return sum;
}

SmallVector<Value> WinogradMath::fromInputs(OpBuilder &builder, ArrayRef<Value> inputs) const {
  SmallVector<Value> positions = {evaluate(builder, transform.getPolynomial(), inputs, 0)};
  for (auto [k, point] : llvm::enumerate(transform.getPoints())) {
    Value even = evaluate(builder, transform.getQuotient(k), inputs, 2);
    Value odd = evaluate(builder, transform.getQuotient(k), inputs, 1);
    positions.push_back(addScaled(builder, even, point, odd));
    positions.push_back(addScaled(builder, even, -point, odd));
  }
  positions.push_back(evaluate(builder, transform.getPolynomial(), inputs, 1));
  return positions;
}

SmallVector<Value> WinogradMath::toOutputs(OpBuilder &builder, ArrayRef<Value> positions) const {
  SmallVector<Value> outputs(transform.getTile());
  outputs.front() = positions.front();
  outputs.back() = positions.back();
  for (auto [k, point] : llvm::enumerate(transform.getPoints())) {
    Value plus = positions[1 + 2 * k], minus = positions[2 + 2 * k];
    Value even = arith::AddFOp::create(builder, loc, plus, minus);
    Value odd = arith::SubFOp::create(builder, loc, plus, minus);
    double power = 1;
    for (auto [i, output] : llvm::enumerate(outputs)) {
      output = addScaled(builder, output, power, i % 2 == 0 ? even : odd);
      power *= point;
    }
  }
  return outputs;
}
