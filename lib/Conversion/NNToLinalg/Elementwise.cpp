//===- Elementwise.cpp - elementwise ops ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Elementwise ops as linalg.generic over the broadcast shape.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/NNToLinalg/LowerElementwise.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

static Value computeUnary(ScalarBuilder &b, UnaryOp op, ArrayRef<Value> args) {
  return scalarUnary(b, op.getKind(), args[0], elementType(op.getInput()));
}
static Value computeBinary(ScalarBuilder &b, BinaryOp op, ArrayRef<Value> args) {
  return scalarBinary(b, op.getKind(), args[0], args[1], elementType(op.getLhs()));
}
static Value computeCompare(ScalarBuilder &b, CompareOp op, ArrayRef<Value> args) {
  return scalarCompare(b, op.getPredicate(), args[0], args[1], elementType(op.getLhs()));
}
static Value computeSelect(ScalarBuilder &b, SelectOp op, ArrayRef<Value> args) {
  return arith::SelectOp::create(b, args[0], args[1], args[2]);
}
static Value computeCast(ScalarBuilder &b, CastOp op, ArrayRef<Value> args) {
  return scalarCast(b, args[0], elementType(op.getInput()), elementType(op.getResult()));
}

void optc::nn::populateElementwise(RewritePatternSet &patterns, LoweringState &state) {
  addElementwise<UnaryOp>(patterns, state, computeUnary);
  addElementwise<BinaryOp>(patterns, state, computeBinary);
  addElementwise<CompareOp>(patterns, state, computeCompare);
  addElementwise<SelectOp>(patterns, state, computeSelect);
  addElementwise<CastOp>(patterns, state, computeCast);
}
