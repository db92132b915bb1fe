//===- RandomStream.h - pseudo-random numbers ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Numbers that depend on nothing but the node and the position of an element: the generator
// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014),
// of which element i is mix(key + (i + 1) * gamma), so that any part can be computed in any order.
//
// The key is made of the attribute `seed`, or where there is none of the node's name; in loops
// of the iterations, too. So a model gives the same numbers in every run and on every machine.
// Nodes of one seed and shape have the same numbers, as in ONNX Runtime; but not its numbers.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_RANDOMSTREAM_H
#define OPTC_IMPORT_ONNX_RANDOMSTREAM_H

#include "lib/Import/Onnx/Importer.h"

namespace optc::onnximport {

class RandomStream {
public:
  /// Numbers for a tensor of the sizes in `shape`, an i64 vector.
  RandomStream(NodeImport &n, mlir::Value shape);

  /// The type in which numbers for elements of `type` are computed.
  static mlir::Type computeType(mlir::Type type);
  /// Uniform in [0, 1), of f32 with 24 or of f64 with 53 bits.
  mlir::Value uniform(mlir::Type type);
  /// Normal with mean 0 and variance 1, of f32 or f64.
  mlir::Value normal(mlir::Type type);

private:
  /// 64 bits per element, as ui64; `which` of `perElement` of them.
  mlir::Value bits(int64_t which, int64_t perElement);
  mlir::Value mix(mlir::Value z);
  mlir::Value word(uint64_t value);
  mlir::Value shift(nn::BinaryKind kind, mlir::Value x, int64_t count);
  /// The upper `count` bits as a number of `type` in [0, 2^count).
  mlir::Value upper(mlir::Value x, int64_t count, mlir::Type type);

  nn::NNBuilder &b;
  mlir::Value shape;
  mlir::Value key; ///< ui64, a scalar
};

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_RANDOMSTREAM_H
