//===- BlockCodes.h - weights of few bits, in blocks --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How a matrix [N, K] of few bits is written in nn and qnn, so that qnn-form-blocks knows it:
//
//     reshape(dequantize(unpack(bytes [N, blocks, plane]), scale [N, blocks, 1]) [N, blocks,
//     block])
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_QNN_BLOCKCODES_H
#define OPTC_DIALECTS_QNN_BLOCKCODES_H

#include "dialects/NN/Builder.h"
#include "dialects/QNN/QNN.h"

namespace optc::qnn {

/// Codes of `bits` (1, 2, 4 or 8) of them each, or places in a codebook, blocks of `block` along K.
struct BlockShape {
  int64_t rows, depth; ///< N, K
  int64_t bits, block;
  mlir::DenseI8ArrayAttr codebook = {};

  int64_t blocks() const { return depth / block; }
  int64_t plane() const { return block * bits / 8; }
};

/// Integers of at most 8 bits, in order, without their sign: those that have one are larger by half
/// of what their bits hold. Nothing for other constants.
std::optional<llvm::SmallVector<uint8_t, 0>> readCodes(mlir::ElementsAttr integers);

/// Codes [rows, columns] as [columns, rows].
llvm::SmallVector<uint8_t, 0> transposeCodes(llvm::ArrayRef<uint8_t> codes, int64_t rows);

/// Codes [N, K], one per byte, as a constant ui8 [N, blocks, plane] in planes.
mlir::ElementsAttr packCodes(mlir::MLIRContext *context, llvm::ArrayRef<uint8_t> codes,
                             const BlockShape &shape, mlir::ElementsAttr origin);

/// What bytes in planes [.., blocks, plane] stand for, [.., K]. Scale and zero are [.., blocks, 1];
/// the zero may be one number.
mlir::Value dequantizeBlocks(nn::NNBuilder &b, mlir::Value bytes, mlir::Value scale,
                             mlir::Value zero, const BlockShape &shape, mlir::Type type);

/// x [.., K] with blocks of K as dims of their own, [.., blocks, block]; and back.
mlir::Value splitBlocks(nn::NNBuilder &b, mlir::Value x, int64_t block);
mlir::Value mergeBlocks(nn::NNBuilder &b, mlir::Value x);

/// What is left of x [.., K] of f32 as bytes with a sign, with one scale for each block: largest
/// magnitude / 127.
mlir::Value roundBlocks(nn::NNBuilder &b, mlir::Value x, int64_t block);

} // namespace optc::qnn

#endif // OPTC_DIALECTS_QNN_BLOCKCODES_H
