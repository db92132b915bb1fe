//===- WeightsImage.h - the bytes of the weights image -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads the weights image that place-weights planned, as ranges of memory that stay where
// they are (mapped files mostly): the artifact streams them.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_PLACE_WEIGHTSIMAGE_H
#define OPTC_PLACE_WEIGHTSIMAGE_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"

namespace optc::place {

/// One constant of the image. Bytes between ranges are zero.
struct WeightsRange {
  uint64_t offset;
  llvm::ArrayRef<char> bytes;
};

/// The ranges of the module's weights image by offset, without copies: they live as long
/// as the MLIR context. Empty without weights.
mlir::FailureOr<std::vector<WeightsRange>> weightsImage(mlir::ModuleOp module);

} // namespace optc::place

#endif // OPTC_PLACE_WEIGHTSIMAGE_H
