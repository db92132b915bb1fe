//===- FourierTables.h - the constants of Fourier transforms -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Complex numbers are pairs, as the last dimension of every table.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_FOURIERTABLES_H
#define OPTC_IMPORT_ONNX_FOURIERTABLES_H

#include "lib/Import/Onnx/Fourier.h"

namespace optc::onnximport {

/// The matrix of a transform of `length` numbers, of which `rows` are read and `columns` made.
struct FourierMatrix {
  FourierKind kind;
  int64_t inputParts, outputParts; ///< 1 for real, 2 for complex numbers

  /// [rows * inputParts, columns * outputParts], of floats of `type`.
  mlir::Value make(nn::NNBuilder &b, mlir::Type type, int64_t length, int64_t rows,
                   int64_t columns) const;
  /// The same of sizes (tensor<1xi64>) that only the run knows.
  mlir::Value make(nn::NNBuilder &b, mlir::Type type, mlir::Value length, mlir::Value rows,
                   mlir::Value columns) const;
};

/// e(sign * b * c / (numB * numC)) as [numB, numC, 2].
mlir::Value twiddleFactors(nn::NNBuilder &b, mlir::Type type, int64_t numB, int64_t numC, int sign);
/// The chirp e(sign * n^2 / (2 * length)) as [length, 2].
mlir::Value chirp(nn::NNBuilder &b, mlir::Type type, int64_t length, int sign);
/// The transform of `size` numbers, a power of two, of the conjugated chirp, as [size, 2].
mlir::Value chirpSpectrum(nn::NNBuilder &b, mlir::Type type, int64_t length, int sign,
                          int64_t size);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_FOURIERTABLES_H
