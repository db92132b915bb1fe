//===- GatheredConv.h - convolutions with filters of unknown sizes -------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// nn.conv has static windows and channels. A filter whose sizes only the run knows is a matrix,
// which is multiplied with what its taps read at every place: that is gathered first (im2col). It
// takes more time and memory than nn.conv, so it is for such filters only.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_GATHEREDCONV_H
#define OPTC_IMPORT_ONNX_GATHEREDCONV_H

#include "lib/Import/Onnx/Importer.h"

namespace optc::onnximport {

/// Conv by the node's attributes: `input` [N, g * C, space..], `filter` [O, C, taps..] -> [N, O,
/// space..]. `group` is g as a tensor<1xi64>.
mlir::FailureOr<mlir::Value> buildGatheredConv(NodeImport &n, mlir::Value input, mlir::Value filter,
                                               mlir::Value group);

/// ConvTranspose by the node's attributes: `input` [N, g * C, space..], `filter` [g * C, O / g,
/// taps..] -> [N, O, space..].
mlir::FailureOr<mlir::Value> buildGatheredConvTranspose(NodeImport &n, mlir::Value input,
                                                        mlir::Value filter, mlir::Value group);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_GATHEREDCONV_H
