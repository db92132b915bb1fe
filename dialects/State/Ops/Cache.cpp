//===- Ops/Cache.cpp - caches of keys and values -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rules of Cache.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/State/State.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::state;

LogicalResult AppendOp::inferShapes(SymbolicShapes &shapes) {
  Shape cache = shapes.getShape(getCache()), rows = shapes.getShape(getRows()),
        length = shapes.getShape(getLength());
  int64_t axis = getAxis();
  if (cache.size() != rows.size() || axis < 0 || axis >= static_cast<int64_t>(cache.size()) ||
      getElementTypeOrSelf(getCache()) != getElementTypeOrSelf(getRows()) ||
      getElementTypeOrSelf(getCache()) != getElementTypeOrSelf(getResult()))
    return emitOpError("[state.append.R1] adds ")
           << getRows().getType() << " along dim " << axis << " to " << getCache().getType();
  for (auto [i, pair] : llvm::enumerate(llvm::zip_equal(cache, rows))) {
    auto have = getConstant(std::get<0>(pair)), add = getConstant(std::get<1>(pair));
    if (static_cast<int64_t>(i) != axis && have && add && *have != *add)
      return emitOpError("[state.append.R2] dim ")
             << i << " of the cache has " << *have << " elements, that of the rows " << *add;
  }
  if (length.size() > 1 || !getElementTypeOrSelf(getLength()).isInteger(64) ||
      (length.size() == 1 && getConstant(length[0]) != 1))
    return emitOpError("[state.append.R3] the length is one i64, and not ")
           << getLength().getType();
  shapes.setShape(getResult(), cache);
  return success();
}
