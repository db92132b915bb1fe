//===- BlockCodes.cpp - weights of few bits, in blocks ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See BlockCodes.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/QNN/BlockCodes.h"
#include "dialects/NN/Weights.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::qnn;

std::optional<SmallVector<uint8_t, 0>> optc::qnn::readCodes(ElementsAttr integers) {
  auto type = dyn_cast<IntegerType>(integers.getElementType());
  auto bytes = type && type.getWidth() > 1 ? readBytes(integers) : std::nullopt;
  if (!bytes)
    return std::nullopt;
  unsigned mask = (1u << type.getWidth()) - 1, half = type.isUnsigned() ? 0 : (mask + 1) / 2;
  for (uint8_t &byte : *bytes)
    byte = static_cast<uint8_t>((byte + half) & mask);
  return bytes;
}

SmallVector<uint8_t, 0> optc::qnn::transposeCodes(ArrayRef<uint8_t> codes, int64_t rows) {
  SmallVector<uint8_t, 0> across(codes.size());
  int64_t columns = rows ? static_cast<int64_t>(codes.size()) / rows : 0;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      across[column * rows + row] = codes[row * columns + column];
  return across;
}

ElementsAttr optc::qnn::packCodes(MLIRContext *context, ArrayRef<uint8_t> codes,
                                  const BlockShape &shape, ElementsAttr origin) {
  auto type = RankedTensorType::get({shape.rows, shape.blocks(), shape.plane()},
                                    IntegerType::get(context, 8, IntegerType::Unsigned));
  AsmResourceBlob blob = allocateWeights(type);
  auto *bytes = reinterpret_cast<uint8_t *>(blob.getMutableData().data());
  std::fill_n(bytes, type.getNumElements(), uint8_t(0));
  for (int64_t block = 0; block < shape.rows * shape.blocks(); ++block)
    for (int64_t i = 0; i < shape.block; ++i) {
      int64_t part = i / shape.plane(), place = i % shape.plane();
      bytes[block * shape.plane() + place] |= codes[block * shape.block + i] << (part * shape.bits);
    }
  return makeWeights(type, std::move(blob), origin);
}

Value optc::qnn::splitBlocks(NNBuilder &b, Value x, int64_t block) {
  SmallVector<int64_t> shape(b.rankOf(x) - 1, 0); // as they are
  shape.append({b.typeOf(x).getShape().back() / block, block});
  return b.reshape(x, shape);
}

Value optc::qnn::mergeBlocks(NNBuilder &b, Value x) {
  ArrayRef<int64_t> sizes = b.typeOf(x).getShape();
  SmallVector<int64_t> shape(sizes.size() - 2, 0);
  shape.push_back(sizes.back() * sizes[sizes.size() - 2]);
  return b.reshape(x, shape);
}

Value optc::qnn::dequantizeBlocks(NNBuilder &b, Value bytes, Value scale, Value zero,
                                  const BlockShape &shape, Type type) {
  Value codes = bytes;
  if (shape.bits < 8)
    codes = b.make<UnpackOp>(b.elementOf(bytes), bytes, b.getI64IntegerAttr(shape.bits),
                             shape.codebook);
  return mergeBlocks(b, b.make<DequantizeOp>(type, codes, scale, zero));
}

Value optc::qnn::roundBlocks(NNBuilder &b, Value x, int64_t block) {
  // A block of zeros has a scale, too.
  constexpr double least = 1e-30;
  Value blocks = splitBlocks(b, x, block);
  Value most = b.reduce(ReduceKind::Max, b.unary(UnaryKind::Abs, blocks), {b.rankOf(blocks) - 1});
  Value scale = b.binary(BinaryKind::Max, b.binary(BinaryKind::Mul, most, 1.0 / 127), least);
  Value bytes = b.make<QuantizeOp>(b.getIntegerType(8), blocks, scale, Value());
  return mergeBlocks(b, b.make<DequantizeOp>(b.elementOf(x), bytes, scale, Value()));
}
