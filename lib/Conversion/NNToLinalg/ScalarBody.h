//===- ScalarBody.h - scalar semantics of elementwise ops ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The scalar code of nn's elementwise functions in arith and math ops. Values are
// lowered: i1 is carried as i8 0/1 in tensors, but as i1 between the two functions
// `loadElement` and `storeElement`; f16 and bf16 compute in f32.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_CONVERSION_NNTOLINALG_SCALARBODY_H
#define OPTC_CONVERSION_NNTOLINALG_SCALARBODY_H

#include "dialects/NN/NN.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace optc::nn {

using ScalarBuilder = mlir::ImplicitLocOpBuilder;

/// A stored element of nn type `type` as the value scalar code works on.
mlir::Value loadElement(ScalarBuilder &b, mlir::Value stored, mlir::Type type);
/// The inverse.
mlir::Value storeElement(ScalarBuilder &b, mlir::Value value, mlir::Type type);

mlir::Value scalarConstant(ScalarBuilder &b, mlir::Type valueType, double value);
/// `type` is the nn element type of the operands. The result of is_nan is i1.
mlir::Value scalarUnary(ScalarBuilder &b, UnaryKind kind, mlir::Value x, mlir::Type type);
mlir::Value scalarBinary(ScalarBuilder &b, BinaryKind kind, mlir::Value x, mlir::Value y,
                         mlir::Type type);
mlir::Value scalarCompare(ScalarBuilder &b, ComparePredicate predicate, mlir::Value x,
                          mlir::Value y, mlir::Type type);
mlir::Value scalarCast(ScalarBuilder &b, mlir::Value x, mlir::Type from, mlir::Type to);

} // namespace optc::nn

#endif // OPTC_CONVERSION_NNTOLINALG_SCALARBODY_H
