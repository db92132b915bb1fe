//===- ByteProduct.cpp - sums of products of bytes ------------------------===//
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
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace optc::cpu;

static Value splat(OpBuilder &builder, Location loc, VectorType type, uint32_t value) {
  unsigned bits = type.getElementTypeBitWidth();
  return arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get(type, APInt(32, value).trunc(std::min(bits, 32u))));
}

ByteProduct::Form ByteProduct::getForm() const {
  std::optional<ByteSigns> signs = getByteSigns(level, lanes);
  if (signs && signs->isRightUnsigned == isRightUnsigned)
    return Form::Dot;
  return hasIntrinsic(level, MultipliesShortPairs, lanes) ? Form::Pairs : Form::Singles;
}

bool ByteProduct::flipsLeft() const {
  return getForm() == Form::Dot && getByteSigns(level, lanes)->isLeftUnsigned != isLeftUnsigned;
}

unsigned ByteProduct::getPasses() const {
  switch (getForm()) {
  case Form::Dot:
    return 1;
  case Form::Pairs:
    return 2;
  case Form::Singles:
    return 4;
  }
  llvm_unreachable("no other form");
}

/// All CPUs here are little-endian: the first byte is the lowest.
Value ByteProduct::loadBytes(OpBuilder &builder, Value flat, Value index, int64_t count) const {
  auto type = VectorType::get({4 * count}, builder.getI8Type());
  Value loaded = vector::LoadOp::create(builder, loc, type, flat, index);
  return vector::BitCastOp::create(builder, loc, VectorType::get({count}, builder.getI32Type()),
                                   loaded);
}

Value ByteProduct::widen(OpBuilder &builder, Value bytes, bool isUnsigned, unsigned pass) const {
  bool isPairs = getForm() == Form::Pairs;
  unsigned bits = isPairs ? 16 : 32;
  auto type = VectorType::get({lanes * 32 / bits}, builder.getIntegerType(bits));
  if (isPairs)
    bytes = vector::BitCastOp::create(builder, loc, type, bytes);
  auto shifted = [&](auto op, Value value, unsigned by) -> Value {
    return by == 0 ? value
                   : decltype(op)::create(builder, loc, value, splat(builder, loc, type, by))
                         .getResult();
  };
  // The byte to the top, and from there to the bottom.
  unsigned above = bits - 8 - 8 * pass;
  Value top = shifted(arith::ShLIOp(), bytes, above);
  return isUnsigned ? shifted(arith::ShRUIOp(), top, bits - 8)
                    : shifted(arith::ShRSIOp(), top, bits - 8);
}

Value ByteProduct::broadcast(OpBuilder &builder, Value flat, Value index, unsigned pass) const {
  Value four = vector::ExtractOp::create(builder, loc, loadBytes(builder, flat, index, 1),
                                         ArrayRef<int64_t>(0));
  if (flipsLeft()) {
    Value tops =
        arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(int32_t(0x80808080)));
    four = arith::XOrIOp::create(builder, loc, four, tops);
  }
  auto type = VectorType::get({lanes}, builder.getI32Type());
  Value all = vector::BroadcastOp::create(builder, loc, type, four);
  return getForm() == Form::Dot ? all : widen(builder, all, isLeftUnsigned, pass);
}

Value ByteProduct::prepare(OpBuilder &builder, Value bytes, unsigned pass) const {
  return getForm() == Form::Dot ? bytes : widen(builder, bytes, isRightUnsigned, pass);
}

Value ByteProduct::load(OpBuilder &builder, Value flat, Value index, unsigned pass) const {
  return prepare(builder, loadBytes(builder, flat, index, lanes), pass);
}

Value ByteProduct::multiplyAdd(OpBuilder &builder, Value left, Value right, Value sum) const {
  switch (getForm()) {
  case Form::Dot:
    return addByteProducts(builder, loc, level, sum, left, right);
  case Form::Pairs:
    return arith::AddIOp::create(builder, loc, sum,
                                 multiplyShortPairs(builder, loc, level, left, right));
  case Form::Singles:
    return arith::AddIOp::create(builder, loc, sum,
                                 arith::MulIOp::create(builder, loc, left, right));
  }
  llvm_unreachable("no other form");
}

Value ByteProduct::getExcess(OpBuilder &builder) const {
  // 128 without a sign is what signed data were made larger by; -128 with one, unsigned data.
  return splat(builder, loc, VectorType::get({lanes}, builder.getI32Type()), 0x80808080u);
}
