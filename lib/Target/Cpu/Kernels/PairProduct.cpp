//===- PairProduct.cpp - sums of products of bf16 pairs -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See LaneProduct.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/LaneProduct.h"
#include "lib/Target/Cpu/Vector/Intrinsics.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc::cpu;

/// `count` pairs as i32. All CPUs here are little-endian: the first number of a pair is the lower
/// half.
Value PairProduct::loadPairs(OpBuilder &builder, Value flat, Value index, int64_t count) const {
  auto type = VectorType::get({2 * count}, builder.getBF16Type());
  Value loaded = vector::LoadOp::create(builder, loc, type, flat, index);
  return vector::BitCastOp::create(builder, loc, VectorType::get({count}, builder.getI32Type()),
                                   loaded);
}

Value PairProduct::prepare(OpBuilder &builder, Value pairs, unsigned pass) const {
  if (isDot())
    return vector::BitCastOp::create(builder, loc,
                                     VectorType::get({2 * lanes}, builder.getBF16Type()), pairs);
  auto type = cast<VectorType>(pairs.getType());
  auto splat = [&](uint32_t value) -> Value {
    return arith::ConstantOp::create(
        builder, loc, DenseElementsAttr::get(type, builder.getI32IntegerAttr(int32_t(value))));
  };
  Value half = pass == 0
                   ? arith::ShLIOp::create(builder, loc, pairs, splat(16)).getResult()
                   : arith::AndIOp::create(builder, loc, pairs, splat(0xffff0000u)).getResult();
  return vector::BitCastOp::create(builder, loc, type.clone(builder.getF32Type()), half);
}

Value PairProduct::broadcast(OpBuilder &builder, Value flat, Value index, unsigned pass) const {
  if (!isDot() && cast<MemRefType>(flat.getType()).getElementType().isF32()) {
    Value offset = arith::ConstantIndexOp::create(builder, loc, pass);
    index = arith::AddIOp::create(builder, loc, index, offset);
    Value element = memref::LoadOp::create(builder, loc, flat, index);
    return vector::BroadcastOp::create(builder, loc, VectorType::get({lanes}, builder.getF32Type()),
                                       element);
  }
  Value pair = vector::ExtractOp::create(builder, loc, loadPairs(builder, flat, index, 1),
                                         ArrayRef<int64_t>(0));
  auto type = VectorType::get({lanes}, builder.getI32Type());
  return prepare(builder, vector::BroadcastOp::create(builder, loc, type, pair), pass);
}

Value PairProduct::load(OpBuilder &builder, Value flat, Value index, unsigned pass) const {
  return prepare(builder, loadPairs(builder, flat, index, lanes), pass);
}

Value PairProduct::multiplyAdd(OpBuilder &builder, Value left, Value right, Value sum) const {
  if (!isDot())
    return vector::FMAOp::create(builder, loc, left, right, sum);
  return addPairProducts(builder, loc, level, sum, left, right);
}
