//===- ConstantImport.h - ONNX tensors as attributes ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Element types and constant tensors of ONNX as MLIR types and attributes.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_CONSTANTIMPORT_H
#define OPTC_IMPORT_ONNX_CONSTANTIMPORT_H

#include "dialects/NN/Builder.h"
#include "lib/Import/Onnx/Model.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"

namespace optc::onnximport {

/// Larger tensors become resource blobs over the model's mapped memory.
constexpr size_t maxDenseBytes = 1024;

mlir::FailureOr<mlir::ElementsAttr> convertTensor(const Tensor &tensor, mlir::Location loc);

/// Whether constants of an element type are stored only: floats of at most 8 bits, which
/// `widenStored` makes f32 of.
bool isStoredOnly(mlir::Type element);
/// The same numbers in f32; other values as they are.
mlir::Value widenStored(nn::NNBuilder &b, mlir::Value x);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_CONSTANTIMPORT_H
