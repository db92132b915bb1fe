//===- Codes.cpp - codes of few bits, one by one ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Codes.h.
//
//===----------------------------------------------------------------------===//
#include "lib/IR/Codes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

/// A table is at most two words of eight bytes, of which one is shifted down: no memory is read.
static Value lookUp(OpBuilder &b, Location loc, Value code, ArrayRef<int8_t> codebook) {
  constexpr int64_t perWord = 8, bitsOfByte = 8;
  Type i64 = b.getI64Type();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIntOp::create(b, loc, value, 64);
  };
  auto word = [&](size_t first) {
    uint64_t bytes = 0;
    for (size_t i = first; i < std::min(codebook.size(), first + perWord); ++i)
      bytes |= uint64_t(static_cast<uint8_t>(codebook[i])) << (bitsOfByte * (i - first));
    return constant(static_cast<int64_t>(bytes));
  };
  Value wide = arith::ExtUIOp::create(b, loc, i64, code), table = word(0);
  if (codebook.size() > perWord) {
    Value isLow = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, wide, constant(perWord));
    Value high = word(perWord);
    table = arith::SelectOp::create(b, loc, isLow, table, high);
  }
  Value place = arith::AndIOp::create(b, loc, wide, constant(perWord - 1));
  Value shift = arith::MulIOp::create(b, loc, place, constant(bitsOfByte));
  Value byte = arith::AndIOp::create(b, loc, arith::ShRUIOp::create(b, loc, table, shift),
                                     constant(UINT8_MAX));
  return arith::TruncIOp::create(b, loc, b.getI32Type(), byte);
}

Value optc::createCode(OpBuilder &b, Location loc, Value byte, Value plane, int64_t bits,
                       DenseI8ArrayAttr codebook) {
  Type i32 = b.getI32Type();
  Value number = arith::IndexCastOp::create(b, loc, i32, plane);
  Value shift =
      arith::MulIOp::create(b, loc, number, arith::ConstantIntOp::create(b, loc, bits, 32));
  Value code = arith::ExtUIOp::create(b, loc, i32, byte);
  code = arith::ShRUIOp::create(b, loc, code, shift);
  code = arith::AndIOp::create(b, loc, code,
                               arith::ConstantIntOp::create(b, loc, (1 << bits) - 1, 32));
  return codebook ? lookUp(b, loc, code, codebook) : code;
}

bool optc::isCodebook(DenseI8ArrayAttr codebook, int64_t bits) {
  return !codebook || (bits < 8 && codebook.size() == int64_t(1) << bits);
}
