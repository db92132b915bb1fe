//===- BlockWeight.h - a weight as codes of few bits --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// No MLIR here. A matrix [rows, depth] is cut into blocks along its depth; each number becomes a
// code, and stands for (code - zero) * scale of its block.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_COMPRESS_BLOCKWEIGHT_H
#define OPTC_COMPRESS_BLOCKWEIGHT_H

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace optc::compress {

/// What codes stand for, other than their number: the quantiles of a normal distribution (T.
/// Dettmers et al., QLoRA, 2023), or what suits a weight best. Of 4 bits only; in steps of 1/127.
enum class Codebook : uint8_t { None, Normal, Learned };

/// "none", "nf4", "learned".
const char *nameOf(Codebook codebook);
std::optional<Codebook> codebookOf(std::string_view name);

struct BlockFormat {
  int64_t bits = 4, block = 32;
  /// Whether each block has a zero of its own, an f16. Else it is the middle, and the scale may be
  /// negative, so that the number of largest magnitude has the code that has no opposite.
  bool hasZeros = false;
  /// Whether the data of products are rounded to bytes with a scale per block, too.
  bool roundsData = false;
  Codebook codebook = Codebook::None; ///< without zeros

  int64_t codes() const { return int64_t(1) << bits; }
  double middle() const { return static_cast<double>(codes() / 2); }
};

/// A matrix to be rounded.
struct BlockMatrix {
  std::vector<float> values; ///< [rows, depth]; the depth is a multiple of the block
  int64_t rows = 0, depth = 0;
};

struct BlockCodes {
  std::vector<uint8_t> codes;          ///< [rows, depth]
  std::vector<uint16_t> scales, zeros; ///< f16 [rows, depth / block]; zeros may be empty
  std::vector<int8_t> codebook;        ///< the numbers that codes stand for, in order, or empty

  /// What the codes of a row stand for.
  std::vector<float> getRow(int64_t row, int64_t depth, const BlockFormat &format) const;
};

/// Each block with the scale (and zero) of the least squared error found, column k counting
/// `counts[k]` and a little, or all the same where there are none.
BlockCodes roundBlocks(const BlockMatrix &matrix, const BlockFormat &format,
                       const std::vector<float> &counts);

} // namespace optc::compress

#endif // OPTC_COMPRESS_BLOCKWEIGHT_H
