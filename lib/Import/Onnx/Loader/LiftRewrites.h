//===- LiftRewrites.h - old ops that need other nodes around them -------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rewrites before the version converter runs, for ops whose operands changed meaning.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_LIFTREWRITES_H
#define OPTC_IMPORT_ONNX_LOADER_LIFTREWRITES_H

#include "onnx/onnx_pb.h"

namespace optc::onnximport {

class Names;

/// - PRelu before opset 7: a slope of shape [C] meant one value per channel, now it is
///   broadcast from the right: it becomes [C, 1, ..., 1].
/// - Binary ops before opset 7 broadcast only if told to, from a given axis on: the second
///   operand gets the dimensions that follow.
/// - Scan of opset 8 had a batch axis: with a batch of one it is taken off its operands
///   and put back on its results, any other batch is refused.
/// `opset` is the model's; types must have been inferred.
void rewriteBeforeLifting(onnx::ModelProto &model, int64_t opset, Names &names);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_LIFTREWRITES_H
