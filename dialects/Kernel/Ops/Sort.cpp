//===- Sort.cpp - sorting ---------------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verifier of the op in Sort.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Kernel.h"

using namespace mlir;
using namespace optc::kernel;

LogicalResult ArgSortOp::verify() {
  auto keys = cast<ShapedType>(getKeys().getType()), init = cast<ShapedType>(getInit().getType());
  if (keys.getRank() != init.getRank() || keys.getRank() == 0)
    return emitOpError("[kernel.argsort.R1] keys have rank ")
           << keys.getRank() << ", the init has " << init.getRank()
           << "; both need one, at least 1";
  if (!init.getElementType().isSignlessInteger(64))
    return emitOpError("[kernel.argsort.R2] the init has elements of type ")
           << init.getElementType();
  return success();
}
