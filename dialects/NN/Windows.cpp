//===- Windows.cpp - sliding windows -------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Windows.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Windows.h"
#include "mlir/IR/Operation.h"

using namespace mlir;
using namespace optc::nn;

DimExpr Windows::count(SymbolicShapes &shapes, size_t dim, DimExpr input) const {
  int64_t before = pads[dim], after = pads[rank() + dim], stride = strides[dim];
  DimExpr step = shapes.constant(stride);
  if (!ceil) {
    DimExpr room = shapes.add(input, shapes.constant(before + after - extent(dim)));
    return shapes.add(shapes.floorDiv(room, step), shapes.constant(1));
  }
  // min(ceil((input + before + after - extent) / stride) + 1, ceil((input + before) / stride));
  // which one is smaller does not depend on the input.
  int64_t slack = std::min<int64_t>(after - extent(dim) + stride, 0);
  return shapes.ceilDiv(shapes.add(input, shapes.constant(before + slack)), step);
}

LogicalResult Windows::verify(Operation *op, StringRef rule, size_t spatialRank) const {
  if (rank() != spatialRank || strides.size() != spatialRank || dilations.size() != spatialRank ||
      pads.size() != 2 * spatialRank)
    return op->emitOpError("[") << rule << "] has " << rank() << " window sizes, " << strides.size()
                                << " strides, " << dilations.size() << " dilations and "
                                << pads.size() << " pads for " << spatialRank
                                << " spatial dimensions";
  auto isPositive = [](int64_t value) { return value > 0; };
  if (!llvm::all_of(sizes, isPositive) || !llvm::all_of(strides, isPositive) ||
      !llvm::all_of(dilations, isPositive) ||
      llvm::any_of(pads, [](int64_t value) { return value < 0; }))
    return op->emitOpError("[") << rule
                                << "] window sizes, strides and dilations must be "
                                   "positive, pads not negative";
  return success();
}
