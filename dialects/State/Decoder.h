//===- Decoder.h - what a decoder reads and keeps ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The inputs of a decoder by what is computed with them.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_STATE_DECODER_H
#define OPTC_DIALECTS_STATE_DECODER_H

#include "dialects/State/State.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace optc::state {

/// An output that is an input with rows behind it.
struct Cache {
  mlir::BlockArgument past;
  nn::ConcatOp present;
  int64_t axis;
  unsigned output; ///< number of the result
};

struct Decoder {
  mlir::BlockArgument tokens; ///< [batch, new], what rows of the vocabulary are gathered by
  mlir::BlockArgument length; ///< tensor<1xi64>: how many tokens are cached
  llvm::SmallVector<mlir::BlockArgument> masks, positions;
  llvm::SmallVector<Cache> caches;

  /// Adds the argument `length` where there is none yet. Nothing, with a diagnostic, if the
  /// function is no decoder.
  static std::optional<Decoder> match(mlir::func::FuncOp func);
};

/// The name of the input `length`.
constexpr llvm::StringLiteral lengthName = "optc.length";

} // namespace optc::state

#endif // OPTC_DIALECTS_STATE_DECODER_H
