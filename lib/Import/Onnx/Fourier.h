//===- Fourier.h - discrete Fourier transforms as matrix products --------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Signals are [m, n, 1 or 2], real or complex, and so are spectra: a transform of n numbers is
// one product of rows [m, n * parts] with a matrix [n * parts, k * parts] of cosines and sines.
//
// Where that matrix would be large the length N = A * B is split as Cooley and Tukey do,
//   n = B a + b,  k = c + A d:
//   X[c + A d] = sum over b of e(bd / B) e(bc / N) (sum over a of e(ac / A) x[B a + b]),
// two transforms of shorter length with a product in between, the second one again in the same
// way. A length with a large prime factor is a convolution with a chirp (Bluestein), by transforms
// of a power of two. Lengths that only the run knows have one matrix, made then.
//
// The numbers of matrices known at compile time are computed in f64 and rounded once.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_FOURIER_H
#define OPTC_IMPORT_ONNX_FOURIER_H

#include "dialects/NN/Builder.h"

namespace optc::onnximport {

enum class FourierKind {
  Forward,
  Inverse,     ///< divided by the length
  RealInverse, ///< of the first half of a spectrum to a real signal
};

/// The tables of a known length are constants of about as many numbers: longer ones are refused.
constexpr int64_t maxTransformLength = 1 << 22;

/// The transform of `length` (tensor<1xi64>) numbers of x, which is cut or gets zeros behind so
/// that it has as many. Forward, `isHalf` gives the first length / 2 + 1 numbers only.
mlir::Value fourierTransform(nn::NNBuilder &b, mlir::Value x, mlir::Value length, FourierKind kind,
                             bool isHalf);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_FOURIER_H
