//===- BlockProduct.cpp - sums of products with codes of few bits ---------===//
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

/// Bytes that a lane holds.
static constexpr unsigned together = 4;

static Value splat(OpBuilder &builder, Location loc, Type type, int64_t value) {
  auto vector = cast<VectorType>(type);
  return arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(vector, builder.getIntegerAttr(vector.getElementType(), value)));
}

BlockProduct::Form BlockProduct::getForm() const {
  if (isFloat)
    return Form::Floats;
  std::optional<ByteSigns> signs = getByteSigns(level, lanes);
  if (signs && signs->isLeftUnsigned)
    return Form::Dot;
  // Two products of 7 bits with 8 bits and a sign fit 16 bits.
  if (valueBits < 8 && !signs && hasIntrinsic(level, MultipliesShortPairs, lanes))
    return Form::BytePairs;
  return Form::Bytes;
}

unsigned BlockProduct::getInnerPasses() const {
  switch (getForm()) {
  case Form::Floats:
    return together;
  case Form::Dot:
  case Form::BytePairs:
    return 1;
  case Form::Bytes:
    return bytes.getPasses();
  }
  llvm_unreachable("no other form");
}

Value BlockProduct::broadcast(OpBuilder &builder, Value flat, Value index, unsigned pass) const {
  int64_t part = pass / getInnerPasses(), inner = pass % getInnerPasses();
  int64_t ahead = part * form.plane + (isFloat ? inner : 0);
  Value moved = arith::AddIOp::create(builder, loc, index,
                                      arith::ConstantIndexOp::create(builder, loc, ahead));
  if (getForm() == Form::Bytes)
    return bytes.broadcast(builder, flat, moved, inner);
  Value value;
  if (isFloat)
    value = memref::LoadOp::create(builder, loc, flat, moved);
  else
    value = vector::ExtractOp::create(builder, loc, bytes.loadBytes(builder, flat, moved, 1),
                                      ArrayRef<int64_t>(0));
  return vector::BroadcastOp::create(builder, loc, VectorType::get({lanes}, value.getType()),
                                     value);
}

Value BlockProduct::takeBits(OpBuilder &builder, Value codes, unsigned shift, uint32_t mask) const {
  Type type = codes.getType();
  if (shift > 0)
    codes = arith::ShRUIOp::create(builder, loc, codes, splat(builder, loc, type, shift));
  // What is shifted to the end of a lane has nothing above it.
  if (mask == UINT32_MAX >> shift)
    return codes;
  return arith::AndIOp::create(builder, loc, codes,
                               splat(builder, loc, type, static_cast<int32_t>(mask)));
}

Value BlockProduct::load(OpBuilder &builder, Value flat, Value index, unsigned pass) const {
  constexpr uint32_t ofEachByte = 0x01010101;
  unsigned part = pass / getInnerPasses(), inner = pass % getInnerPasses();
  unsigned shift = part * form.bits;
  Value codes = bytes.loadBytes(builder, flat, index, lanes);
  bool hasCodebook = !form.codebook.empty();
  if (!isFloat || hasCodebook) {
    codes = takeBits(builder, codes, shift, ((1u << form.bits) - 1) * ofEachByte);
    shift = 0;
  }
  if (hasCodebook)
    codes = lookUpBytes(builder, loc, level, form.codebook, codes);
  if (isFloat)
    return arith::SIToFPOp::create(
        builder, loc, VectorType::get({lanes}, builder.getF32Type()),
        takeBits(builder, codes, shift + 8 * inner, (1u << valueBits) - 1));
  return getForm() == Form::Bytes ? bytes.prepare(builder, codes, inner) : codes;
}

Value BlockProduct::multiplyAdd(OpBuilder &builder, Value left, Value right, Value sum) const {
  switch (getForm()) {
  case Form::Floats:
    return vector::FMAOp::create(builder, loc, left, right, sum);
  case Form::Dot:
    return addByteProducts(builder, loc, level, sum, right, left);
  case Form::BytePairs: {
    Value pairs = multiplyBytePairs(builder, loc, level, right, left);
    Value sums =
        multiplyShortPairs(builder, loc, level, pairs, splat(builder, loc, pairs.getType(), 1));
    return arith::AddIOp::create(builder, loc, sum, sums);
  }
  case Form::Bytes:
    return bytes.multiplyAdd(builder, left, right, sum);
  }
  llvm_unreachable("no other form");
}
