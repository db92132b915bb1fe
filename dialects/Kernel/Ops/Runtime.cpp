//===- Runtime.cpp - runtime ops -----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verifiers and folds of the ops in Runtime.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Kernel.h"

using namespace mlir;
using namespace optc::kernel;

LogicalResult RequireOp::verify() {
  if (getValues().size() > 2)
    return emitOpError("takes at most two values for its message");
  return success();
}

LogicalResult OutputOp::verify() {
  auto type = cast<MemRefType>(getResult().getType());
  if (type.getNumDynamicDims() != static_cast<int64_t>(getSizes().size()))
    return emitOpError("needs one size per dynamic dimension of its result");
  return success();
}

OpFoldResult CheckedIndexOp::fold(FoldAdaptor adaptor) {
  auto index = dyn_cast_or_null<IntegerAttr>(adaptor.getIndex());
  auto size = dyn_cast_or_null<IntegerAttr>(adaptor.getSize());
  if (index && size && index.getInt() >= 0 && index.getInt() < size.getInt())
    return index;
  return {};
}
