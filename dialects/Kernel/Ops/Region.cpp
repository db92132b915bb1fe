//===- Region.cpp - what regions of kernel ops need -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rules of Region.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Kernel.h"

using namespace mlir;
using namespace optc::kernel;

LogicalResult LookUpOp::verify() {
  constexpr int64_t entries = 256;
  if (static_cast<int64_t>(getTable().size()) != entries)
    return emitOpError("[kernel.look_up.R1] has a table of ")
           << getTable().size() << " entries, needed are " << entries;
  return success();
}
