//===- UnrankedOutputs.h - outputs of a rank only the run knows -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Attributes of an entry's results. An output whose rank only the run knows is a result of rank 1,
// its elements in a row, and a further result, its shape. Further results are behind the outputs.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_NN_UNRANKEDOUTPUTS_H
#define OPTC_DIALECTS_NN_UNRANKEDOUTPUTS_H

#include "llvm/ADT/StringRef.h"

namespace optc::nn {

/// On the elements: the ranks the output may have, ascending.
constexpr llvm::StringLiteral ranksAttr = "nn.ranks";
/// On the shape: the number of the output.
constexpr llvm::StringLiteral shapeOfAttr = "nn.shape_of";

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_UNRANKEDOUTPUTS_H
