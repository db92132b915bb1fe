//===- Check.cpp - checks of what only the run knows ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rules and folds of Check.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/Run/Run.h"

using namespace mlir;
using namespace optc::run;

LogicalResult RequireOp::verify() {
  if (getValues().size() > 2)
    return emitOpError("[run.require.R1] its message takes at most two values, there are ")
           << getValues().size();
  return success();
}

OpFoldResult CheckedIndexOp::fold(FoldAdaptor adaptor) {
  auto index = dyn_cast_or_null<IntegerAttr>(adaptor.getIndex());
  auto size = dyn_cast_or_null<IntegerAttr>(adaptor.getSize());
  if (index && size && index.getInt() >= 0 && index.getInt() < size.getInt())
    return getIndex();
  return {};
}
