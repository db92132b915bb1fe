//===- WindowAttributes.h - strides, dilations and pads of ONNX ----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sliding-window attributes that convolutions and pools share, with auto_pad
// resolved, and the way to channels-last data and back.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_WINDOWATTRIBUTES_H
#define OPTC_IMPORT_ONNX_WINDOWATTRIBUTES_H

#include "lib/Import/Onnx/Importer.h"

namespace optc::onnximport {

struct WindowAttributes {
  llvm::SmallVector<int64_t> sizes, strides, dilations, pads;
  /// Channels-last input; padded already where auto_pad depends on dynamic sizes.
  mlir::Value input;
};

/// [N, C, space..] -> [N, space.., C] and back.
mlir::Value toChannelsLast(nn::NNBuilder &b, mlir::Value value);
mlir::Value toChannelsFirst(nn::NNBuilder &b, mlir::Value value);

/// Reads the attributes for windows of `sizes` over operand 0, which is [N, C, space..].
/// `padValue`, or `border` if it is not null, fills where the amounts are known only at run time;
/// without one that is refused.
mlir::FailureOr<WindowAttributes> readWindows(NodeImport &n, llvm::ArrayRef<int64_t> sizes,
                                              mlir::Value input, std::optional<double> padValue,
                                              mlir::Value border = {});

/// Attribute `name` with `rank` elements, or as many times `fallback`.
mlir::FailureOr<llvm::SmallVector<int64_t>> readInts(NodeImport &n, llvm::StringRef name,
                                                     size_t rank, int64_t fallback);

/// output_shape of a transposed convolution: one size per spatial dimension, or none.
mlir::FailureOr<llvm::SmallVector<int64_t>> readOutputShape(NodeImport &n, size_t rank);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_WINDOWATTRIBUTES_H
